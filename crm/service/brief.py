"""A case as its customer may read it: only columns that are listed here are ever read.

Pages, mails and links of customers get these values and never the rows of the tables, so a staff-only field
cannot slip into a template.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import NotFound
from core.files import StoredFile
from crm.service.access import normal_reference, visibility
from crm.service.models import PUBLIC, Case, CaseAttachment, CaseEvent


@dataclass(frozen=True)
class BriefFile:
    id: uuid.UUID
    name: str
    size: int
    media_type: str


@dataclass(frozen=True)
class BriefEntry:
    """`by`: customer, staff or system; `author` is the person's name where it was one of the customer's own side."""

    id: uuid.UUID
    at: datetime
    kind: str
    by: str
    author: str
    text: str
    data: Mapping[str, Any]
    files: Sequence[BriefFile] = field(default_factory=list)


@dataclass(frozen=True)
class BriefCase:
    """What a customer may know of a request."""

    id: uuid.UUID
    reference: str
    kind: str
    state: str
    subject: str
    fields: Mapping[str, Any]
    account_id: uuid.UUID | None
    user_id: uuid.UUID | None
    email: str | None
    locale: str
    order_id: uuid.UUID | None
    order_line_id: uuid.UUID | None
    product_id: uuid.UUID | None
    owned_product_id: uuid.UUID | None
    promised_at: datetime | None
    opened_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    version: int


_COLUMNS = (
    Case.id, Case.reference, Case.kind, Case.state, Case.subject, Case.fields, Case.account_id, Case.user_id,
    Case.email, Case.locale, Case.order_id, Case.order_line_id, Case.product_id, Case.owned_product_id,
    Case.promised_at, Case.opened_at, Case.solved_at, Case.closed_at, Case.version,
)  # fmt: skip


def _read(session: Session, *conditions: ColumnElement[bool]) -> BriefCase | None:
    row = session.execute(select(*_COLUMNS).where(*conditions)).one_or_none()
    return BriefCase(**row._mapping) if row is not None else None


def get_brief(session: Session, actor: Actor, reference: str) -> BriefCase:
    """The request with this reference. Raises NotFound, also for one of somebody else."""
    wanted = normal_reference(reference)
    found = _read(session, visibility(actor), Case.reference == wanted) if wanted else None
    if found is None:
        raise NotFound
    return found


def find_brief_by_id(session: Session, case_id: uuid.UUID) -> BriefCase | None:
    """For mails and mailed links, whose right to it was settled before."""
    return _read(session, Case.id == case_id)


def list_entries(session: Session, case_id: uuid.UUID) -> list[BriefEntry]:
    """The public entries, oldest first. Who of the staff wrote is not told: we answer as a house."""
    rows = session.execute(
        select(
            CaseEvent.id, CaseEvent.at, CaseEvent.kind, CaseEvent.side, CaseEvent.actor_name, CaseEvent.text,
            CaseEvent.data,
        )
        .where(CaseEvent.case_id == case_id, CaseEvent.visibility == PUBLIC)
        .order_by(CaseEvent.at, CaseEvent.id)
    ).all()  # fmt: skip
    files: dict[uuid.UUID, list[BriefFile]] = {}
    attached = session.execute(
        select(
            CaseAttachment.event_id,
            CaseAttachment.id,
            StoredFile.name,
            StoredFile.size,
            StoredFile.media_type,
        )
        .join(StoredFile, StoredFile.id == CaseAttachment.file_id)
        .join(CaseEvent, CaseEvent.id == CaseAttachment.event_id)
        .where(CaseAttachment.case_id == case_id, CaseEvent.visibility == PUBLIC)
        .order_by(CaseAttachment.id)
    )
    for row in attached:
        files.setdefault(row.event_id, []).append(BriefFile(row.id, row.name, row.size, row.media_type))
    return [
        BriefEntry(
            row.id, row.at, row.kind, row.side, row.actor_name if row.side == "customer" else "", row.text, row.data,
            files.get(row.id, []),
        )
        for row in rows
    ]  # fmt: skip
