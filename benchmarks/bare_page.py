"""What the product's pages are compared with: Flask, one query, one template, and nothing else.

No sessions, no sign-in, no permissions, no languages, no frame, no cart, no headers. `/` lists twenty orders of a
customer, as the order list does; `/one` shows a single order and is about the least that Flask, SQLAlchemy and
Jinja can do together. Served by the same gunicorn settings from the same database with the same driver.
"""

from __future__ import annotations

from uuid import UUID

from flask import Flask, render_template, request
from jinja2 import DictLoader
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import get_engine
from crm.orders.models import Order

TEMPLATES = {
    "list.html": """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Orders</title></head>
<body><h1>Orders</h1>
<table><tr><th>Number</th><th>State</th><th>Placed</th><th>Total</th></tr>
{% for order in orders %}<tr><td><a href="/orders/{{ order.number }}">{{ order.number }}</a></td><td>{{ order.state }}</td>
<td>{{ order.placed_at.date() }}</td><td>{{ "%.2f"|format(order.total) }} {{ order.currency }}</td></tr>
{% endfor %}</table></body></html>""",
    "one.html": """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Order</title></head>
<body><h1>Order {{ order.number }}</h1>
<p>{{ order.state }}, {{ order.placed_at.date() }}, {{ "%.2f"|format(order.total) }} {{ order.currency }}</p>
</body></html>""",
}
COLUMNS = (Order.number, Order.state, Order.placed_at, Order.total, Order.currency)

application = Flask(__name__)
application.jinja_loader = DictLoader(TEMPLATES)  # type: ignore[assignment]


@application.get("/")
def orders() -> str:
    with Session(get_engine()) as session:
        found = session.execute(
            select(*COLUMNS)
            .where(Order.account_id == request.args.get("account", type=UUID))
            .order_by(Order.placed_at.desc(), Order.id.desc())
            .limit(20)
        ).all()
        return render_template("list.html", orders=found)


@application.get("/one")
def one() -> str:
    with Session(get_engine()) as session:
        found = session.execute(select(*COLUMNS).where(Order.number == request.args["number"])).one()
        return render_template("one.html", order=found)
