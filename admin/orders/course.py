"""The whole ledger of an order as staff read it, newest last, with who did what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm.orders.carriers import carrier_name
from crm.orders.models import OrderEvent
from crm.orders.words import event_text, return_reason

PROBLEMS = {"cancelled", "released", "payment_declined", "payment_unanswered"}


def build(events: Sequence[OrderEvent]) -> list[dict[str, Any]]:
    """What the timeline macro reads."""
    return [
        {
            "title": event_text(event),
            "when": event.at,
            "detail": _detail(event),
            "who": event.actor_name or None,
            "state": "problem" if event.kind in PROBLEMS else "done",
        }
        for event in events
    ]


def _detail(event: OrderEvent) -> str | None:
    data = event.data
    if event.kind in {"tracking", "packed"}:
        parts = [carrier_name(str(data.get("carrier", ""))), str(data.get("tracking_code", ""))]
        if data.get("units"):
            parts.append(f"{data['units']} ×")
        return " · ".join(part for part in parts if part) or None
    if event.kind == "return_reason":
        told = [return_reason(str(data.get("reason", "other"))), str(data.get("text", ""))]
        return " · ".join(part for part in told if part)
    if event.kind == "note":
        return str(data.get("text", ""))
    return str(data.get("reason") or "") or None if event.kind in {"cancelled", "payment_declined"} else None
