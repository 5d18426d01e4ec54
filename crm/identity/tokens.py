"""Mailed links and programs' tokens: 256 random bits, of which only the digest is kept."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.errors import BadRequest
from crm.identity.models import OneTimeToken, User

LIFETIMES: dict[str, timedelta] = {
    "reset": timedelta(minutes=60),
    "change_email": timedelta(minutes=60),
    "invite": timedelta(hours=72),
}


def new_token() -> str:
    """43 letters, digits, - and _: safe in an address, impossible to guess."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def mint(session: Session, user_id: uuid.UUID, purpose: str, data: JSONMap | None = None) -> str:
    """A new token for the person; older ones of the same purpose are dead from now on."""
    end_tokens(session, user_id, purpose)
    token, moment = new_token(), clock.now()
    session.add(
        OneTimeToken(
            user_id=user_id,
            purpose=purpose,
            digest=digest_of(token),
            data=data or {},
            created_at=moment,
            expires_at=moment + LIFETIMES[purpose],
        )
    )
    session.flush()
    return token


def end_tokens(session: Session, user_id: uuid.UUID, purpose: str | None = None) -> None:
    """Makes the person's unused tokens useless: all, or those of one purpose."""
    statement = update(OneTimeToken).where(OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None))
    if purpose is not None:
        statement = statement.where(OneTimeToken.purpose == purpose)
    session.execute(statement.values(used_at=clock.now()))


def get_live(session: Session, purpose: str, digest: str, *, lock: bool = False) -> tuple[OneTimeToken, User]:
    """The live token with this digest, and its person. Raises BadRequest when it is used, old or not ours."""
    query = (
        select(OneTimeToken, User)
        .join(User, User.id == OneTimeToken.user_id)
        .where(
            OneTimeToken.digest == digest,
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
            User.is_active.is_(True),
        )
    )
    if lock:
        query = query.with_for_update()
    found = session.execute(query).one_or_none()
    if found is None:
        raise BadRequest("token.dead")
    return found[0], found[1]
