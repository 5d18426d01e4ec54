"""The words for states and events of orders, the same for customers, staff, mails and programs."""

from __future__ import annotations

from typing import Any

from core.i18n import current_locale, pick, sentence
from core.i18n.locales import babel_locale
from crm.orders.carriers import carrier_name
from crm.orders.detail import Happened, Parcel
from crm.orders.models import Order, OrderEvent, Shipment

# state -> the kind of badge that carries the word; the word itself is in messages.py
ORDER_BADGES = {
    "awaiting_payment": "warning",
    "placed": "info",
    "confirmed": "info",
    "packing": "progress",
    "partly_shipped": "progress",
    "shipped": "progress",
    "delivered": "success",
    "cancelled": "neutral",
}
SHIPMENT_BADGES = {"packing": "info", "shipped": "progress", "delivered": "success"}


def order_state(state: str) -> str:
    return sentence(f"order.state.{state}")


def shipment_state(shipment: Shipment | Parcel) -> str:
    if shipment.carrier == "pickup" and shipment.state != "packing":
        return sentence(f"shipment.pickup.{shipment.state}")
    return sentence(f"shipment.state.{shipment.state}")


def country_name(code: str | None) -> str:
    """The country of an address; imports bring names instead of codes."""
    return str(babel_locale(current_locale()).territories.get(code or "", code or ""))


def delivery_method(code: str) -> str:
    return sentence(f"order.delivery.{code}")


def payment_text(order: Order) -> str:
    """How the order is paid and how that stands."""
    if order.payment_method == "card":
        return sentence(f"order.payment.card.{order.payment_state}")
    return sentence(f"order.payment.{order.payment_method}")


def event_text(event: OrderEvent | Happened) -> str:
    """What happened, in one line."""
    data: dict[str, Any] = dict(event.data)
    carrier = str(data.get("carrier", ""))
    if event.kind == "shipped" and carrier == "pickup":
        return sentence("order.event.ready")
    if event.kind in {"returned", "return_undone"}:
        data["product"] = pick(data.get("names") or {}) or str(data.get("sku", ""))
    if event.kind == "released":
        return sentence(f"order.event.released.{data.get('reason', 'unpaid')}")
    return sentence(f"order.event.{event.kind}", **{**data, "carrier": carrier_name(carrier)})


def return_reason(code: str) -> str:
    return sentence(f"order.return.{code}")
