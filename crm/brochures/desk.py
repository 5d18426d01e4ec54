"""Material as the staff who keep it find it: drafts and what is over, too."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.search import fold
from crm.catalogue.models import Category, Product
from crm.partners.models import KINDS, Material, MaterialVersion
from crm.partners.queries import list_by_ids, materials_visible_to, published

PAGE = 50
STATES = ("published", "scheduled", "draft", "expired", "waiting", "ending")
SOON = timedelta(days=30)


@dataclass(frozen=True)
class DeskFilter:
    """Empty means any."""

    text: str = ""
    kind: str = ""
    state: str = ""
    page: int = 1


def list_for_staff(session: Session, actor: Actor, wanted: DeskFilter) -> tuple[list[Material], int]:
    """(one page, the number of all), what was changed last first."""
    conditions = [materials_visible_to(actor)]
    for word in fold(wanted.text[:200]).split()[:8]:
        conditions.append(Material.search_text.contains(word, autoescape=True))
    if wanted.kind in KINDS:
        conditions.append(Material.kind == wanted.kind)
    if wanted.state in STATES:
        conditions.append(_is(wanted.state))
    total = session.scalar(select(func.count()).select_from(Material).where(*conditions)) or 0
    ids = session.scalars(
        select(Material.id)
        .where(*conditions)
        .order_by(Material.updated_at.desc(), Material.id.desc())
        .limit(PAGE)
        .offset((wanted.page - 1) * PAGE)
    ).all()
    return list_by_ids(session, ids), total


def _is(state: str) -> ColumnElement[bool]:
    moment = clock.now()
    if state == "draft":
        return Material.published_at.is_(None)
    if state == "expired":
        return and_(Material.published_at.is_not(None), Material.expires_at <= moment)
    if state == "scheduled":
        is_open = or_(Material.expires_at.is_(None), Material.expires_at > moment)
        return and_(Material.published_at > moment, is_open)
    if state == "waiting":
        return Material.versions.any(MaterialVersion.published_at.is_(None))
    if state == "ending":
        return and_(published(moment), Material.expires_at <= moment + SOON)
    return published(moment)


def list_waiting(session: Session, actor: Actor, limit: int = 5) -> tuple[Sequence[Material], int]:
    """Material with versions that wait to be published, what waits longest first, and how much there is."""
    conditions = [_is("waiting"), materials_visible_to(actor)]
    total = session.scalar(select(func.count()).select_from(Material).where(*conditions)) or 0
    since = (
        select(func.min(MaterialVersion.created_at))
        .where(MaterialVersion.material_id == Material.id, MaterialVersion.published_at.is_(None))
        .scalar_subquery()
    )
    ids = session.scalars(
        select(Material.id).where(*conditions).order_by(since, Material.id).limit(limit)
    ).all()
    return list_by_ids(session, ids), total


def list_ending(session: Session, actor: Actor, limit: int = 5) -> tuple[Sequence[Material], int]:
    """What is out and ends within a month, the first to end first, and how many there are."""
    query = select(Material).where(_is("ending"), materials_visible_to(actor))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return session.scalars(query.order_by(Material.expires_at, Material.id).limit(limit)).all(), total


def find_products(session: Session, skus: Sequence[str]) -> tuple[list[uuid.UUID], list[str]]:
    """(ids in the order of `skus`, the numbers that no product has)."""
    rows = session.execute(select(Product.sku, Product.id).where(Product.sku.in_(skus)))
    known: dict[str, uuid.UUID] = {sku: key for sku, key in rows}  # noqa: C416 - rows are no pairs to mypy
    return [known[sku] for sku in skus if sku in known], [sku for sku in skus if sku not in known]


def skus_of(session: Session, material: Material) -> list[str]:
    ids = [link.product_id for link in material.links if link.product_id is not None]
    rows = session.execute(select(Product.id, Product.sku).where(Product.id.in_(ids)))
    known = {key: sku for key, sku in rows}  # noqa: C416 - as above
    return [known[key] for key in ids if key in known]


def category_ids(session: Session, slugs: Sequence[str]) -> list[uuid.UUID]:
    return list(
        session.scalars(
            select(Category.id).where(Category.slug.in_(slugs)).order_by(Category.position, Category.slug)
        )
    )
