"""Mailed links to a short page of one request: 256 random bits, of which only the digest is kept."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.jobs import recurring
from crm.identity.models import User
from crm.service.brief import BriefCase, find_brief_by_id
from crm.service.models import Case, CaseLink

LIFETIME = timedelta(days=60)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def mint_link(session: Session, case_id: uuid.UUID) -> str:
    """A new token for the request. It exists in the mail alone."""
    token = secrets.token_urlsafe(32)
    session.add(CaseLink(case_id=case_id, digest=_digest(token), expires_at=clock.now() + LIFETIME))
    return token


def find_linked(session: Session, token: str) -> BriefCase | None:
    """The request that a token opens; None when it is unknown, too old, or its person was disabled."""
    if not 40 <= len(token) <= 60:
        return None
    case_id = session.scalar(
        select(Case.id)
        .join(CaseLink, CaseLink.case_id == Case.id)
        .outerjoin(User, User.id == Case.user_id)
        .where(
            CaseLink.digest == _digest(token),
            CaseLink.expires_at > clock.now(),
            or_(User.id.is_(None), User.is_active.is_(True)),
        )
    )
    return find_brief_by_id(session, case_id) if case_id is not None else None


@recurring("cases.prune_links", every=timedelta(hours=6))
def prune_links(session: Session) -> None:
    session.execute(delete(CaseLink).where(CaseLink.expires_at < clock.now()))
