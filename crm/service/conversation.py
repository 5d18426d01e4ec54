"""What customers do with a request of theirs: write again, accept or reject a solution, close, reopen."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.errors import Conflict, Invalid
from core.events import emit
from core.files import Kept
from crm.service.access import lock_case
from crm.service.events import CaseStateChanged, CustomerReplied
from crm.service.ledger import clean_text, find_by_key, note
from crm.service.lifecycle import begin, move, record, require
from crm.service.models import Case, CaseEvent
from crm.service.promises import promise

REOPENED_WITHIN = timedelta(days=60)
RATINGS = range(1, 6)


def begin_once(
    session: Session,
    actor: Actor,
    case_id: uuid.UUID,
    action: str,
    *,
    version: int | None,
    key: str | None,
) -> tuple[Case, CaseEvent | None]:
    """The locked case as `begin` gives it, or with the entry that a first try with the same key already made."""
    if key is not None:
        if not 1 <= len(key) <= 100:
            raise Invalid("cases.key", field="key")
        held = lock_case(session, actor, case_id)
        if (before := find_by_key(session, held, key)) is not None:
            return held, before
    return begin(session, actor, case_id, action, version), None


def write_again(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    text: str,
    files: Sequence[Kept] = (),
    key: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """The customer writes again. What waited for them, or was proposed as solved, is open again."""
    require("customer", actor)
    text = clean_text(text)
    case, before = begin_once(session, actor, case_id, "reply", version=version, key=key)
    if before is not None:
        return before
    source = case.state
    if source in {"waiting_customer", "solved"}:
        move(case, "open", "customer")
    _promise_again(case)
    event = note(
        session, case, "customer_reply", actor, public=True, text=text, files=files, key=key,
        data={"from": source, "to": case.state},
    )  # fmt: skip
    record(session, actor, "write_again", case, before={"state": source}, after={"state": case.state})
    emit(session, CustomerReplied(case_id=case.id, event_id=event.id))
    return event


def reject(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    text: str,
    key: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """The proposed solution does not help; the customer says why, and we work on."""
    require("customer", actor)
    text = clean_text(text)
    case, before = begin_once(session, actor, case_id, "reject", version=version, key=key)
    if before is not None:
        return before
    return _open_again(session, actor, case, action="reject", kind="rejected", text=text, key=key)


def reopen(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    text: str,
    key: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """It came back after it was closed. Raises Conflict when that is too long ago: a new request is clearer then."""
    require("customer", actor)
    text = clean_text(text)
    case, before = begin_once(session, actor, case_id, "reopen", version=version, key=key)
    if before is not None:
        return before
    if not may_reopen(case):
        raise Conflict("cases.closed_too_long")
    return _open_again(session, actor, case, action="reopen", kind="reopened", text=text, key=key)


def may_reopen(case: Case) -> bool:
    return case.closed_at is None or case.closed_at + REOPENED_WITHIN > clock.now()


def _open_again(
    session: Session, actor: Actor, case: Case, *, action: str, kind: str, text: str, key: str | None
) -> CaseEvent:
    source = case.state
    move(case, "open", "customer")
    _promise_again(case)
    event = note(
        session, case, kind, actor, public=True, text=text, key=key, data={"from": source, "to": "open"}
    )
    record(session, actor, action, case, before={"state": source}, after={"state": "open"})
    emit(session, CaseStateChanged(case_id=case.id, event_id=event.id))
    emit(session, CustomerReplied(case_id=case.id, event_id=event.id))
    return event


def _promise_again(case: Case) -> None:
    """A promise that still stands is kept: writing again does not move it."""
    if case.promised_at is None:
        case.promised_at = promise(case.kind, case.severity, clock.now())


def accept(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    rating: int | None = None,
    version: int | None = None,
) -> CaseEvent:
    """The proposed solution is right: the case is closed. `rating`: 1 to 5, how the person liked our help."""
    if rating is not None and rating not in RATINGS:
        raise Invalid("cases.rating", field="rating")
    return _finish(
        session, actor, case_id, action="accept", kind="accepted", version=version,
        data={"rating": rating} if rating else {},
    )  # fmt: skip


def close(session: Session, *, actor: Actor, case_id: uuid.UUID, version: int | None = None) -> CaseEvent:
    """The customer needs nothing any more."""
    return _finish(session, actor, case_id, action="close", kind="closed", version=version, data={})


def _finish(
    session: Session,
    actor: Actor,
    case_id: uuid.UUID,
    *,
    action: str,
    kind: str,
    version: int | None,
    data: dict[str, Any],
) -> CaseEvent:
    require("customer", actor)
    case = begin(session, actor, case_id, action, version)
    source = case.state
    move(case, "closed", "customer")
    event = note(
        session,
        case,
        kind,
        actor,
        public=True,
        data={"from": source, "to": "closed", "by": "customer", **data},
    )
    record(session, actor, action, case, before={"state": source}, after={"state": "closed", **data})
    emit(session, CaseStateChanged(case_id=case.id, event_id=event.id))
    return event
