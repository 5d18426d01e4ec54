"""Orders for programs."""

from __future__ import annotations

import hashlib
import uuid

from flask import Blueprint, Response, jsonify, request
from pydantic import ValidationError
from spectree import Response as Answers
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.documents import SPEC, document
from api.idempotency import digest_of, once, read_key
from api.schemas import (
    KeyHeader,
    LineOut,
    OrderIn,
    OrderListOut,
    OrderListQuery,
    OrderOut,
    OrderSummaryOut,
    Problem,
)
from core import limits
from core.errors import Invalid, NotFound
from core.i18n import pick
from core.transaction import reading
from core.web.context import actor
from core.web.jsonbody import read_json
from core.web.policy import allow
from crm.catalogue.models import Product
from crm.orders.access import get_order
from crm.orders.models import ORDER_STATES, Order
from crm.orders.placing import place_order
from crm.orders.queries import OrderFilter, list_orders

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
RATE = "300 per 1 minute"
LONGEST_NUMBER = 40


@blueprint.before_request
def _count() -> None:
    """Each token has a rate of its own; the policy was asked before."""
    token = request.headers.get("Authorization", "")
    if actor().kind == "api":
        limits.hit(RATE, "api", hashlib.sha256(token.encode("utf-8", "replace")).hexdigest())


def order_out(order: Order) -> OrderOut:
    address = {key: value for key, value in order.delivery_address.items() if value}
    lines = [
        LineOut(
            position=line.position,
            kind=line.kind,
            sku=line.sku,
            name=pick(line.names, order.locale),
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
        )
        for line in order.lines
    ]
    return OrderOut(
        number=order.number,
        state=order.state,
        payment_method=order.payment_method,
        payment_state=order.payment_state,
        delivery_method=order.delivery_method,
        currency=order.currency,
        items_total=order.items_total,
        delivery_total=order.delivery_total,
        tax_total=order.tax_total,
        total=order.total,
        placed_at=order.placed_at,
        promised_on=order.promised_on,
        delivered_at=order.delivered_at,
        delivery_address=address,
        lines=lines,
    )


def _wanted(session: Session, body: OrderIn) -> dict[uuid.UUID, int]:
    """SKU -> id. Raises Invalid naming each line whose product we do not have, or that comes twice."""
    skus = [line.sku for line in body.lines]
    known = {
        row.sku: row.id
        for row in session.execute(select(Product.id, Product.sku).where(Product.sku.in_(skus)))
    }
    wrong: list[Invalid] = []
    wanted: dict[uuid.UUID, int] = {}
    for position, line in enumerate(body.lines):
        product_id = known.get(line.sku)
        if product_id is None:
            wrong.append(Invalid("orders.unknown_product", field=f"lines.{position}.sku"))
        elif product_id in wanted:
            wrong.append(Invalid("orders.product_twice", field=f"lines.{position}.sku"))
        else:
            wanted[product_id] = line.quantity
    if wrong:
        raise Invalid(errors=wrong)
    return wanted


@blueprint.post("/orders")
@allow.token("orders:write")
@SPEC.validate(
    json=OrderIn, headers=KeyHeader,
    resp=Answers(
        HTTP_201=OrderOut, HTTP_400=Problem, HTTP_401=Problem, HTTP_403=Problem, HTTP_409=Problem,
        HTTP_413=Problem, HTTP_415=Problem, HTTP_422=Problem, HTTP_429=Problem,
    ),
    tags=["orders"], skip_validation=True, operation_id="place_order",
)  # fmt: skip
def create() -> Response:
    """Place an order

    Needs the header `Idempotency-Key`. The same key with the same body gives the same answer and never a second
    order, for at least 24 hours.
    """
    key = read_key()
    body = read_json(OrderIn)
    who = actor()
    assert who.user_id is not None

    def act(session: Session) -> tuple[int, str]:
        order = place_order(
            session,
            actor=who,
            lines=_wanted(session, body),
            key=f"api:{key}",
            address=body.delivery_address.model_dump() if body.delivery_address else None,
            delivery_method=body.delivery_method,
            pickup_point=body.pickup_point,
            payment_method=body.payment_method,
            payment_token=body.payment_token,
            note=body.note,
            source="api",
        )
        return 201, order_out(order).model_dump_json()

    return once(who.user_id, key, digest_of(body), act)


@blueprint.get("/orders")
@allow.token("orders:read")
@SPEC.validate(
    query=OrderListQuery,
    resp=Answers(
        HTTP_200=OrderListOut, HTTP_400=Problem, HTTP_401=Problem, HTTP_403=Problem, HTTP_422=Problem, HTTP_429=Problem
    ),
    tags=["orders"], skip_validation=True, operation_id="list_orders",
)  # fmt: skip
def index() -> Response:
    """List orders, newest first"""
    wanted = _query()
    with reading() as session:
        page = list_orders(
            session, actor(), OrderFilter(state=wanted.state or ""), cursor=wanted.after, limit=wanted.limit
        )
        found = OrderListOut(
            orders=[
                OrderSummaryOut(
                    number=row.order.number,
                    state=row.order.state,
                    currency=row.order.currency,
                    total=row.order.total,
                    placed_at=row.order.placed_at,
                    promised_on=row.order.promised_on,
                )
                for row in page.rows
            ],
            next=page.older,
        )
    return Response(found.model_dump_json(), mimetype="application/json")


def _query() -> OrderListQuery:
    given = request.args.to_dict(flat=False)
    doubled = [
        Invalid("json.value", field=name, detail="given twice")
        for name, values in given.items()
        if len(values) > 1
    ]
    try:
        wanted = OrderListQuery.model_validate({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        raise Invalid(
            errors=[
                Invalid("json.value", field=".".join(str(part) for part in item["loc"]), detail=item["msg"])
                for item in error.errors(include_url=False, include_input=False)
            ]
        ) from None
    if wanted.state is not None and wanted.state not in ORDER_STATES:
        doubled.append(Invalid("json.value", field="state", detail="unknown state"))
    if doubled:
        raise Invalid(errors=doubled)
    return wanted


@blueprint.get("/orders/<number>")
@allow.token("orders:read")
@SPEC.validate(
    resp=Answers(HTTP_200=OrderOut, HTTP_401=Problem, HTTP_403=Problem, HTTP_404=Problem, HTTP_422=Problem, HTTP_429=Problem),
    tags=["orders"], skip_validation=True, operation_id="get_order",
)  # fmt: skip
def show(number: str) -> Response:
    """One order by its number"""
    if len(number) > LONGEST_NUMBER:
        raise NotFound
    with reading() as session:
        return Response(
            order_out(get_order(session, actor(), number)).model_dump_json(), mimetype="application/json"
        )


@blueprint.get("/openapi.json")
@allow.public
def openapi() -> Response:
    """The description of this API."""
    return jsonify(document())
