"""The file's articles as products, and its customers as accounts: made once, before the first document."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from core import clock
from core.ids import new_id
from core.money import from_units
from core.search import fold
from crm.catalogue.models import Category, Product
from crm.customers.models import Account
from crm.customers.services import next_account_number
from crm.orders.importing.grouping import CodeFacts, CustomerFacts
from crm.orders.importing.profile import Profile
from crm.orders.models import Order, OrderLine


def slug_of(text: str) -> str:
    """Letters and digits of any script's plain Latin part, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def ensure_category(session: Session, profile: Profile) -> uuid.UUID:
    wanted = profile.catalogue.category
    found = session.scalar(select(Category.id).where(Category.slug == wanted.slug))
    if found is not None:
        return found
    names: dict[str, str] = {str(locale): text for locale, text in wanted.names.items()}
    last = session.scalar(select(func.max(Category.position))) or 0
    category = Category(slug=wanted.slug, names=names, position=last + 1)
    session.add(category)
    session.flush()
    return category.id


def load_products(session: Session, codes: Iterable[str]) -> dict[str, tuple[uuid.UUID, str]]:
    """code -> (id, name) of the codes that are in the catalogue, whoever brought them."""
    wanted = set(codes)
    rows = session.execute(select(Product.sku, Product.id, Product.names))
    return {sku: (row_id, next(iter(names.values()), "")) for sku, row_id, names in rows if sku in wanted}


def ensure_products(
    session: Session, profile: Profile, codes: Mapping[str, CodeFacts], loaded_until: datetime | None
) -> tuple[int, int]:
    """Makes what is missing; what an older file brought gets the newer name and price. Returns (made, changed)."""
    if not codes:
        return 0, 0
    category_id = ensure_category(session, profile)
    known = {row.sku: row for row in session.execute(
        select(Product.sku, Product.id, Product.names, Product.price, Product.source)
    )}  # fmt: skip
    slugs = set(session.scalars(select(Product.slug)))
    rows = [
        _product(profile, category_id, code, facts, slugs)
        for code, facts in codes.items()
        if code not in known
    ]
    for at in range(0, len(rows), 1000):
        session.execute(insert(Product), rows[at : at + 1000])
    changed = 0
    for code, facts in codes.items():
        row = known.get(code)
        if row is None or row.source != profile.source or loaded_until is None:
            continue
        values: dict[str, Any] = {}
        locale, names = profile.catalogue.locale, row.names
        if (
            facts.is_sale_name
            and facts.named_at
            and facts.named_at > loaded_until
            and names.get(locale) != facts.name
        ):
            values["names"] = {**names, locale: facts.name}
            values["search_text"] = fold(f"{code} \n {' '.join(values['names'].values())}")
        if facts.priced_at and facts.priced_at > loaded_until and row.price != from_units(facts.units):
            values |= {"price": from_units(facts.units), "is_active": True, "is_sellable": True}
        if values:
            changed += 1
            values["revision"] = Product.revision + 1
            session.execute(
                update(Product).where(Product.id == row.id).values(values)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
    return len(rows), changed


def _product(
    profile: Profile, category_id: uuid.UUID, code: str, facts: CodeFacts, slugs: set[str]
) -> dict[str, Any]:
    name = facts.name or code
    base = "-".join(part for part in (slug_of(name)[:70].strip("-"), slug_of(code)[:40]) if part) or "article"
    slug, count = base, 1
    while slug in slugs:  # codes that differ only in case
        count += 1
        slug = f"{base}-{count}"
    slugs.add(slug)
    # What was never sold has no price: it is kept for its history and not offered.
    is_sold = facts.priced_at is not None
    first_at = facts.first_at or clock.now()
    return {
        "id": new_id(),
        "sku": code,
        "slug": slug,
        "category_id": category_id,
        "names": {profile.catalogue.locale: name},
        "price": from_units(facts.units) if is_sold else Decimal(0),
        "currency": profile.values.currency,
        "tax_rate": profile.catalogue.tax_percent * 100,
        "is_active": is_sold,
        "is_sellable": is_sold,
        "source": profile.source,
        "search_text": fold(f"{code} \n {name}"),
        "created_at": first_at,
        "updated_at": first_at,
    }


def load_accounts(session: Session, profile: Profile) -> dict[str, uuid.UUID]:
    """The file's customer number -> id."""
    rows = session.execute(
        select(Account.external_id, Account.id).where(
            Account.source == profile.source, Account.external_id.is_not(None)
        )
    )
    return {number: row_id for number, row_id in rows if number is not None}


def ensure_accounts(session: Session, profile: Profile, customers: Mapping[str, CustomerFacts]) -> int:
    """Makes the accounts that are missing; returns how many."""
    known = load_accounts(session, profile)
    missing = [number for number in customers if number not in known]
    if not missing:
        return 0
    next_number = next_account_number(session)
    rows: list[dict[str, Any]] = []
    for number, external_id in enumerate(missing, start=next_number):
        facts = customers[external_id]
        name = profile.customers.name.replace("{number}", external_id)[:160]
        rows.append(
            {
                "id": new_id(),
                "number": number,
                "kind": profile.customers.kind,
                "name": name,
                "country": profile.countries.get(facts.country, facts.country) or None,
                "currency": profile.values.currency,
                "source": profile.source,
                "external_id": external_id,
                "search_text": fold(f"{name} {number} {external_id}"),
                "created_at": facts.first_at,
                "updated_at": facts.first_at,
            }
        )
    for at in range(0, len(rows), 1000):
        session.execute(insert(Account), rows[at : at + 1000])
    return len(rows)


def count_popularity(session: Session, profile: Profile) -> None:
    """Popularity of this source's products: units in the last days of its orders, less what was cancelled."""
    newest = session.scalar(select(func.max(Order.placed_at)).where(Order.source == profile.source))
    if newest is None:
        return
    sold = dict(
        session.execute(
            select(OrderLine.product_id, func.sum(OrderLine.quantity))
            .join(Order, Order.id == OrderLine.order_id)
            .where(
                Order.source == profile.source,
                Order.placed_at > newest - timedelta(days=profile.catalogue.popularity_days),
                OrderLine.kind == "product",
            )
            .group_by(OrderLine.product_id)
        ).all()
    )
    present = session.execute(select(Product.id, Product.popularity).where(Product.source == profile.source))
    changes = [
        {"id": row_id, "popularity": units}
        for row_id, before in present
        if (units := max(0, min(int(sold.get(row_id) or 0), 2**31 - 1))) != before
    ]
    for at in range(0, len(changes), 1000):
        session.execute(update(Product), changes[at : at + 1000])
