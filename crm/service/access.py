"""Who sees which cases: the one place that says it. What is not visible is simply not found."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, true
from sqlalchemy.orm import Session, defer

from core.actor import Actor
from core.errors import Invalid, NotFound
from core.ids import parse_reference
from crm.service.models import Case


def visibility(actor: Actor) -> ColumnElement[bool]:
    """The condition on Case that `actor` may see it: own, the whole company's, or all."""
    if actor.kind == "system":
        return true()
    if actor.user_id is None:
        return false()
    if actor.scope == "all":
        return true() if actor.can("cases.work") else false()
    if actor.account_id is None:
        return and_(Case.user_id == actor.user_id, Case.account_id.is_(None))
    if sees_colleagues(actor):
        return Case.account_id == actor.account_id
    # The account too: who moves to another company leaves the old one's requests behind.
    return and_(Case.user_id == actor.user_id, Case.account_id == actor.account_id)


def sees_colleagues(actor: Actor) -> bool:
    """Whether the actor's list holds requests of several people of one company."""
    return actor.scope == "company" and actor.account_id is not None


def cases_visible_to(actor: Actor) -> Select[Any]:
    """Every query of cases for somebody starts here."""
    return select(Case).options(defer(Case.search_text), defer(Case.staff_text)).where(visibility(actor))


def normal_reference(text: str) -> str | None:
    """'sr 100042 5' -> 'SR-100042-5'; None when it is no reference of ours."""
    try:
        return parse_reference(text, "SR")
    except Invalid:
        return None


def find_case(session: Session, actor: Actor, reference: str) -> Case | None:
    wanted = normal_reference(reference)
    if wanted is None:
        return None
    found: Case | None = session.scalar(cases_visible_to(actor).where(Case.reference == wanted))
    return found


def get_case(session: Session, actor: Actor, reference: str) -> Case:
    """The case with this reference. Raises NotFound, also for a case of somebody else."""
    found = find_case(session, actor, reference)
    if found is None:
        raise NotFound
    return found


def lock_case(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    """The case as it stands now, locked until the transaction ends. Raises NotFound."""
    found: Case | None = session.scalar(
        select(Case)
        .where(visibility(actor), Case.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
