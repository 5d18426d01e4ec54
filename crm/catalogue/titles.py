"""The names of products and categories that somebody looked at."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.i18n import pick
from core.titles import Title, as_ids
from crm.catalogue.models import Category, Product


def products(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(
        select(Product.id, Product.names, Product.slug, Product.is_active).where(
            Product.id.in_(as_ids(values))
        )
    )
    return {
        str(row.id): Title(pick(row.names), f"/product/{row.slug}" if row.is_active else None) for row in rows
    }


def categories(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    """Categories go by their slug."""
    rows = session.execute(select(Category.slug, Category.names).where(Category.slug.in_(values)))
    return {row.slug: Title(pick(row.names), f"/shop/{row.slug}") for row in rows}
