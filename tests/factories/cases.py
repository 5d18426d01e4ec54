"""Cases as they are in the database, made directly: no event is told and no mail is sent."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.ids import make_reference
from core.search import fold
from crm.customers.models import Account
from crm.identity.models import User
from crm.service.models import Case, CaseEvent

_count = itertools.count(600_001)


def make_case(
    session: Session,
    *,
    user: User | None = None,
    account: Account | None = None,
    state: str = "new",
    text: str = "It does not work any more.",
    opened_at: datetime | None = None,
    **values: Any,
) -> Case:
    """A case of `user` in `account` with its first entry."""
    moment = opened_at or clock.now() - timedelta(hours=1)
    defaults: dict[str, Any] = {
        "reference": make_reference("SR", next(_count)),
        "kind": "question",
        "account_id": account.id if account else None,
        "user_id": user.id if user else None,
        "email": user.email if user else None,
        "locale": user.locale if user else "en",
        "subject": "A question about the machine",
        "promised_at": moment + timedelta(days=1) if state in {"new", "open"} else None,
        "solved_at": moment if state == "solved" else None,
        "closed_at": moment if state == "closed" else None,
    }
    case = Case(state=state, opened_at=moment, active_at=moment, **{**defaults, **values})
    case.search_text = fold(f"{case.reference} {case.subject} {text}")
    session.add(case)
    session.flush()
    add_entry(session, case, "opened", user=user, text=text, at=moment)
    return case


def add_entry(
    session: Session,
    case: Case,
    kind: str,
    *,
    user: User | None = None,
    public: bool = True,
    text: str = "",
    at: datetime | None = None,
    **values: Any,
) -> CaseEvent:
    """One entry of the ledger, of the customer's side unless `side` says otherwise."""
    entry = CaseEvent(
        case_id=case.id,
        kind=kind,
        visibility="public" if public else "internal",
        side=values.pop("side", "customer"),
        actor_id=user.id if user else None,
        actor_name=user.name if user else "",
        text=text,
        at=at or clock.now(),
        **values,
    )
    session.add(entry)
    session.flush()
    return entry
