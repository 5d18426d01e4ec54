"""Who can sign in: people with a password, their roles, one-time tokens and tokens of programs."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, BoundedText, Id, JSONList, JSONMap, Timestamped

KINDS = ("customer", "partner", "staff")
CHANNELS = ("email", "sms", "phone", "post", "fax")


class User(Base, Timestamped):
    """A person who can sign in. Which company they belong to is a Contact in crm/customers."""

    __tablename__ = "app_user"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(BoundedText(254), unique=True)  # normal form, lower case
    kind: Mapped[str] = mapped_column(BoundedText(10))
    name: Mapped[str] = mapped_column(BoundedText(120))
    password_hash: Mapped[str | None] = mapped_column(BoundedText(255))  # None: invited, no password yet
    locale: Mapped[str] = mapped_column(BoundedText(10), default="en")
    timezone: Mapped[str] = mapped_column(BoundedText(64), default="Europe/Berlin")
    currency: Mapped[str] = mapped_column(BoundedText(3), default="EUR")
    phone: Mapped[str | None] = mapped_column(BoundedText(40))
    preferred_channel: Mapped[str] = mapped_column(BoundedText(10), default="email")
    email_verified_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    last_sign_in_at: Mapped[datetime | None]

    roles: Mapped[list[UserRole]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    __table_args__ = (
        CheckConstraint("kind IN ('customer', 'partner', 'staff')", name="kind"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index("ix_app_user_kind", "kind"),
    )


class UserRole(Base):
    """A role of a staff or partner user; names are in crm/identity/roles.py."""

    __tablename__ = "app_user_role"

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(BoundedText(40), primary_key=True)


class OneTimeToken(Base):
    """A mailed link. Only the digest is kept; a newer request, use, or a changed password ends it."""

    __tablename__ = "one_time_token"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(BoundedText(20))  # verify, reset, change_email, invite
    digest: Mapped[str] = mapped_column(BoundedText(64), unique=True)
    data: Mapped[JSONMap] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A program's bearer token, acting for a user within scopes such as 'orders:write'."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(BoundedText(80))
    digest: Mapped[str] = mapped_column(BoundedText(64), unique=True)
    scopes: Mapped[JSONList]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
