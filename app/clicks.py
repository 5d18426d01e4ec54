"""What the house itself knows becomes steps of a person's path: orders and requests, of those who agreed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from clickstream.services import record_server_event
from clickstream.vocabulary import ANSWERED, DELIVERED, ORDERED, REQUESTED
from crm.orders.events import OrderDelivered, OrderPlaced
from crm.orders.models import Order, OrderLine
from crm.service.events import CaseReplied, RequestOpened
from crm.service.models import Case


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """The order with its products, at the moment it was placed."""
    order = session.get(Order, event.order_id)
    if order is None:
        return
    products = session.scalars(
        select(OrderLine.product_id).where(OrderLine.order_id == order.id, OrderLine.product_id.is_not(None))
    )
    record_server_event(
        session,
        message_id=f"order.placed:{order.id}",
        name=ORDERED,
        person_id=order.user_id,
        at=order.placed_at,
        properties={
            "page_kind": "order",
            "page_id": str(order.id),
            "products": sorted({str(product_id) for product_id in products})[:50],
        },
    )


def on_order_delivered(session: Session, event: OrderDelivered) -> None:
    order = session.get(Order, event.order_id)
    if order is None or order.delivered_at is None:
        return
    record_server_event(
        session,
        message_id=f"order.delivered:{order.id}",
        name=DELIVERED,
        person_id=order.user_id,
        at=order.delivered_at,
        properties={"page_kind": "order", "page_id": str(order.id)},
    )


def on_request_opened(session: Session, event: RequestOpened) -> None:
    case = session.get(Case, event.case_id)
    if case is None:
        return
    record_server_event(
        session,
        message_id=f"case.opened:{case.id}",
        name=REQUESTED,
        person_id=case.user_id,
        at=case.opened_at,
        properties={"page_kind": "request", "page_id": str(case.id), "kind": case.kind},
    )


def on_case_replied(session: Session, event: CaseReplied) -> None:
    """The first answer only: later ones are a conversation, not a step."""
    case = session.get(Case, event.case_id)
    if case is None or case.first_reply_at is None:
        return
    record_server_event(
        session,
        message_id=f"case.answered:{case.id}",
        name=ANSWERED,
        person_id=case.user_id,
        at=case.first_reply_at,
        properties={"page_kind": "request", "page_id": str(case.id)},
    )
