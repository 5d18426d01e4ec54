"""Reading cases: what other rooms ask, the customer's list, the staff's queue, and everything of one case."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, load_only

from core import clock
from core.actor import Actor
from core.errors import BadRequest
from core.search import fold
from core.search.fallback import like
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.service.access import cases_visible_to, normal_reference, sees_colleagues, visibility
from crm.service.escalations import IS_ESCALATED
from crm.service.kinds import COMPLAINT_KINDS, KIND
from crm.service.models import STATES, Case, CaseAttachment, CaseContext, CaseEvent

PAGE = 20
MOST_WORDS = 8
STATE_GROUPS: dict[str, tuple[str, ...]] = {
    "open": ("new", "open", "waiting_customer", "waiting_internal"),
    "yours": ("waiting_customer", "solved"),  # the customer's move
    "solved": ("solved",),
    "closed": ("closed",),
    "unsettled": tuple(state for state in STATES if state != "closed"),
}
ALIVE = STATE_GROUPS["unsettled"]
# Said with OR: it is a part of a statement of every page, and a list in IN is taken apart anew each time.
_IS_OPEN_COMPLAINT = and_(
    or_(*(Case.state == state for state in ALIVE)),
    or_(*(Case.kind == kind for kind in COMPLAINT_KINDS), Case.severity == "severe"),
)


@dataclass(frozen=True)
class OpenComplaint:
    """Something that a customer is unhappy about and that is not settled."""

    case_id: uuid.UUID
    reference: str
    kind: str
    severity: str
    product_id: uuid.UUID | None
    opened_at: datetime


def list_open_complaints(session: Session, account_id: uuid.UUID) -> list[OpenComplaint]:
    """Complaints, repairs, returns and whatever is severe, until closed; newest first."""
    rows = session.execute(
        select(Case.id, Case.reference, Case.kind, Case.severity, Case.product_id, Case.opened_at)
        .where(Case.account_id == account_id, _IS_OPEN_COMPLAINT)
        .order_by(Case.opened_at.desc(), Case.id.desc())
    )
    return [OpenComplaint(*row) for row in rows]


def complained_products(account_id: ColumnElement[uuid.UUID]) -> Select[uuid.UUID | None, datetime]:
    """The same as a part of a larger statement: (product_id, opened_at) of complaints about a product."""
    return select(Case.product_id, Case.opened_at).where(
        Case.account_id == account_id, _IS_OPEN_COMPLAINT, Case.product_id.is_not(None)
    )


def complained_product_ids(session: Session, account_id: uuid.UUID) -> set[uuid.UUID]:
    """The products under an open complaint of this customer."""
    return {
        complaint.product_id
        for complaint in list_open_complaints(session, account_id)
        if complaint.product_id is not None
    }


def list_cases_of_account(session: Session, account_id: uuid.UUID, limit: int = 10) -> Sequence[Case]:
    """The newest cases of a customer, for staff who may see the customer."""
    return session.scalars(
        select(Case).options(_FEW).where(Case.account_id == account_id)
        .order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit)
    ).all()  # fmt: skip


def count_open_of_account(session: Session, account_id: uuid.UUID, user_id: uuid.UUID | None = None) -> int:
    """How many cases of a customer are not settled, for staff who may see the customer."""
    query = select(func.count()).where(Case.account_id == account_id, Case.state.in_(ALIVE))
    if user_id is not None:
        query = query.where(Case.user_id == user_id)
    return int(session.scalar(query) or 0)


def list_cases_of_owned(
    session: Session, actor: Actor, owned_id: uuid.UUID, limit: int = 5
) -> Sequence[Case]:
    """The newest cases about something that the actor has."""
    return session.scalars(
        cases_visible_to(actor).options(_FEW).where(Case.owned_product_id == owned_id)
        .order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit)
    ).all()  # fmt: skip


_FEW = load_only(
    Case.id, Case.reference, Case.kind, Case.state, Case.severity, Case.account_id, Case.user_id, Case.subject,
    Case.order_id, Case.product_id, Case.team, Case.assignee_id, Case.promised_at, Case.opened_at, Case.active_at,
    Case.closed_at, Case.version,
)  # fmt: skip


@dataclass(frozen=True)
class CaseFilter:
    """What a list is narrowed to. `state`: a group of STATE_GROUPS, or one state. `view`: one of VIEWS, for staff."""

    text: str = ""
    state: str = ""
    kind: str = ""
    user_id: uuid.UUID | None = None
    account_id: uuid.UUID | None = None
    view: str = ""
    team: str = ""
    severity: str = ""

    @property
    def is_empty(self) -> bool:
        return not (
            self.text
            or self.state
            or self.kind
            or self.user_id
            or self.account_id
            or self.team
            or self.severity
        )


@dataclass
class CaseRow:
    """A case as a list shows it."""

    case: Case
    opened_by: str = ""
    account_name: str = ""
    assignee: str = ""
    is_escalated: bool = False


@dataclass(frozen=True)
class CasePage:
    rows: Sequence[CaseRow]
    newer: str | None
    older: str | None


VIEWS = ("mine", "unassigned", "waiting", "overdue", "escalated", "all")


def view_condition(view: str, actor: Actor) -> ColumnElement[bool] | None:
    """A saved view of the queue; None for all."""
    match view:
        case "mine":
            return and_(Case.assignee_id == actor.user_id, Case.state.in_(ALIVE))
        case "unassigned":
            return and_(Case.assignee_id.is_(None), Case.state.in_(ALIVE))
        case "waiting":
            return Case.state.in_(("waiting_customer", "waiting_internal"))
        case "overdue":
            return and_(Case.promised_at < clock.now(), Case.state.in_(ALIVE))
        case "escalated":
            return IS_ESCALATED
    return None


def count_views(session: Session, actor: Actor) -> dict[str, int]:
    """How many cases each view of the queue holds, in one query."""
    columns = [
        func.count().filter(condition).label(view)
        for view in VIEWS
        if (condition := view_condition(view, actor)) is not None
    ]
    row = session.execute(
        select(*columns).select_from(Case).where(visibility(actor), or_(Case.state.in_(ALIVE), IS_ESCALATED))
    ).one()
    return {name: int(value or 0) for name, value in row._mapping.items()}


def matching(text: str, actor: Actor) -> ColumnElement[bool] | None:
    """The condition for a search text; a whole reference wins over everything else. Staff also find cases by what
    only they can read."""
    text = text.strip()[:200]
    if not text:
        return None
    if (reference := normal_reference(text)) is not None:
        return Case.reference == reference
    words = list(dict.fromkeys(fold(text).split()))[:MOST_WORDS] or [text.lower()]
    if actor.scope == "all":
        return and_(*(or_(like(Case.search_text, word), like(Case.staff_text, word)) for word in words))
    return and_(*(like(Case.search_text, word) for word in words))


def _conditions(actor: Actor, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state in STATE_GROUPS:
        found.append(Case.state.in_(STATE_GROUPS[wanted.state]))
    elif wanted.state in STATES:
        found.append(Case.state == wanted.state)
    if wanted.kind in KIND:
        found.append(Case.kind == wanted.kind)
    if wanted.user_id:
        found.append(Case.user_id == wanted.user_id)
    if wanted.account_id:
        found.append(Case.account_id == wanted.account_id)
    if wanted.team:
        found.append(Case.team == wanted.team)
    if wanted.severity:
        found.append(Case.severity == wanted.severity)
    if (view := view_condition(wanted.view, actor)) is not None:
        found.append(view)
    if (text := matching(wanted.text, actor)) is not None:
        found.append(text)
    return found


def encode_cursor(case: Case) -> str:
    raw = f"{case.opened_at.astimezone(UTC).isoformat()}|{case.id.hex}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """Where a list goes on. Raises BadRequest for anything that encode_cursor did not make."""
    try:
        raw = base64.urlsafe_b64decode(text[:200].encode() + b"=" * (-len(text[:200]) % 4)).decode()
        moment, _, case_id = raw.partition("|")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError("naive")
        return at.astimezone(UTC), uuid.UUID(hex=case_id)
    except (ValueError, OverflowError, binascii.Error, UnicodeError):
        raise BadRequest from None


def list_cases(
    session: Session,
    actor: Actor,
    wanted: CaseFilter,
    *,
    cursor: str | None = None,
    direction: Literal["older", "newer"] = "older",
    limit: int = PAGE,
) -> CasePage:
    """One page of what `actor` sees, newest first. The number of queries does not depend on its length."""
    key = tuple_(Case.opened_at, Case.id)
    query = cases_visible_to(actor).options(_FEW).where(*_conditions(actor, wanted))
    backwards = cursor is not None and direction == "newer"
    if cursor is not None:
        at, case_id = decode_cursor(cursor)
        # With the columns' own types, so that both databases compare moments and ids, not texts.
        edge = tuple_(literal(at, Case.opened_at.type), literal(case_id, Case.id.type))
        query = query.where(key > edge if backwards else key < edge)
    order_by = (Case.opened_at, Case.id) if backwards else (Case.opened_at.desc(), Case.id.desc())
    cases = list(session.scalars(query.order_by(*order_by).limit(limit + 1)))
    has_more = len(cases) > limit
    cases = cases[:limit]
    if backwards:
        cases.reverse()
    has_newer = has_more if backwards else cursor is not None
    has_older = cursor is not None if backwards else has_more
    return CasePage(
        _summarise(session, actor, cases),
        encode_cursor(cases[0]) if cases and has_newer else None,
        encode_cursor(cases[-1]) if cases and has_older else None,
    )


def _summarise(session: Session, actor: Actor, cases: Sequence[Case]) -> list[CaseRow]:
    if not cases:
        return []
    is_staff = actor.scope == "all"
    people = {case.user_id for case in cases} | ({case.assignee_id for case in cases} if is_staff else set())
    names: dict[uuid.UUID | None, str] = {
        row.id: row.name
        for row in session.execute(select(User.id, User.name).where(User.id.in_(people - {None})))
    }
    called: dict[uuid.UUID | None, str] = {}
    escalated: set[uuid.UUID] = set()
    if is_staff:
        accounts = {case.account_id for case in cases} - {None}
        called = {
            row.id: row.name
            for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(accounts)))
        }
        ids = [case.id for case in cases]
        escalated = set(session.scalars(select(Case.id).where(Case.id.in_(ids), IS_ESCALATED)))
    return [
        CaseRow(
            case,
            opened_by=names.get(case.user_id, ""),
            account_name=called.get(case.account_id, ""),
            assignee=names.get(case.assignee_id, "") if is_staff else "",
            is_escalated=case.id in escalated,
        )
        for case in cases
    ]


def count_open_cases(session: Session, actor: Actor) -> int:
    """How many cases that the actor sees are not settled."""
    return int(
        session.scalar(
            select(func.count())
            .select_from(Case)
            .where(visibility(actor), Case.state.in_(STATE_GROUPS["open"]))
        )
        or 0
    )


def list_colleagues(session: Session, actor: Actor) -> Sequence[tuple[uuid.UUID, str]]:
    """The people of the actor's company, where the actor may see their requests."""
    if not sees_colleagues(actor):
        return []
    found = session.execute(
        select(User.id, User.name)
        .join(Contact, Contact.user_id == User.id)
        .where(Contact.account_id == actor.account_id)
        .order_by(User.name, User.id)
        .limit(200)
    )
    return [(row.id, row.name) for row in found]


