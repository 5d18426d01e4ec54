"""The log of downloads, for those who look after partners and material."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from core.actor import Actor
from core.errors import Forbidden
from crm.identity.models import User
from crm.partners.models import Material, MaterialDownload, MaterialVersion

PAGE = 50


@dataclass(frozen=True)
class Fetched:
    """One line of the log."""

    id: uuid.UUID
    at: datetime
    account_id: uuid.UUID
    person: str
    material: Material
    number: int
    language: str
    is_co_branded: bool


@dataclass(frozen=True)
class LogFilter:
    """None means any."""

    material_id: uuid.UUID | None = None
    account_id: uuid.UUID | None = None


def list_downloads(
    session: Session, actor: Actor, wanted: LogFilter, *, before: uuid.UUID | None = None, limit: int = PAGE
) -> list[Fetched]:
    """Newest first; `before` is the last line of the page before."""
    rows = session.execute(_lines(actor, wanted, before).limit(limit)).all()
    return [_line(row.MaterialDownload, row.person, row.number) for row in rows]


def stream_downloads(session: Session, actor: Actor, wanted: LogFilter) -> Iterator[Fetched]:
    """All lines, newest first, page by page: however many there are, few are in memory."""
    last: uuid.UUID | None = None
    while True:
        page = list_downloads(session, actor, wanted, before=last, limit=500)
        yield from page
        if len(page) < 500:
            return
        last = page[-1].id


def count_by_material(
    session: Session, actor: Actor, since: datetime, ids: Sequence[uuid.UUID] | None = None
) -> dict[uuid.UUID, int]:
    """Downloads since a moment, by material."""
    _may_read(actor)
    rows = session.execute(
        select(MaterialDownload.material_id, func.count())
        .where(
            MaterialDownload.at >= since, MaterialDownload.material_id.in_(ids) if ids is not None else true()
        )
        .group_by(MaterialDownload.material_id)
    )
    return {key: count for key, count in rows}  # noqa: C416 - rows are no pairs to mypy


def count_by_account(
    session: Session, actor: Actor, since: datetime, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, datetime]]:
    """(downloads since a moment, the last of them), by partner."""
    _may_read(actor)
    rows = session.execute(
        select(MaterialDownload.account_id, func.count(), func.max(MaterialDownload.at))
        .where(MaterialDownload.at >= since, MaterialDownload.account_id.in_(ids))
        .group_by(MaterialDownload.account_id)
    )
    return {account_id: (count, last) for account_id, count, last in rows}


def _lines(actor: Actor, wanted: LogFilter, before: uuid.UUID | None) -> Select[MaterialDownload, str, int]:
    _may_read(actor)
    conditions: list[ColumnElement[bool]] = []
    if wanted.material_id is not None:
        conditions.append(MaterialDownload.material_id == wanted.material_id)
    if wanted.account_id is not None:
        conditions.append(MaterialDownload.account_id == wanted.account_id)
    if before is not None:
        at = select(MaterialDownload.at).where(MaterialDownload.id == before).scalar_subquery()
        conditions.append(
            or_(MaterialDownload.at < at, and_(MaterialDownload.at == at, MaterialDownload.id < before))
        )
    return (
        select(MaterialDownload, func.coalesce(User.name, "").label("person"), MaterialVersion.number)
        .join(MaterialVersion, MaterialVersion.id == MaterialDownload.version_id)
        .outerjoin(User, User.id == MaterialDownload.user_id)
        .where(*conditions)
        .options(joinedload(MaterialDownload.material))
        .order_by(MaterialDownload.at.desc(), MaterialDownload.id.desc())
    )


def _line(row: MaterialDownload, person: str, number: int) -> Fetched:
    return Fetched(
        row.id, row.at, row.account_id, person, row.material, number, row.language, row.is_co_branded
    )


def _may_read(actor: Actor) -> None:
    if not (actor.can("materials.manage") or actor.can("partners.manage")):
        raise Forbidden
