"""How cases move, as data: which state may follow which and who may move it, and which action is allowed when."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.errors import Conflict, Forbidden
from crm.service.access import lock_case
from crm.service.models import STATES, Case


class Transition(NamedTuple):
    """A case may go from `source` to `target`, moved by one of `who`: customer, staff, system."""

    source: str
    target: str
    who: frozenset[str]


CUSTOMER, STAFF, SYSTEM = frozenset({"customer"}), frozenset({"staff"}), frozenset({"system"})
LEGAL_TRANSITIONS = (
    Transition("new", "open", STAFF),
    Transition("new", "waiting_customer", STAFF),
    Transition("new", "waiting_internal", STAFF),
    Transition("new", "solved", STAFF),
    Transition("new", "closed", STAFF | CUSTOMER),
    Transition("open", "waiting_customer", STAFF),
    Transition("open", "waiting_internal", STAFF),
    Transition("open", "solved", STAFF),
    Transition("open", "closed", STAFF | CUSTOMER),
    Transition("waiting_customer", "open", STAFF | CUSTOMER),
    Transition("waiting_customer", "waiting_internal", STAFF),
    Transition("waiting_customer", "solved", STAFF),
    Transition("waiting_customer", "closed", STAFF | CUSTOMER),
    Transition("waiting_internal", "open", STAFF),
    Transition("waiting_internal", "waiting_customer", STAFF),
    Transition("waiting_internal", "solved", STAFF),
    Transition("waiting_internal", "closed", STAFF | CUSTOMER),
    # Solved is a proposal: the customer accepts it (closed) or not (open); silence accepts after a while.
    Transition("solved", "open", STAFF | CUSTOMER),
    Transition("solved", "closed", STAFF | CUSTOMER | SYSTEM),
    Transition("closed", "open", STAFF | CUSTOMER),
)
# state -> states that may follow
TRANSITIONS: dict[str, frozenset[str]] = {
    state: frozenset(move.target for move in LEGAL_TRANSITIONS if move.source == state) for state in STATES
}


@dataclass(frozen=True)
class Action:
    """Allowed while the case is in one of the states of that side; staff need `permission`."""

    customer: frozenset[str] = frozenset()
    staff: frozenset[str] = frozenset()
    permission: str = "cases.work"


_ALIVE = frozenset(STATES) - {"closed"}
_ALL = frozenset(STATES)
ACTIONS: dict[str, Action] = {
    "reply": Action(customer=_ALIVE),
    "answer": Action(staff=_ALIVE),
    "accept": Action(customer=frozenset({"solved"})),
    "reject": Action(customer=frozenset({"solved"})),
    "close": Action(customer=_ALIVE, staff=_ALIVE),
    "reopen": Action(customer=frozenset({"closed"}), staff=frozenset({"closed", "solved"})),
    "start": Action(staff=frozenset({"new", "waiting_customer", "waiting_internal"})),
    "wait_customer": Action(staff=frozenset({"new", "open", "waiting_internal"})),
    "wait_internal": Action(staff=frozenset({"new", "open", "waiting_customer"})),
    "note": Action(staff=_ALL),
    "assign": Action(staff=_ALIVE),
    "set_severity": Action(staff=_ALIVE),
    "escalate": Action(staff=_ALIVE),
    "resolve_escalation": Action(staff=_ALL, permission="cases.supervise"),
}
TARGETS = {"start": "open", "wait_customer": "waiting_customer", "wait_internal": "waiting_internal"}


def side_of(actor: Actor) -> str:
    if actor.kind == "system":
        return "system"
    return "staff" if actor.scope == "all" else "customer"


def is_allowed(action: str, state: str, actor: Actor) -> bool:
    """Whether `actor` could do `action` to a visible case in `state`: what buttons are drawn by."""
    rule = ACTIONS[action]
    match side_of(actor):
        case "customer":
            return state in rule.customer
        case "staff":
            return state in rule.staff and actor.can(rule.permission)
    return action == "close" and state == "solved"


def allowed_actions(state: str, actor: Actor) -> Sequence[str]:
    """What `actor` can do to a case in this state."""
    return [action for action in ACTIONS if is_allowed(action, state, actor)]


def require(side: str, actor: Actor) -> None:
    """Staff do not act as the customer, nor the other way round. Raises Forbidden."""
    if side_of(actor) != side:
        raise Forbidden


def begin(session: Session, actor: Actor, case_id: uuid.UUID, action: str, version: int | None) -> Case:
    """The locked case, if `actor` may do `action` to it now.

    Raises NotFound, Forbidden, or Conflict when it is in another state or has changed since `version`.
    """
    case = lock_case(session, actor, case_id)
    rule, side = ACTIONS[action], side_of(actor)
    if side == "customer" and not rule.customer:
        raise Forbidden
    if side == "staff" and not (rule.staff and actor.can(rule.permission)):
        raise Forbidden
    if version is not None and case.version != version:
        raise Conflict("cases.changed")
    if not is_allowed(action, case.state, actor):
        raise Conflict("cases.not_now")
    # Also where only the ledger grows: whoever looked before must look again.
    case.updated_at = clock.now()
    return case


def move(case: Case, target: str, side: str) -> None:
    """Puts the case into `target`. Raises Conflict where no legal transition leads there."""
    if not any(m.source == case.state and m.target == target and side in m.who for m in LEGAL_TRANSITIONS):
        raise Conflict("cases.not_now")
    case.state = target
    moment = clock.now()
    case.solved_at = moment if target == "solved" else case.solved_at if target == "closed" else None
    case.closed_at = moment if target == "closed" else None
    if target in {"solved", "closed"}:
        case.promised_at = None


def record(
    session: Session, actor: Actor, action: str, case: Case, *, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """The one entry of this action in the audit log."""
    audit.record(
        session, actor, f"case.{action}", "case", case.id,
        before=before, after={"reference": case.reference, **after},
    )  # fmt: skip
