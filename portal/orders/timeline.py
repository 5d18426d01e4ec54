"""The course of an order as the customer reads it: what happened, where it stands, what comes next."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.i18n import _, format_date, is_distant
from core.web.pages import when
from crm.orders.access import SeenOrder
from crm.orders.carriers import carrier_name, tracking_url
from crm.orders.detail import Happened, Parcel
from crm.orders.models import Order
from crm.orders.words import event_text

ENDS = {"cancelled", "released"}


@dataclass
class Step:
    """What the timeline macro reads."""

    title: str
    when: datetime | str | None = None
    detail: str | None = None
    state: str = "done"
    url: str | None = None
    url_label: str | None = None
    who: str | None = None


def near(order: Order | SeenOrder, events: Sequence[Happened]) -> tuple[Hashable, ...]:
    """How the moments of the course read that are near: they soon read otherwise, without anything happening."""
    moments = [order.placed_at, order.delivered_at, *(event.at for event in events)]
    return tuple(when(moment) for moment in moments if moment is not None and not is_distant(moment))


def build(
    order: Order | SeenOrder, events: Sequence[Happened], shipments: Sequence[Parcel], *, brief: bool = False
) -> list[Step]:
    """The steps, oldest first; `brief` leaves out what somebody wrote. Of an imported order the
    ledger tells little: its state says the rest."""
    parcels = {str(shipment.id): shipment for shipment in shipments}
    steps = [_happened(event, parcels, brief) for event in events if not event.is_internal]
    kinds = {event.kind for event in events}
    if not events:
        steps = [Step(_("Order received"), order.placed_at)]
    if order.state == "cancelled" and not kinds & ENDS:
        steps.append(Step(_("Order cancelled"), state="problem"))
    elif order.state == "delivered" and "delivered" not in kinds:
        steps.append(
            Step(_("Everything has arrived"), order.delivered_at)
            if order.delivered_at
            else Step(_("Delivered"))
        )
    return [*steps, *_ahead(order)]


def _happened(event: Happened, parcels: dict[str, Parcel], brief: bool) -> Step:
    step = Step(event_text(event), event.at)
    if event.kind in ENDS or event.kind == "payment_declined":
        step.state = "problem"
        if event.kind == "cancelled" and not brief:
            step.detail = str(event.data.get("reason", "")) or None
    parcel = parcels.get(str(event.data.get("shipment_id", "")))
    if event.kind == "shipped" and parcel is not None:
        step.detail = parcel.tracking_code or None
        step.url = tracking_url(parcel.carrier, parcel.tracking_code)
        step.url_label = _("Follow the parcel at %(carrier)s", carrier=carrier_name(parcel.carrier))
    return step


def _ahead(order: Order | SeenOrder) -> list[Step]:
    """The present step and those still to come."""
    is_pickup = order.delivery_method == "pickup"
    sent = _("Ready to be fetched") if is_pickup else _("On its way to you")
    arrives = _("You fetch it at the dealer") if is_pickup else _("Delivered to you")
    promised = _("by %(day)s", day=format_date(order.promised_on)) if order.promised_on else None
    waiting = [
        Step(_("We pack your order"), state="upcoming"),
        Step(sent, state="upcoming"),
        Step(arrives, promised, state="upcoming"),
    ]
    match order.state:
        case "awaiting_payment":
            return [Step(_("We wait for the payment"), state="current"), *waiting]
        case "placed":
            return [Step(_("We are checking your order"), state="current"), *waiting]
        case "confirmed":
            return [Step(_("Your order waits to be packed"), state="current"), *waiting[1:]]
        case "packing":
            return [Step(_("We are packing your order"), state="current"), *waiting[1:]]
        case "partly_shipped":
            return [Step(_("The rest of your order is being packed"), state="current"), waiting[2]]
        case "shipped":
            return [Step(sent, promised, state="current"), Step(arrives, state="upcoming")]
    return []
