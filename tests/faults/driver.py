"""What tests of faults do inside an installation: `python -m tests.faults.driver <command>` answers with JSON."""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from sqlalchemy import select, update

import app.jobs  # noqa: F401
from core.jobs import broker, enqueue
from core.jobs.models import Job
from core.mail import queue_mail
from core.search import get_engine, get_spec, rebuild
from core.telemetry import configure_logging
from core.transaction import reading, transaction
from crm.catalogue.models import Product
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_user
from tests.factories.programs import make_token
from tests.faults import extra_jobs


def prepare(products: str) -> dict[str, Any]:
    """A buyer with a token, and products that lie in the index; nothing is left to do."""
    with transaction() as session:
        buyer = make_user(session, account=make_account(session, pays_on_account=True))
        goods = [make_product(session, on_hand=1000) for _ in range(int(products))]
        token = make_token(session, buyer)
        session.flush()
        found = {"token": token, "user_id": str(buyer.id), "skus": [product.sku for product in goods]}
    rebuild("product")
    with transaction() as session:
        session.execute(update(Job).values(state="done"))
    return found


def work(user_id: str, mails: str, orders: str) -> dict[str, Any]:
    """At one stroke: mails, orders placed by jobs, and a change of every product."""
    with transaction() as session:
        product_id = session.scalars(select(Product.id).order_by(Product.id)).first()
        for number in range(max(int(mails), int(orders))):
            if number < int(mails):
                queue_mail(
                    session, key=f"fault:{number}", to=f"reader{number}@example.test", subject=f"No. {number}",
                    text="Hello\n", kind="test",
                )  # fmt: skip
            if number < int(orders):
                payload = {"user_id": user_id, "product_id": str(product_id), "number": number}
                enqueue(session, extra_jobs.ORDER, payload, key=str(number))
        for product in session.scalars(select(Product)):
            product.names = {**product.names, "en": f"Changed {product.sku}"}
    return {"handed_over": broker.flush(20)}


def indexed() -> dict[str, Any]:
    """How many products' documents are those of the newest rows, and how many there are at all."""
    spec = get_spec("product")
    with reading() as session:
        rows = {row.id: row.revision for row in session.execute(select(Product.id, Product.revision))}
    held = get_engine().revisions(spec, list(rows))
    listed = get_engine().listing(spec, None, 10_000)
    return {
        "rows": len(rows),
        "newest": sum(held.get(row_id) == revision for row_id, revision in rows.items()),
        "listed": len(listed),
        "distinct": len({row_id for row_id, _ in listed}),
    }


def put(name: str, count: str, *, publish: str = "yes") -> list[str]:
    """Jobs of one name; "no" leaves them to the tick."""
    with transaction() as session:
        made = [enqueue(session, name, {"number": number}) for number in range(int(count))]
        if publish == "no":
            session.info.pop("after_commit", None)
    broker.flush(20)
    return [str(job_id) for job_id in made]


def deliver(job_id: str, times: str) -> int:
    """Hands the same id to the broker again and again."""
    return broker.publish([uuid.UUID(job_id)] * int(times))


COMMANDS = {command.__name__: command for command in (prepare, work, indexed, put, deliver)}

if __name__ == "__main__":
    configure_logging("WARNING")
    answer = COMMANDS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(answer))
