"""Some sixty requests of the last months: every kind and state, some escalated, in the language of each person.

A bulk load: no events and no mail; promises and moments follow from the age of each request.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.demo.accounts import user_id
from app.demo.buyers import list_buyers
from app.demo.companies import Buyer
from core import clock
from core.ids import make_reference, new_id
from core.search import fold
from crm.identity.models import User
from crm.orders.models import Order, OrderLine
from crm.orders.models import Sequence as Counter
from crm.orders.numbers import next_number
from crm.service.kinds import get_kind
from crm.service.models import Case, CaseContext, CaseEscalation, CaseEvent
from crm.service.promises import promise

SEED = 41_953
COUNT = 60
SOURCE = "demo"
AGENT = ("agent@aurora-home.example", "Service agent")
# How requests stand by their age in days: (from, to, states to choose from).
AGES = (
    (0, 2, ("new", "new", "open", "waiting_customer")),
    (2, 9, ("open", "waiting_customer", "waiting_internal", "solved", "closed")),
    (9, 120, ("closed", "closed", "closed", "solved")),
)
# What the people that visitors sign in as have going on: (company, kind, state, days ago).
SHOWN = (
    ("nordlicht", "repair", "solved", 4), ("nordlicht", "question", "closed", 40), ("nordlicht", "billing", "waiting_customer", 2),
    ("nordlicht", "installation", "open", 1), ("atelier", "return", "open", 3), ("atelier", "question", "new", 0),
    ("household", "repair", "waiting_customer", 2), ("household", "complaint", "open", 6), ("household", "wish", "closed", 70),
    ("dealer", "complaint", "waiting_internal", 3), ("dealer", "billing", "closed", 25), ("dealer", "question", "new", 0),
)  # fmt: skip
NOTES = (
    "Asked the workshop; the part is in stock.",
    "Customer of many years. Goodwill up to 50 euros is fine.",
    "Same fault as in two other cases of this series.",
)
STANDSTILL = "The business stands still."
ESCALATED = (
    "Wants the money back; more than I may grant.",
    "Third time this year; who decides on a new machine?",
)


@dataclass(frozen=True)
class Story:
    """One thing that people ask; `words`: locale -> subject, text, our reply, our solution."""

    kind: str
    goods: Sequence[str]
    fields: dict[str, Any]
    words: dict[str, Sequence[str]]


@cache
def _stories() -> tuple[Story, ...]:
    path = Path(__file__).parent / "data" / "cases.yaml"
    return tuple(
        Story(
            item["kind"],
            item["goods"],
            item["fields"],
            {name: item[name] for name in ("en", "zh-Hant", "zh-Hans")},
        )
        for item in yaml.safe_load(path.read_text("utf-8"))
    )


@dataclass
class _Rows:
    cases: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    contexts: list[dict[str, Any]] = field(default_factory=list)
    escalations: list[dict[str, Any]] = field(default_factory=list)


def lacks_cases(session: Session) -> bool:
    return session.scalar(select(Case.id).where(Case.source == SOURCE).limit(1)) is None


def write_cases(session: Session) -> int:
    """Writes all of them. Returns how many."""
    dice = random.Random(SEED)
    buyers = list_buyers(session)
    plans = _plans(dice, buyers)
    lines = _lines(session, [buyer for buyer, *_rest in plans])
    first = next_number(session, "case")
    session.execute(update(Counter).where(Counter.name == "case").values(last=first + len(plans) - 1))
    rows = _Rows()
    people = {person for buyer, *_rest in plans for person, *_more in buyer.people}
    names = {
        row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(people)))
    }
    for number, (buyer, kind, state, days) in enumerate(plans, start=first):
        _add(
            dice,
            rows,
            buyer,
            lines.get(buyer.account_id, []),
            kind=kind,
            state=state,
            days=days,
            number=number,
            names=names,
        )
    for model, values in (
        (Case, rows.cases),
        (CaseEvent, rows.events),
        (CaseContext, rows.contexts),
        (CaseEscalation, rows.escalations),
    ):
        if values:
            session.execute(insert(model), values)
    return len(rows.cases)


Plan = tuple[Buyer, str, str, float]


def _plans(dice: random.Random, buyers: Sequence[Buyer]) -> list[Plan]:
    """Who asks what, oldest first, so that references rise with time."""
    by_key = {buyer.key: buyer for buyer in buyers}
    found: list[Plan] = [
        (by_key[key], kind, state, days + 0.1) for key, kind, state, days in SHOWN if key in by_key
    ]
    crowd = [buyer for buyer in buyers if not buyer.is_shown]
    kinds = [story.kind for story in _stories()]
    while crowd and len(found) < COUNT:
        begin, end, states = dice.choice(AGES)
        found.append((dice.choice(crowd), dice.choice(kinds), dice.choice(states), dice.uniform(begin, end)))
    return sorted(found, key=lambda plan: -plan[3])


def _lines(session: Session, buyers: Sequence[Buyer]) -> dict[uuid.UUID, list[Any]]:
    """The product lines of each buyer's delivered orders, newest first."""
    rows = session.execute(
        select(
            Order.account_id, Order.id.label("order_id"), Order.number, Order.placed_at, OrderLine.id, OrderLine.sku,
            OrderLine.names, OrderLine.product_id,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.account_id.in_({buyer.account_id for buyer in buyers}), Order.state == "delivered", OrderLine.kind == "product")
        .order_by(Order.placed_at.desc(), OrderLine.position)
    )  # fmt: skip
    found: dict[uuid.UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.account_id, []).append(row)
    return found


