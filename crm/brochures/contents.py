"""What goes into a document: read from the catalogue, the version and the partner's profile, and made printable."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.files.store import path_of
from core.i18n import format_date, format_money, pick, speaking
from core.mail.message import sender
from core.settings import get_settings
from crm.brochures.coverage import printable
from crm.brochures.printing import Drawing, Sheet
from crm.brochures.wording import lasts, months, small_print, words
from crm.catalogue.models import Category, Product
from crm.catalogue.queries import FOR_SALE
from crm.partners.models import Material, MaterialVersion, PartnerProfile
from crm.partners.templates import get_template

HOUSE = "Aurora Home"
MOST_PRICES = 400
_FACES = {
    "en": ["Noto Sans CJK TC", "Noto Sans CJK SC"],
    "zh-Hant": ["Noto Sans CJK TC", "Noto Sans CJK SC"],
    "zh-Hans": ["Noto Sans CJK SC", "Noto Sans CJK TC"],
}
_REGION = {"en": ("en", "GB"), "zh-Hant": ("zh", "TW"), "zh-Hans": ("zh", "CN")}


def sheet_of(session: Session, version: MaterialVersion, profile: PartnerProfile | None) -> Sheet:
    """The document of a version with a template, for a partner, or neutral without a profile (or an empty one)."""
    template = get_template(version.template or "")
    with speaking(version.language, get_settings().default_timezone):
        return _sheet(session, version, profile, template.key, template.output)


def _sheet(
    session: Session, version: MaterialVersion, profile: PartnerProfile | None, template: str, output: str
) -> Sheet:
    material = version.material
    language = version.language
    title = pick(material.titles, language)
    products = _products(session, material, template)
    drawings = {product.id: _drawing(product, f"p{index}.svg") for index, product in enumerate(products)}
    described = {product.id: _described(product, drawings[product.id].name) for product in products}
    partner = _partner(profile)
    lang, region = _REGION[language]
    data: JSONMap = {
        "title": title,
        "lang": lang,
        "region": region,
        "fonts": _FACES[language],
        "house": {"name": HOUSE},
        "about": _about(session, material),
        "texts": dict(version.texts),
        "words": words(),
        "products": list(described.values()),
        "groups": _groups(session, products, described) if template == "prices" else [],
        "warranty": _warranty(session) if template == "service" else [],
        "partner": partner or _house(),
        "small-print": small_print(
            title, version.number, version.published_at, material.last_day, prices=template == "prices"
        ),
        "today": format_date(clock.now()) if template == "prices" else "",
    }
    missing: list[str] = []
    data = _printable(data, missing)
    logo = _logo(profile) if partner is not None else None
    return Sheet(
        template=template,
        data=data,
        drawings=tuple(drawings.values()),
        logo=logo,
        logo_size=_size(logo) if logo is not None else (1, 1),
        output=output,
        missing="".join(dict.fromkeys("".join(missing))),
        is_co_branded=partner is not None,
    )


def _partner(profile: PartnerProfile | None) -> JSONMap | None:
    """What stands in the band below; None when the partner has told us no name yet."""
    if profile is None or not profile.public_name:
        return None
    return {
        "house": False,
        "name": profile.public_name,
        "lines": profile.address.splitlines(),
        "reach": [part for part in (profile.phone, profile.email, profile.web) if part],
        "logo": _logo(profile) is not None,
    }


def _logo(profile: PartnerProfile | None) -> str | None:
    """The digest of the logo, when its bytes are there; without them the name is printed in its place."""
    if profile is None or profile.logo is None or not path_of(profile.logo.digest).is_file():
        return None
    return profile.logo.digest


def _house() -> JSONMap:
    return {
        "house": True,
        "name": HOUSE,
        "lines": [],
        "reach": [sender(get_settings().mail_from).addr_spec],
        "logo": False,
    }


def _printable(value: Any, missing: list[str]) -> Any:
    if isinstance(value, str):
        text, lacking = printable(value)
        missing.append(lacking)
        return text
    if isinstance(value, dict):
        return {key: _printable(item, missing) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item, missing) for item in value]
    return value


def _products(session: Session, material: Material, template: str) -> Sequence[Product]:
    """The products that the material names, in its order; without any, those of its categories."""
    named = [link.product_id for link in material.links if link.product_id is not None]
    categories = [link.category_id for link in material.links if link.category_id is not None]
    query = select(Product).where(FOR_SALE)
    if named:
        rows = {row.id: row for row in session.scalars(query.where(Product.id.in_(named)))}
        return [rows[key] for key in named if key in rows]
    if template == "prices":
        query = query.where(Product.category_id.in_(categories)).order_by(Product.sku).limit(MOST_PRICES)
    else:
        query = query.where(Product.category_id.in_(categories))
        query = query.order_by(Product.popularity.desc(), Product.id.desc()).limit(6)
    return session.scalars(query).all()


def _drawing(product: Product, name: str) -> Drawing:
    return Drawing(
        name,
        product.family,
        json.dumps(product.picture, sort_keys=True),
        product.sku,
        product.names.get("en", ""),
    )


def _described(product: Product, picture: str) -> JSONMap:
    return {
        "name": pick(product.names),
        "tagline": pick(product.taglines),
        "sku": product.sku,
        "family": product.family,
        "picture": picture,
        "price": format_money(product.money),
        "lasts": lasts(product.consumable_days),
        "specs": [
            {"key": row["label"].get("en", ""), "label": pick(row["label"]), "value": pick(row["value"])}
            for row in product.specs
        ],
    }


def _categories(session: Session, ids: Iterable[uuid.UUID | None]) -> list[Category]:
    wanted = {key for key in ids if key is not None}
    return list(
        session.scalars(
            select(Category).where(Category.id.in_(wanted)).order_by(Category.position, Category.slug)
        )
    )


def _about(session: Session, material: Material) -> str:
    found = _categories(session, (link.category_id for link in material.links))
    return " · ".join(pick(one.names) for one in found[:3])


def _groups(
    session: Session, products: Sequence[Product], described: dict[uuid.UUID, JSONMap]
) -> list[JSONMap]:
    return [
        {
            "name": pick(category.names),
            "products": [described[one.id] for one in products if one.category_id == category.id],
        }
        for category in _categories(session, (product.category_id for product in products))
    ]


def _warranty(session: Session) -> list[JSONMap]:
    """By category: the warranty that most of its products have."""
    rows = session.execute(
        select(Product.category_id, Product.warranty_months, func.count())
        .where(FOR_SALE, Product.warranty_months > 0)
        .group_by(Product.category_id, Product.warranty_months)
        .order_by(func.count(), Product.warranty_months)
    )
    most = {category_id: length for category_id, length, _count in rows}
    return [
        {"name": pick(category.names), "months": months(most[category.id])}
        for category in _categories(session, most)
    ]


@lru_cache(256)
def _size(digest: str) -> tuple[int, int]:
    """Width and height of a kept logo; read once, its content never changes."""
    with Image.open(io.BytesIO(path_of(digest).read_bytes()), formats=("PNG",)) as picture:
        return picture.size
