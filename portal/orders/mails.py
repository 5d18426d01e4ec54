"""The mails about orders. Each runs in a job; a second run of the same job sends nothing new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.i18n import _, current_locale, pick, speaking
from core.jobs import job
from core.mail import queue_mail
from core.mail.models import Mail
from core.money import Money
from core.settings import get_settings
from core.web.mail_rendering import absolute, render_mail
from crm.identity.models import User
from crm.orders import words
from crm.orders.carriers import carrier_name, tracking_url
from crm.orders.detail import ShipmentDetail, get_detail
from crm.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderReleased,
    OrderShipped,
    PaymentDeclined,
)
from crm.orders.links import mint_link
from crm.orders.models import Order
from crm.orders.search import number_candidates

LOOK_UP = "orders.mail_link"
MOST_LINKS_A_DAY = 5  # to one address, so that the form cannot fill somebody's mailbox
MOST_LINES = 40


def confirm_placed(session: Session, event: OrderPlaced) -> None:
    _send(session, event.order_id, "order-confirmation", str(event.order_id), _placed)


def tell_declined(session: Session, event: PaymentDeclined) -> None:
    _send(session, event.order_id, "payment-declined", str(event.payment_id), _declined)


def tell_released(session: Session, event: OrderReleased) -> None:
    _send(session, event.order_id, "order-cancelled", str(event.order_id), _released)


def tell_cancelled(session: Session, event: OrderCancelled) -> None:
    _send(session, event.order_id, "order-cancelled", str(event.order_id), _cancelled)


def tell_shipped(session: Session, event: OrderShipped) -> None:
    _send(
        session,
        event.order_id,
        "order-shipped",
        str(event.shipment_id),
        _shipped,
        shipment_id=event.shipment_id,
    )


def tell_delivered(session: Session, event: OrderDelivered) -> None:
    _send(session, event.order_id, "order-delivered", str(event.order_id), _delivered)


def _placed(order: Order, context: dict[str, Any]) -> str:
    context.update(
        heading=_("Thank you, we have your order"),
        paragraphs=[
            _(
                "Your order %(number)s has reached us. We write again as soon as a parcel leaves.",
                number=order.number,
            )
        ],
        with_lines=True,
    )
    return _("Your order %(number)s", number=order.number)


def _declined(order: Order, context: dict[str, Any]) -> str:
    context.update(
        heading=_("Your card was declined"),
        paragraphs=[
            _(
                "The payment for order %(number)s did not go through, and nothing was charged.",
                number=order.number,
            ),
            _(
                "We keep the goods for you for two hours. Sign in and choose another card or another way to pay."
            ),
        ],
        button=(absolute(f"/orders/{order.number}"), _("Pay in another way")),
    )
    return _("Payment for order %(number)s declined", number=order.number)


def _released(order: Order, context: dict[str, Any]) -> str:
    context.update(
        heading=_("Your order is cancelled"),
        paragraphs=[
            _(
                "No payment arrived for order %(number)s, so it is cancelled. Nothing was charged.",
                number=order.number,
            ),
            _("Do you still want the goods? Open the order and choose “Order again”."),
        ],
    )
    return _("Order %(number)s is cancelled", number=order.number)


def _cancelled(order: Order, context: dict[str, Any]) -> str:
    paragraphs = [_("Order %(number)s is cancelled. Nothing more will be sent.", number=order.number)]
    if order.payment_state == "voided":
        paragraphs.append(
            _("Your card is not charged. A reserved amount is released by your bank within a few days.")
        )
    context.update(heading=_("Your order is cancelled"), paragraphs=paragraphs)
    return _("Order %(number)s is cancelled", number=order.number)


def _shipped(order: Order, context: dict[str, Any]) -> str:
    item: ShipmentDetail | None = context["parcel"]
    is_pickup = item is not None and item.shipment.carrier == "pickup"
    is_whole = order.state in {"shipped", "delivered"}
    if is_pickup:
        heading, subject = (
            _("Your order is ready"),
            _("Order %(number)s is ready to be fetched", number=order.number),
        )
        paragraphs = [_("You can fetch it from now on. Please bring the order number.")]
    else:
        heading, subject = (
            _("A parcel is on its way"),
            _("Order %(number)s: a parcel is on its way", number=order.number),
        )
        paragraphs = [
            _("With it everything of order %(number)s is sent.", number=order.number)
            if is_whole
            else _("It holds a part of order %(number)s. The rest follows.", number=order.number)
        ]
    context.update(heading=heading, paragraphs=paragraphs)
    return subject


def _delivered(order: Order, context: dict[str, Any]) -> str:
    context.update(
        heading=_("Everything has arrived"),
        paragraphs=[
            _("All parcels of order %(number)s are delivered. We hope you enjoy them.", number=order.number),
            _("Is something missing or broken? Answer this mail, or open the order."),
        ],
    )
    return _("Order %(number)s has arrived", number=order.number)


def _link(order: Order, context: dict[str, Any]) -> str:
    context.update(
        heading=_("Here is your order"),
        paragraphs=[
            _("Somebody, probably you, asked for a link to order %(number)s.", number=order.number),
            _("It works for 60 days. Whoever has it can see the state of the order, so do not pass it on."),
        ],
    )
    return _("Your link to order %(number)s", number=order.number)


def _send(
    session: Session,
    order_id: UUID,
    kind: str,
    key: str,
    write: Any,
    *,
    shipment_id: UUID | None = None,
    to: str | None = None,
) -> None:
    """Writes one mail about an order in its customer's language, with a link that needs no sign-in."""
    order = session.get(Order, order_id)
    if order is None:
        return
    user = session.get(User, order.user_id) if order.user_id else None
    recipient = to or order.email or (user.email if user else None)
    send_key = f"{kind}:{key}"
    if recipient is None or session.scalar(select(Mail.id).where(Mail.key == send_key)) is not None:
        return
    with speaking(order.locale, user.timezone if user else get_settings().default_timezone):
        detail = get_detail(session, order)
        parcel = next((item for item in detail.shipments if item.shipment.id == shipment_id), None)
        shipment = parcel.shipment if parcel else None
        url = absolute(f"/o/{mint_link(session, order.id)}")
        context: dict[str, Any] = {
            "order": order,
            "lines": [
                (item.line, pick(item.line.names) or item.line.sku) for item in detail.lines[:MOST_LINES]
            ],
            "more_lines": max(detail.line_count - MOST_LINES, 0),
            "with_lines": False,
            "parcel": parcel,
            "carrier": carrier_name(shipment.carrier) if shipment else None,
            "tracking": tracking_url(shipment.carrier, shipment.tracking_code) if shipment else None,
            "button": (url, _("Look at your order")),
            "words": words,
            "amount": lambda value: Money(value, order.currency),
        }
        subject = write(order, context)
        body = render_mail("orders/mail/letter", subject=subject, preheader=context["heading"], **context)
        queue_mail(
            session, key=send_key, to=recipient, subject=subject, text=body.text, html=body.html,
            locale=current_locale(), person_id=order.user_id, kind=kind, sensitive=True,
        )  # fmt: skip


@job(LOOK_UP)
def mail_link(session: Session, payload: JSONMap) -> None:
    """Sends the link if number and address belong together, and does nothing otherwise."""
    email = str(payload["email"]).strip().lower()[:254]
    found = session.execute(
        select(Order.id, Order.locale)
        .outerjoin(User, User.id == Order.user_id)
        .where(
            Order.number.in_(number_candidates(str(payload["number"]))),
            or_(func.lower(Order.email) == email, User.email == email),
        )
        .order_by(Order.placed_at.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return
    since = clock.now() - timedelta(days=1)
    sent = session.scalar(
        select(func.count()).where(
            Mail.recipient == email, Mail.created_at > since, Mail.kind == "order-link"
        )
    )
    if (sent or 0) >= MOST_LINKS_A_DAY:
        return
    key = f"{found.id}:{int(clock.now().timestamp() * 1000)}"
    _send(session, found.id, "order-link", key, _link, to=email)
