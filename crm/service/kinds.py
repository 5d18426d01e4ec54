"""The kinds of requests as data: what each form asks, which team works on it, and how soon we promise to reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from core import clock
from core.db import storable
from core.errors import Invalid

MOST_NUMBER = 999
FURTHEST_DAY = timedelta(days=365)


@dataclass(frozen=True)
class Asked:
    """One field of a form. `kind`: text, choice, day_ahead (from tomorrow on), day_past (until today), number."""

    name: str
    kind: Literal["text", "choice", "day_ahead", "day_past", "number"]
    required: bool = False
    longest: int = 60
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """`hours`: business hours until our first reply; severe ones take half."""

    code: str
    hours: int
    team: str
    icon: str
    fields: tuple[Asked, ...] = ()
    # Whether the request says that something is wrong with a product or with us.
    is_complaint: bool = False


_KINDS = (
    Kind("question", 8, "service", "help"),
    Kind(
        "repair",
        8,
        "technical",
        "wrench",
        (
            Asked(
                "symptom", "choice", required=True,
                options=("no_power", "leaks", "no_heat", "noise", "error_light", "taste", "other"),
            ),
            Asked("serial_number", "text", longest=40),
            Asked("since", "day_past"),
        ),
        is_complaint=True,
    ),
    Kind(
        "return",
        8,
        "service",
        "undo",
        (
            Asked(
                "reason", "choice", required=True,
                options=("damaged", "wrong_item", "not_as_described", "changed_mind", "other"),
            ),
            Asked("quantity", "number"),
        ),
        is_complaint=True,
    ),
    Kind(
        "complaint",
        4,
        "service",
        "warning",
        (
            Asked(
                "wanted", "choice", required=True,
                options=("explanation", "repair", "replacement", "money_back", "other"),
            ),
        ),
        is_complaint=True,
    ),
    Kind(
        "billing",
        8,
        "billing",
        "file",
        (
            Asked("document", "text", required=True, longest=40),
            Asked(
                "problem", "choice", required=True,
                options=("wrong_amount", "wrong_address", "paid_twice", "missing", "other"),
            ),
        ),
    ),
    Kind(
        "installation",
        16,
        "technical",
        "home",
        (
            Asked("preferred_on", "day_ahead", required=True),
            Asked("time_of_day", "choice", required=True, options=("morning", "afternoon", "any")),
            Asked("site", "text", required=True, longest=160),
            Asked("phone", "text", required=True, longest=40),
        ),
    ),
    Kind("wish", 24, "service", "star", (Asked("benefit", "text", longest=160),)),
)  # fmt: skip
KIND: dict[str, Kind] = {kind.code: kind for kind in _KINDS}
TEAMS = ("service", "technical", "billing")
COMPLAINT_KINDS = frozenset(kind.code for kind in _KINDS if kind.is_complaint)


def get_kind(code: str) -> Kind:
    """Raises Invalid for a kind that there is not."""
    found = KIND.get(code)
    if found is None:
        raise Invalid("cases.kind", field="kind")
    return found


def clean_fields(kind: Kind, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the form of `kind` asked, as plain values; what it did not ask is dropped. Raises Invalid with all
    wrong fields at once."""
    found: dict[str, Any] = {}
    wrong: list[Invalid] = []
    for asked in kind.fields:
        value = (given or {}).get(asked.name)
        text = (
            value.isoformat() if isinstance(value, date) else str(value if value is not None else "").strip()
        )
        try:
            if not text:
                if asked.required:
                    raise Invalid("cases.field_needed")
                continue
            found[asked.name] = _clean(asked, text)
        except Invalid as error:
            wrong.append(Invalid(error.code, field=asked.name, **error.params))
    if wrong:
        raise Invalid("cases.fields", errors=wrong)
    return found


def _clean(asked: Asked, text: str) -> Any:
    match asked.kind:
        case "choice":
            if text not in asked.options:
                raise Invalid("cases.choice")
            return text
        case "number":
            if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_NUMBER):
                raise Invalid("cases.number", limit=MOST_NUMBER)
            return int(text)
        case "day_ahead" | "day_past":
            return _day(asked, text)
        case _:
            if any(ord(sign) < 32 for sign in text):
                raise Invalid("cases.one_line")
            return storable(text, asked.longest)


def _day(asked: Asked, text: str) -> str:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        raise Invalid("cases.day") from None
    today = clock.now().date()
    if asked.kind == "day_ahead" and not today < day <= today + FURTHEST_DAY:
        raise Invalid("cases.day_ahead")
    # A day ahead of ours may already have begun where the person is.
    if asked.kind == "day_past" and not date(2000, 1, 1) <= day <= today + timedelta(days=1):
        raise Invalid("cases.day_past")
    return day.isoformat()
