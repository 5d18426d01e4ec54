"""Service requests (the customer's word) or cases (the staff's): the request, its one ledger, files, what was read
before, escalations, and mailed links."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, BoundedText, Id, JSONMap, LongText, Timestamped
from core.files import StoredFile

KINDS = ("question", "complaint", "repair", "return", "billing", "installation", "wish")
STATES = ("new", "open", "waiting_customer", "waiting_internal", "solved", "closed")
SEVERITIES = ("normal", "severe")
PUBLIC, INTERNAL = "public", "internal"


class Case(Base, Timestamped):
    """One request. `search_text` holds only what its customer may read; `staff_text` what staff wrote and know."""

    __tablename__ = "service_case"

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(BoundedText(20), unique=True)  # SR-100042-5
    kind: Mapped[str] = mapped_column(BoundedText(20))
    state: Mapped[str] = mapped_column(BoundedText(20), default="new")
    severity: Mapped[str] = mapped_column(BoundedText(10), default="normal")
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    email: Mapped[str | None] = mapped_column(BoundedText(254))
    locale: Mapped[str] = mapped_column(BoundedText(10), default="en")
    subject: Mapped[str] = mapped_column(BoundedText(160))
    fields: Mapped[JSONMap] = mapped_column(default=dict)  # what the form of this kind asked, see kinds.py
    order_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("sales_order.id", ondelete="SET NULL"), index=True
    )
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("order_line.id", ondelete="SET NULL"), index=True
    )
    product_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("product.id", ondelete="SET NULL"), index=True
    )
    owned_product_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("owned_product.id", ondelete="SET NULL"), index=True
    )
    team: Mapped[str] = mapped_column(BoundedText(20), default="service")
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL"), index=True
    )
    promised_at: Mapped[datetime | None]  # we reply by then; None once we have
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    active_at: Mapped[datetime] = mapped_column(default=clock.now)  # last thing that the customer can see
    first_reply_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(BoundedText(20), default="portal")
    idempotency_key: Mapped[str | None] = mapped_column(BoundedText(100))
    version: Mapped[int] = mapped_column(default=1)
    search_text: Mapped[str] = mapped_column(LongText(), default="")
    staff_text: Mapped[str] = mapped_column(LongText(), default="")

    events: Mapped[list[CaseEvent]] = relationship(
        cascade="all, delete-orphan", order_by="CaseEvent.at, CaseEvent.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - two people at once: one is told

    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"severity IN {SEVERITIES}", name="severity"),
        Index("ix_service_case_account_id_opened_at", "account_id", "opened_at", "id"),
        Index("ix_service_case_user_id_opened_at", "user_id", "opened_at", "id"),
        Index("ix_service_case_opened_at", "opened_at", "id"),
        Index("ix_service_case_state_opened_at", "state", "opened_at", "id"),
        Index("ix_service_case_promised_at", "promised_at"),
    )


class CaseEvent(Base):
    """One thing that happened, written once. The customer's page reads `text` and `data` of public entries and no
    other column; `staff_data` (reasons, who it went to) is for staff alone, also on a public entry."""

    __tablename__ = "case_event"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    kind: Mapped[str] = mapped_column(BoundedText(30))
    visibility: Mapped[str] = mapped_column(BoundedText(10), default=INTERNAL)
    side: Mapped[str] = mapped_column(BoundedText(10))  # customer, staff, system
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(BoundedText(120), default="")
    text: Mapped[str] = mapped_column(LongText(), default="")
    data: Mapped[JSONMap] = mapped_column(default=dict)
    staff_data: Mapped[JSONMap] = mapped_column(default=dict)
    key: Mapped[str | None] = mapped_column(
        BoundedText(100)
    )  # of the person's intention: sent twice, kept once

    __table_args__ = (
        UniqueConstraint("case_id", "key"),
        CheckConstraint("visibility IN ('public', 'internal')", name="visibility"),
        Index("ix_case_event_case_id_at", "case_id", "at", "id"),
    )


class CaseAttachment(Base):
    """A file that came with an entry of the ledger; whoever may read the entry may have it."""

    __tablename__ = "case_attachment"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_event.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stored_file.id"), index=True)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class CaseContext(Base):
    """What the person had looked at before asking: opaque references with a title, such as help articles."""

    __tablename__ = "case_context"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(BoundedText(20))
    object_id: Mapped[str] = mapped_column(BoundedText(60))
    title: Mapped[str] = mapped_column(BoundedText(200))
    at: Mapped[datetime] = mapped_column(default=clock.now)


class CaseEscalation(Base):
    """A case that needs more weight: beside its state, with level, reason, who, when and what came of it."""

    __tablename__ = "case_escalation"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"), index=True)
    level: Mapped[int] = mapped_column(default=1)  # 1: the supervisor
    trigger: Mapped[str] = mapped_column(BoundedText(20), default="manual")
    reason: Mapped[str] = mapped_column(BoundedText(1000))
    raised_by: Mapped[uuid.UUID | None]
    raised_by_name: Mapped[str] = mapped_column(BoundedText(120), default="")
    raised_at: Mapped[datetime] = mapped_column(default=clock.now)
    outcome: Mapped[str] = mapped_column(BoundedText(1000), default="")
    resolved_by: Mapped[uuid.UUID | None]
    resolved_by_name: Mapped[str] = mapped_column(BoundedText(120), default="")
    resolved_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_case_escalation_resolved_at_raised_at", "resolved_at", "raised_at"),)


class CaseLink(Base):
    """A mailed address that opens a short page of one request without a sign-in. Only the digest is kept."""

    __tablename__ = "case_link"

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(BoundedText(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