@dataclass(frozen=True)
class StaffEntry:
    """An entry of the ledger in full, with its files."""

    event: CaseEvent
    files: Sequence[CaseAttachment] = field(default_factory=list)


def list_ledger(session: Session, case_id: uuid.UUID) -> list[StaffEntry]:
    """All that happened, oldest first: for staff alone. Customers read `brief`."""
    events = session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.at, CaseEvent.id)
    ).all()
    files: dict[uuid.UUID, list[CaseAttachment]] = {}
    for attachment in session.scalars(
        select(CaseAttachment).where(CaseAttachment.case_id == case_id).order_by(CaseAttachment.id)
    ):
        files.setdefault(attachment.event_id, []).append(attachment)
    return [StaffEntry(event, files.get(event.id, [])) for event in events]


def list_context(session: Session, case_id: uuid.UUID) -> Sequence[CaseContext]:
    """What the person had read before asking."""
    return session.scalars(
        select(CaseContext).where(CaseContext.case_id == case_id).order_by(CaseContext.id)
    ).all()


def find_attachment(
    session: Session, actor: Actor, case_id: uuid.UUID, attachment_id: uuid.UUID
) -> CaseAttachment | None:
    """A file of a case that the actor may see; customers get files of public entries alone."""
    query = (
        select(CaseAttachment)
        .join(Case, Case.id == CaseAttachment.case_id)
        .join(CaseEvent, CaseEvent.id == CaseAttachment.event_id)
        .where(visibility(actor), Case.id == case_id, CaseAttachment.id == attachment_id)
    )
    if actor.scope != "all":
        query = query.where(CaseEvent.visibility == "public")
    return session.scalar(query)
