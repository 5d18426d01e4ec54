"""What the ids in clicks mean: products, articles, orders, requests and people, each kind with one query."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream.models import ClickEvent
from core.actor import Actor
from core.i18n import current_locale, pick
from crm.catalogue.models import Category, Product
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders.models import Order
from crm.service.models import Case
from knowledge_base.models import Article, ArticleText, ArticleVersion


class Title(NamedTuple):
    text: str
    url: str | None = None


class Person(NamedTuple):
    """`account`: whom they buy for."""

    name: str
    account: str = ""
    url: str | None = None


Key = tuple[str, str]


def _ids(values: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue  # a browser may send any word as an id
    return found


def keys_of(event: ClickEvent) -> list[Key]:
    """What an event is about: its product, or the thing of its page."""
    if event.product_id:
        return [("product", event.product_id)]
    return [(event.page_kind, event.page_id)] if event.page_kind and event.page_id else []


def resolve(session: Session, keys: Iterable[Key], who: Actor) -> Mapping[Key, Title]:
    """Title and address of what is still there and what `who` may see."""
    wanted: dict[str, set[str]] = {}
    for kind, value in keys:
        wanted.setdefault(kind, set()).add(value)
    found: dict[Key, Title] = {}
    for kind, load in _LOADERS.items():
        if values := wanted.get(kind):
            found.update({(kind, key): title for key, title in load(session, values, who).items()})
    return found


def _products(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(
        select(Product.id, Product.names, Product.slug).where(Product.id.in_(_ids(values)))
    )
    return {str(row.id): Title(pick(row.names), f"/product/{row.slug}") for row in rows}


def _categories(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(select(Category.slug, Category.names).where(Category.slug.in_(values)))
    return {row.slug: Title(pick(row.names), f"/shop/{row.slug}") for row in rows}


def _orders(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    if not who.can("orders.read"):
        return {}
    rows = session.execute(select(Order.id, Order.number).where(Order.id.in_(_ids(values))))
    return {str(row.id): Title(row.number, f"/staff/orders/{row.number}") for row in rows}


def _articles(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    titles: dict[uuid.UUID, dict[str, str]] = {}
    slugs: dict[uuid.UUID, str] = {}
    rows: Any = session.execute(
        select(Article.id, Article.slug, ArticleText.locale, ArticleVersion.title)
        .join(ArticleText, ArticleText.article_id == Article.id)
        .join(
            ArticleVersion,
            ArticleVersion.id == func.coalesce(ArticleText.published_id, ArticleText.latest_id),
        )
        .where(Article.id.in_(_ids(values)))
    )
    for row in rows:
        slugs[row.id] = row.slug
        titles.setdefault(row.id, {})[row.locale] = row.title
    return {
        str(key): Title(texts.get(current_locale()) or pick(texts), f"/help/{slugs[key]}")
        for key, texts in titles.items()
    }


def _requests(session: Session, values: set[str], who: Actor) -> dict[str, Title]:
    rows = session.execute(select(Case.id, Case.reference).where(Case.id.in_(_ids(values))))
    may_open = who.can("cases.work")
    return {
        str(row.id): Title(row.reference, f"/staff/cases/{row.reference}" if may_open else None)
        for row in rows
    }


_LOADERS = {
    "product": _products,
    "category": _categories,
    "order": _orders,
    "article": _articles,
    "request": _requests,
}


def people(session: Session, ids: Iterable[uuid.UUID | None], who: Actor) -> dict[uuid.UUID, Person]:
    """Names of persons with the customer they belong to; nothing without the permission to read customers."""
    wanted = {found for found in ids if found is not None}
    if not wanted or not who.can("customers.read"):
        return {}
    rows = session.execute(
        select(User.id, User.name, Account.id.label("account_id"), Account.name.label("account"))
        .outerjoin(Contact, Contact.user_id == User.id)
        .outerjoin(Account, Account.id == Contact.account_id)
        .where(User.id.in_(wanted))
    )
    return {
        row.id: Person(
            row.name, row.account or "", f"/staff/customers/{row.account_id}" if row.account_id else None
        )
        for row in rows
    }