def _add(
    dice: random.Random,
    rows: _Rows,
    buyer: Buyer,
    lines: Sequence[Any],
    *,
    kind: str,
    state: str,
    days: float,
    number: int,
    names: Mapping[uuid.UUID, str],
) -> None:
    person, email, locale = dice.choice(buyer.people)
    now = clock.now()
    opened = now - timedelta(days=days, minutes=dice.randrange(20, 90))
    fitting = [
        (story, [line for line in lines if not story.goods or line.sku.startswith(tuple(story.goods))])
        for story in _stories()
        if story.kind == kind
    ]
    story, bought = dice.choice([pair for pair in fitting if pair[1]] or fitting)
    line = bought[0] if bought and kind not in {"wish", "billing"} else None
    subject, text, answer, solution = story.words.get(locale, story.words["en"])
    asked = dict(story.fields)
    if kind == "billing":
        asked["document"] = lines[0].number if lines else "SO-100001-9"
    if kind == "installation":
        asked["preferred_on"] = (opened + timedelta(days=10)).date().isoformat()
    severe = kind == "complaint" and state in {"open", "waiting_internal"} and buyer.is_shown
    case_id, reference = new_id(), make_reference("SR", number)
    story_of = _Course(dice, rows, case_id, opened, now, (person, names[person]))
    story_of.tell("opened", "customer", text)
    if state != "new":
        _continue(story_of, state, answer, solution, severe=severe)
    waits = state in {"new", "open", "waiting_internal"}
    promised = promise(kind, "severe" if severe else "normal", opened) if waits and days < 3 else None
    assignee = user_id(AGENT[0]) if state not in {"new"} and dice.random() < 0.8 else None
    rows.cases.append(
        {
            "id": case_id,
            "reference": reference,
            "kind": kind,
            "state": state,
            "severity": "severe" if severe else "normal",
            "account_id": buyer.account_id,
            "user_id": person,
            "email": email,
            "locale": locale,
            "subject": subject,
            "fields": asked,
            "order_id": line.order_id if line else None,
            "order_line_id": line.id if line else None,
            "product_id": line.product_id if line else None,
            "team": get_kind(kind).team,
            "assignee_id": assignee,
            "promised_at": promised,
            "opened_at": opened,
            "active_at": story_of.at,
            "first_reply_at": story_of.replied_at,
            "solved_at": story_of.at if state in {"solved", "closed"} else None,
            "closed_at": story_of.at if state == "closed" else None,
            "source": SOURCE,
            "version": 1,
            "search_text": fold(
                " ".join(
                    [
                        reference,
                        subject,
                        text,
                        *((line.number, line.sku, *line.names.values()) if line else ()),
                    ]
                )
            ),
            "staff_text": fold(email),
            "created_at": opened,
            "updated_at": story_of.at,
        }
    )


@dataclass
class _Course:
    """Writes the entries of one case, each some hours after the one before and never in the future."""

    dice: random.Random
    rows: _Rows
    case_id: uuid.UUID
    at: datetime
    now: datetime
    customer: tuple[uuid.UUID, str]
    replied_at: datetime | None = None

    def tell(self, kind: str, side: str, text: str = "", *, public: bool = True, **more: Any) -> None:
        if kind != "opened":
            left = (self.now - self.at) / timedelta(hours=1)
            self.at += timedelta(hours=min(self.dice.uniform(1, 9), left * 0.4))
        who = (user_id(AGENT[0]), AGENT[1]) if side == "staff" else self.customer
        if side == "staff" and kind in {"reply", "solution"} and self.replied_at is None:
            self.replied_at = self.at
        self.rows.events.append(
            {
                "id": new_id(),
                "case_id": self.case_id,
                "at": self.at,
                "kind": kind,
                "visibility": "public" if public else "internal",
                "side": side,
                "actor_id": who[0],
                "actor_name": who[1],
                "text": text,
                "data": more.get("data", {}),
                "staff_data": more.get("staff_data", {}),
            }
        )

    def escalate(self, reason: str) -> None:
        self.tell("escalated", "staff", public=False, staff_data={"reason": reason, "level": 1})
        self.rows.escalations.append(
            {
                "id": new_id(),
                "case_id": self.case_id,
                "level": 1,
                "trigger": "manual",
                "reason": reason,
                "raised_by": user_id(AGENT[0]),
                "raised_by_name": AGENT[1],
                "raised_at": self.at,
                "outcome": "",
                "resolved_by_name": "",
            }
        )


def _continue(course: _Course, state: str, answer: str, solution: str, *, severe: bool) -> None:
    """What happened after the first message, up to `state`."""
    dice = course.dice
    if dice.random() < 0.5:
        course.tell("note", "staff", dice.choice(NOTES), public=False)
    if state == "open":
        course.tell("state", "staff", data={"from": "new", "to": "open", "by": "staff"})
    else:
        target = "waiting_internal" if state == "waiting_internal" else "waiting_customer"
        course.tell("reply", "staff", answer, data={"from": "new", "to": target})
    if severe:
        course.tell(
            "severity",
            "staff",
            public=False,
            staff_data={"from": "normal", "to": "severe", "reason": STANDSTILL},
        )
        course.escalate(dice.choice(ESCALATED))
    if state in {"solved", "closed"}:
        course.tell("solution", "staff", solution, data={"from": "waiting_customer", "to": "solved"})
    if state == "closed":
        rating = dice.choice((3, 4, 4, 5, 5))
        course.tell(
            "accepted",
            "customer",
            data={"from": "solved", "to": "closed", "by": "customer", "rating": rating},
        )
