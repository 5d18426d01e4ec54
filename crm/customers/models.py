"""The record of the customer: accounts (companies, households, consumers), their contacts and addresses."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, BoundedText, Id, Timestamped
from core.search import FoldedText


class Account(FoldedText, Base, Timestamped):
    """One customer: what orders, cases and promises belong to."""

    __tablename__ = "account"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)  # customer number that people say
    kind: Mapped[str] = mapped_column(BoundedText(12))  # company, household, consumer
    name: Mapped[str] = mapped_column(BoundedText(160))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    country: Mapped[str | None] = mapped_column(BoundedText(60))
    currency: Mapped[str] = mapped_column(BoundedText(3), default="EUR")
    tax_number: Mapped[str | None] = mapped_column(BoundedText(40))
    pays_on_account: Mapped[bool] = mapped_column(default=False)
    is_partner: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(
        BoundedText(40), default="portal"
    )  # portal, demo, import profile name
    external_id: Mapped[str | None] = mapped_column(BoundedText(80))

    contacts: Mapped[list[Contact]] = relationship(back_populates="account", cascade="all, delete-orphan")
    addresses: Mapped[list[Address]] = relationship(back_populates="account", cascade="all, delete-orphan")

    def search_source(self) -> Iterable[str | None]:
        return (self.name, str(self.number), self.external_id)

    __table_args__ = (
        CheckConstraint("kind IN ('company', 'household', 'consumer')", name="kind"),
        UniqueConstraint("source", "external_id"),
        Index("ix_account_name", "name"),
    )


class Contact(Base):
    """A person's place in an account. `scope` own: only the own orders; company: the whole account's."""

    __tablename__ = "contact"

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), unique=True)
    role: Mapped[str] = mapped_column(
        BoundedText(40), default="customer"
    )  # a key of roles.CUSTOMER_ROLES or PARTNER_ROLES
    scope: Mapped[str] = mapped_column(BoundedText(10), default="own")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    account: Mapped[Account] = relationship(back_populates="contacts")

    __table_args__ = (CheckConstraint("scope IN ('own', 'company')", name="scope"),)


class Address(Base, Timestamped):
    """A postal address of an account; `user_id` set: this person's own."""

    __tablename__ = "address"

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    label: Mapped[str] = mapped_column(BoundedText(60), default="")
    recipient: Mapped[str] = mapped_column(BoundedText(120))
    line1: Mapped[str] = mapped_column(BoundedText(160))
    line2: Mapped[str] = mapped_column(BoundedText(160), default="")
    postal_code: Mapped[str] = mapped_column(BoundedText(20), default="")
    city: Mapped[str] = mapped_column(BoundedText(100))
    region: Mapped[str] = mapped_column(BoundedText(100), default="")
    country: Mapped[str] = mapped_column(BoundedText(2))  # ISO 3166-1 alpha-2
    phone: Mapped[str] = mapped_column(BoundedText(40), default="")
    is_default: Mapped[bool] = mapped_column(default=False)

    account: Mapped[Account] = relationship(back_populates="addresses")


class SignUp(Base):
    """Somebody who asked for an account and has not opened the mailed link yet. There is no user until then, so
    that an address which is taken and one which is free are treated alike."""

    __tablename__ = "sign_up"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(BoundedText(254), index=True)
    name: Mapped[str] = mapped_column(BoundedText(120))
    company: Mapped[str | None] = mapped_column(BoundedText(160))  # None: a private customer
    password_hash: Mapped[str] = mapped_column(BoundedText(255))
    locale: Mapped[str] = mapped_column(BoundedText(10))
    timezone: Mapped[str] = mapped_column(BoundedText(64))
    wants_offers: Mapped[bool] = mapped_column(default=False, server_default=false())
    digest: Mapped[str | None] = mapped_column(BoundedText(64), unique=True)  # of the newest mailed link
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Invitation(Base):
    """A colleague who was asked to join an account and has not accepted yet."""

    __tablename__ = "invitation"

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(BoundedText(254), index=True)
    role: Mapped[str] = mapped_column(BoundedText(40))
    scope: Mapped[str] = mapped_column(BoundedText(10))
    locale: Mapped[str] = mapped_column(BoundedText(10))
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    digest: Mapped[str | None] = mapped_column(BoundedText(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    account: Mapped[Account] = relationship()

    __table_args__ = (UniqueConstraint("account_id", "email"),)
