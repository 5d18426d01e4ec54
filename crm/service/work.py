"""What staff do with a case: answer, note, propose a solution, move it on, assign it, weigh it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.actor import SYSTEM, Actor
from core.errors import Conflict, Invalid, NotFound
from core.events import emit
from core.files import Kept
from crm.identity.models import User, UserRole
from crm.identity.roles import STAFF_ROLES
from crm.service.conversation import begin_once
from crm.service.events import CaseReplied, CaseStateChanged
from crm.service.kinds import TEAMS
from crm.service.ledger import clean_text, note
from crm.service.lifecycle import TARGETS, begin, move, record, require
from crm.service.models import SEVERITIES, Case, CaseEvent
from crm.service.promises import promise

LONGEST_REASON = 1_000
AFTER_REPLY = ("waiting_customer", "waiting_internal", "open", "solved")
WORKING_ROLES = tuple(role for role, permissions in STAFF_ROLES.items() if "cases.work" in permissions)


def reply(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    text: str,
    then: str = "waiting_customer",
    files: Sequence[Kept] = (),
    key: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """Answers the customer; `then` is the state afterwards. 'solved' makes the answer a proposed solution."""
    text = clean_text(text)
    if then not in AFTER_REPLY:
        raise Invalid("cases.state", field="then")
    case, before = begin_once(session, actor, case_id, "answer", version=version, key=key)
    if before is not None:
        return before
    source = case.state
    if then != source:
        move(case, then, "staff")
    case.first_reply_at = case.first_reply_at or clock.now()
    case.promised_at = None
    took = _take_if_free(case, actor)
    is_solution = then == "solved" and source != "solved"
    event = note(
        session, case, "solution" if is_solution else "reply", actor, public=True, text=text, files=files, key=key,
        data={"from": source, "to": case.state}, staff_data=took,
    )  # fmt: skip
    record(
        session,
        actor,
        "propose" if is_solution else "reply",
        case,
        before={"state": source},
        after={"state": case.state, **took},
    )
    if is_solution:
        emit(session, CaseStateChanged(case_id=case.id, event_id=event.id))
    else:
        emit(session, CaseReplied(case_id=case.id, event_id=event.id))
    return event


def _take_if_free(case: Case, actor: Actor) -> dict[str, Any]:
    """Who answers a case that nobody has, has it from then on."""
    if case.assignee_id is not None or actor.user_id is None:
        return {}
    case.assignee_id = actor.user_id
    return {"assignee": actor.name}


def add_note(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    text: str,
    files: Sequence[Kept] = (),
    key: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """A note that only staff see."""
    text = clean_text(text)
    case, before = begin_once(session, actor, case_id, "note", version=version, key=key)
    if before is not None:
        return before
    event = note(session, case, "note", actor, public=False, text=text, files=files, key=key)
    record(session, actor, "note", case, before={}, after={"entry": event.id})
    return event


def change_state(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    action: str,
    reason: str = "",
    version: int | None = None,
) -> CaseEvent:
    """One of start, wait_customer, wait_internal, close, reopen, without a word to the customer.

    `reason` is for colleagues. The customer sees that it moved, in their words.
    """
    target = {**TARGETS, "close": "closed", "reopen": "open"}.get(action)
    if target is None:
        raise Invalid("cases.state", field="action")
    require("staff", actor)
    reason = _reason(reason, required=False)
    case = begin(session, actor, case_id, action, version)
    source = case.state
    move(case, target, "staff")
    if action == "reopen":
        case.promised_at = promise(case.kind, case.severity, clock.now())
    took = _take_if_free(case, actor) if action == "start" else {}
    kind = {"close": "closed", "reopen": "reopened"}.get(action, "state")
    event = note(
        session, case, kind, actor, public=True,
        data={"from": source, "to": target, "by": "staff"}, staff_data={**({"reason": reason} if reason else {}), **took},
    )  # fmt: skip
    record(session, actor, action, case, before={"state": source}, after={"state": target, **took})
    emit(session, CaseStateChanged(case_id=case.id, event_id=event.id))
    return event


def close_silent(session: Session, case: Case) -> CaseEvent:
    """Nobody answered a proposed solution: it is taken as right. Mails nobody a second time in vain."""
    source = case.state
    move(case, "closed", "system")
    event = note(
        session, case, "closed", SYSTEM, public=True, data={"from": source, "to": "closed", "by": "system"}
    )
    record(session, SYSTEM, "close", case, before={"state": source}, after={"state": "closed"})
    emit(session, CaseStateChanged(case_id=case.id, event_id=event.id))
    return event


def assign(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    assignee_id: uuid.UUID | None,
    team: str | None = None,
    version: int | None = None,
) -> CaseEvent:
    """Gives the case to a colleague (None: to nobody) and, if named, to a team."""
    name = _worker_name(session, assignee_id) if assignee_id is not None else ""
    if team is not None and team not in TEAMS:
        raise Invalid("cases.team", field="team")
    case = begin(session, actor, case_id, "assign", version)
    before = {"assignee_id": case.assignee_id, "team": case.team}
    case.assignee_id = assignee_id
    case.team = team or case.team
    event = note(
        session, case, "assigned", actor, public=False, staff_data={"assignee": name, "team": case.team}
    )
    record(
        session, actor, "assign", case, before=before, after={"assignee_id": assignee_id, "team": case.team}
    )
    return event


def _worker_name(session: Session, user_id: uuid.UUID) -> str:
    """The name of somebody who works on cases. Raises NotFound for anybody else."""
    for worker in list_workers(session):
        if worker.id == user_id:
            return worker.name
    raise NotFound("cases.no_worker", field="assignee")


def list_workers(session: Session) -> Sequence[User]:
    """The active members of staff who may work on cases, by name."""
    return session.scalars(
        select(User)
        .where(
            User.kind == "staff",
            User.is_active.is_(True),
            User.id.in_(select(UserRole.user_id).where(UserRole.role.in_(WORKING_ROLES))),
        )
        .order_by(User.name, User.id)
    ).all()


def set_severity(
    session: Session,
    *,
    actor: Actor,
    case_id: uuid.UUID,
    severity: str,
    reason: str,
    version: int | None = None,
) -> CaseEvent:
    """How much weight the case has, and why. A severe one is answered sooner."""
    if severity not in SEVERITIES:
        raise Invalid("cases.severity", field="severity")
    reason = _reason(reason, required=True)
    case = begin(session, actor, case_id, "set_severity", version)
    before = case.severity
    case.severity = severity
    if case.promised_at is not None and severity == "severe":
        # Sooner than promised is a kept promise; later would be a broken one.
        case.promised_at = min(case.promised_at, promise(case.kind, severity, clock.now()))
    event = note(
        session, case, "severity", actor, public=False,
        staff_data={"from": before, "to": severity, "reason": reason},
    )  # fmt: skip
    record(session, actor, "set_severity", case, before={"severity": before}, after={"severity": severity})
    return event


def _reason(text: str, *, required: bool) -> str:
    text = clean_text(text, field="reason", required=required)
    if len(text) > LONGEST_REASON:
        raise Invalid("text.too_long", field="reason", limit=LONGEST_REASON)
    return text


@dataclass
class Bulk:
    """What came of a change of many: references."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


MOST_AT_ONCE = 100


def change_many(
    session: Session,
    *,
    actor: Actor,
    case_ids: Iterable[uuid.UUID],
    action: str,
    assignee_id: uuid.UUID | None = None,
) -> Bulk:
    """'assign' or 'close' for each case; one that is in no state for it is left and told."""
    wanted = sorted(set(case_ids))
    if not wanted or len(wanted) > MOST_AT_ONCE:
        raise Invalid("cases.bulk", limit=MOST_AT_ONCE)
    if action not in {"assign", "close"}:
        raise Invalid("cases.state", field="action")
    result = Bulk()
    for case_id in wanted:
        case = session.get(Case, case_id)
        if case is None:
            raise NotFound
        reference = case.reference
        try:
            if action == "assign":
                assign(session, actor=actor, case_id=case_id, assignee_id=assignee_id)
            else:
                change_state(session, actor=actor, case_id=case_id, action="close")
        except Conflict:
            result.refused.append(reference)
        else:
            result.done.append(reference)
    return result
