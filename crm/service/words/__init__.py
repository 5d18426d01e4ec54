"""The words for requests: one set for customers, one for staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import clock
from core.i18n import format_date, sentence
from crm.service.brief import BriefCase, BriefEntry
from crm.service.conversation import REOPENED_WITHIN
from crm.service.kinds import KIND
from crm.service.models import CaseEvent
from crm.service.silence import PATIENCE

# state -> the kind of badge that carries the word
BADGES = {
    "new": "info",
    "open": "progress",
    "waiting_customer": "warning",
    "waiting_internal": "progress",
    "solved": "success",
    "closed": "neutral",
}
STAFF_BADGES = {**BADGES, "waiting_customer": "neutral", "waiting_internal": "warning"}
SEVERITY_BADGES = {"normal": "neutral", "severe": "error"}
# Entries of the ledger that tell the customer nothing new.
_SILENT = {("state", "waiting_internal")}


def kind(code: str) -> str:
    return sentence(f"case.kind.{code}")


def kind_hint(code: str) -> str:
    return sentence(f"case.hint.{code}")


def state(code: str) -> str:
    """As customers read it."""
    return sentence(f"case.state.{code}")


def staff_state(code: str) -> str:
    return sentence(f"case.staff_state.{code}")


def team(code: str) -> str:
    return sentence(f"case.team.{code}")


def severity(code: str) -> str:
    return sentence(f"case.severity.{code}")


def field_label(name: str) -> str:
    return sentence(f"case.field.{name}")


def field_help(name: str) -> str:
    """A hint below the field; empty where none is needed."""
    code = f"case.help.{name}"
    text = sentence(code)
    return "" if text == code else text


def option(name: str, value: str) -> str:
    return sentence(f"case.option.{name}.{value}")


def answers(code: str, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was given in the form of this kind, as label and words, in the order of the form."""
    found: list[tuple[str, str]] = []
    for asked in KIND[code].fields if code in KIND else ():
        value = fields.get(asked.name)
        if value is None:
            continue
        match asked.kind:
            case "choice":
                text = option(asked.name, str(value))
            case "day_ahead" | "day_past":
                text = format_date(date.fromisoformat(str(value)))
            case _:
                text = str(value)
        found.append((field_label(asked.name), text))
    return found


def what_next(case: BriefCase) -> str:
    """What will happen, and whose turn it is, in the customer's words."""
    match case.state:
        case "new":
            return sentence(f"case.next.new.{case.kind}")
        case "solved":
            return sentence("case.next.solved", day=format_date((case.solved_at or clock.now()) + PATIENCE))
        case "closed":
            until = (case.closed_at or clock.now()) + REOPENED_WITHIN
            if until <= clock.now():
                return sentence("case.next.closed_for_good")
            return sentence("case.next.closed", day=format_date(until))
    return sentence(f"case.next.{case.state}")


def entry_title(entry: BriefEntry) -> str | None:
    """What happened, in one line for the customer; None when it says nothing to them."""
    if (entry.kind, str(entry.data.get("to"))) in _SILENT:
        return None
    match entry.kind:
        case "closed" | "reopened":
            return sentence(f"case.event.{entry.kind}.{entry.by}")
        case "state":
            return sentence(f"case.event.state.{entry.data.get('to')}")
    return sentence(f"case.event.{entry.kind}")


def staff_title(event: CaseEvent) -> str:
    return sentence(f"case.staff_event.{event.kind}")
