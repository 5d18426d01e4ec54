"""Calling for a supervisor: a record beside the state, with reason, who, when, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.errors import Conflict, Invalid
from core.events import emit
from crm.service.events import CaseEscalated
from crm.service.ledger import clean_text, note
from crm.service.lifecycle import begin, record
from crm.service.models import Case, CaseEscalation, CaseEvent
from crm.service.work import LONGEST_REASON

IS_ESCALATED = (
    exists().where(CaseEscalation.case_id == Case.id, CaseEscalation.resolved_at.is_(None)).correlate(Case)
)


def _text(text: str, field: str) -> str:
    text = clean_text(text, field=field)
    if len(text) > LONGEST_REASON:
        raise Invalid("text.too_long", field=field, limit=LONGEST_REASON)
    return text


def list_escalations(session: Session, case_id: uuid.UUID) -> Sequence[CaseEscalation]:
    """All of a case, newest first."""
    return session.scalars(
        select(CaseEscalation)
        .where(CaseEscalation.case_id == case_id)
        .order_by(CaseEscalation.raised_at.desc(), CaseEscalation.id.desc())
    ).all()


def find_open(session: Session, case_id: uuid.UUID) -> CaseEscalation | None:
    return session.scalar(
        select(CaseEscalation).where(CaseEscalation.case_id == case_id, CaseEscalation.resolved_at.is_(None))
    )


def escalate(
    session: Session, *, actor: Actor, case_id: uuid.UUID, reason: str, version: int | None = None
) -> CaseEvent:
    """Calls for a supervisor. Raises Conflict while an earlier call is open."""
    reason = _text(reason, "reason")
    case = begin(session, actor, case_id, "escalate", version)
    if find_open(session, case.id) is not None:
        raise Conflict("cases.escalated_already")
    raised = CaseEscalation(
        case_id=case.id, reason=reason, raised_by=actor.user_id, raised_by_name=actor.name[:120],
        raised_at=clock.now(),
    )  # fmt: skip
    session.add(raised)
    event = note(
        session,
        case,
        "escalated",
        actor,
        public=False,
        staff_data={"reason": reason, "level": raised.level or 1},
    )
    record(session, actor, "escalate", case, before={}, after={"level": 1})
    emit(session, CaseEscalated(case_id=case.id, event_id=event.id))
    return event


def resolve(
    session: Session, *, actor: Actor, case_id: uuid.UUID, outcome: str, version: int | None = None
) -> CaseEvent:
    """The supervisor says what was decided. Raises Conflict when nothing is escalated."""
    outcome = _text(outcome, "outcome")
    case = begin(session, actor, case_id, "resolve_escalation", version)
    raised = find_open(session, case.id)
    if raised is None:
        raise Conflict("cases.not_escalated")
    raised.outcome, raised.resolved_at = outcome, clock.now()
    raised.resolved_by, raised.resolved_by_name = actor.user_id, actor.name[:120]
    event = note(session, case, "escalation_resolved", actor, public=False, staff_data={"outcome": outcome})
    record(session, actor, "resolve_escalation", case, before={}, after={"level": raised.level})
    return event
