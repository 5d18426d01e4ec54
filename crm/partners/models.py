"""Partners (dealers): how each appears in print, the material that we give them, and who fetched what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.db import Base, BoundedText, Id, JSONList, JSONMap, Timestamped
from core.files import StoredFile
from core.search import FoldedText, Searchable

KINDS = ("brochure", "price_list", "picture", "slides")
AUDIENCES = ("all", "chosen")
TERMS_VERSION = "2026-01"  # of the terms for partners; who accepted another one is asked again


class PartnerProfile(Base, Timestamped):
    """How one partner account is named and reached on what we print for it."""

    __tablename__ = "partner_profile"

    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    public_name: Mapped[str] = mapped_column(BoundedText(120), default="")
    address: Mapped[str] = mapped_column(BoundedText(300), default="")  # lines as they are printed
    phone: Mapped[str] = mapped_column(BoundedText(40), default="")
    email: Mapped[str] = mapped_column(BoundedText(254), default="")
    web: Mapped[str] = mapped_column(BoundedText(160), default="")
    languages: Mapped[JSONList] = mapped_column(default=list)  # locales that the partner works in
    logo_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    terms_version: Mapped[str | None] = mapped_column(BoundedText(20))
    terms_accepted_at: Mapped[datetime | None]
    terms_accepted_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL")
    )

    logo: Mapped[StoredFile | None] = relationship()

    @property
    def has_accepted_terms(self) -> bool:
        return self.terms_version == TERMS_VERSION


class Material(Searchable, FoldedText, Base, Timestamped):
    """One thing that partners can have: a brochure, a price list, a picture, slides; with a version per language
    and number. What is not published (or no longer) does not exist for partners."""

    __tablename__ = "material"
    __search__ = "material"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(BoundedText(80), unique=True)
    kind: Mapped[str] = mapped_column(BoundedText(12))
    titles: Mapped[JSONMap]
    summaries: Mapped[JSONMap] = mapped_column(default=dict)
    audience: Mapped[str] = mapped_column(BoundedText(8), default="all")
    published_at: Mapped[datetime | None]  # None: a draft; later than now: to come
    expires_at: Mapped[datetime | None]  # from here on nobody gets it any more

    versions: Mapped[list[MaterialVersion]] = relationship(
        back_populates="material",
        cascade="all, delete-orphan",
        order_by="(MaterialVersion.number.desc(), MaterialVersion.language)",
    )
    links: Mapped[list[MaterialLink]] = relationship(cascade="all, delete-orphan")
    chosen: Mapped[list[MaterialPartner]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"audience IN {AUDIENCES}", name="audience"),
        Index("ix_material_published_at", "published_at"),
    )

    def search_source(self) -> Iterable[str | None]:
        for texts in (self.titles, self.summaries):
            yield from texts.values()

    @property
    def last_day(self) -> datetime | None:
        """The last moment at which it counts: what people mean by "valid until"."""
        return self.expires_at - timedelta(seconds=1) if self.expires_at is not None else None

    def state(self, moment: datetime) -> str:
        """draft, scheduled, published or expired."""
        if self.published_at is None:
            return "draft"
        if self.expires_at is not None and self.expires_at <= moment:
            return "expired"
        return "scheduled" if self.published_at > moment else "published"


class MaterialLink(Base):
    """A product or a category that a material is about; a document shows the products in this order."""

    __tablename__ = "material_link"

    id: Mapped[Id]
    material_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), index=True
    )
    category_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("category.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("(product_id IS NULL) <> (category_id IS NULL)", name="one"),
        UniqueConstraint("material_id", "product_id"),
        UniqueConstraint("material_id", "category_id"),
    )


class MaterialPartner(Base):
    """A partner that a material with the audience `chosen` is for."""

    __tablename__ = "material_partner"

    material_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("material.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class MaterialVersion(Base):
    """One state of a material in one language: a template with texts, which is printed with the partner's logo, or a
    file as it was handed in. A published version never changes."""

    __tablename__ = "material_version"
    __search_parent__ = ("material", "material_id")

    id: Mapped[Id]
    material_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(BoundedText(10))
    number: Mapped[int]
    template: Mapped[str | None] = mapped_column(BoundedText(40))
    texts: Mapped[JSONMap] = mapped_column(default=dict)  # of the template: field -> text or list of texts
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    note: Mapped[str] = mapped_column(BoundedText(300), default="")  # what is new, for partners
    published_at: Mapped[datetime | None]
    uploaded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    material: Mapped[Material] = relationship(back_populates="versions")
    file: Mapped[StoredFile | None] = relationship()

    __table_args__ = (
        UniqueConstraint("material_id", "language", "number"),
        CheckConstraint("(template IS NULL) <> (file_id IS NULL)", name="one_source"),
        CheckConstraint("number > 0", name="number"),
    )


class MaterialDownload(Base):
    """Somebody fetched a version. The address of their computer is not kept."""

    __tablename__ = "material_download"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    material_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("material.id", ondelete="CASCADE"))
    version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("material_version.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL"), index=True
    )
    language: Mapped[str] = mapped_column(BoundedText(10))
    is_co_branded: Mapped[bool] = mapped_column(default=False)

    material: Mapped[Material] = relationship()
    version: Mapped[MaterialVersion] = relationship()

    __table_args__ = (
        Index("ix_material_download_material_id_at", "material_id", "at"),
        Index("ix_material_download_account_id_at", "account_id", "at"),
    )
