"""The demo's material for dealers: versions, one dealer's profile with a drawn logo, and who fetched what."""

from __future__ import annotations

import io
import random
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.demo.accounts import company_id, user_id
from core import clock
from core.files import keep, record
from core.i18n import LOCALES
from core.ids import new_id
from core.search import enqueue_rebuild, fold
from crm.brochures.coverage import FONTS
from crm.catalogue.models import Category, Product
from crm.customers.models import Account, Contact
from crm.partners.models import (
    TERMS_VERSION,
    Material,
    MaterialDownload,
    MaterialLink,
    MaterialPartner,
    MaterialVersion,
    PartnerProfile,
)

DATA = Path(__file__).parent / "data" / "materials" / "materials.yaml"
SEED = 30_011
DOWNLOADS = 260
DEALER = "dealer"
MANAGER = "partners@aurora-home.example"
Rows = dict[type[Any], list[dict[str, Any]]]


def ensure_materials(session: Session) -> int:
    """Writes the material once; returns how many there are."""
    if session.scalar(select(Material.id).limit(1)) is not None:
        return 0
    entries = yaml.safe_load(DATA.read_text("utf-8"))["materials"]
    products = dict(session.execute(select(Product.sku, Product.id)).all())
    categories = dict(session.execute(select(Category.slug, Category.id)).all())
    rows: Rows = {
        kind: [] for kind in (Material, MaterialLink, MaterialPartner, MaterialVersion, MaterialDownload)
    }
    for entry in entries:
        _add(rows, entry, products, categories)
    _write_profiles(session)
    _add_downloads(session, rows)
    for model, values in rows.items():
        if values:
            session.execute(insert(model), values)
    enqueue_rebuild(session, "material")
    return len(entries)


def _add(
    rows: Rows,
    entry: Mapping[str, Any],
    products: Mapping[str, uuid.UUID],
    categories: Mapping[str, uuid.UUID],
) -> None:
    moment = clock.now()
    material_id = new_id()
    ages = sorted(entry["versions"], reverse=True)
    published_at = moment - timedelta(days=ages[0]) if ages else None
    texts = [*entry["titles"].values(), *entry["summaries"].values()]
    rows[Material].append(
        {
            "id": material_id,
            "slug": entry["slug"],
            "kind": entry["kind"],
            "titles": entry["titles"],
            "summaries": entry["summaries"],
            "audience": entry.get("audience", "all"),
            "published_at": published_at,
            "expires_at": moment + timedelta(days=entry["until"]) if "until" in entry else None,
            "search_text": fold("\n".join(texts)),
            "revision": 1,
        }
    )
    if entry.get("audience") == "chosen":
        rows[MaterialPartner].append({"material_id": material_id, "account_id": company_id(DEALER)})
    links = [("product_id", products[sku]) for sku in entry.get("products", ()) if sku in products]
    links += [("category_id", categories[slug]) for slug in entry["categories"] if slug in categories]
    for position, (name, key) in enumerate(links):
        rows[MaterialLink].append(
            {"id": new_id(), "material_id": material_id, "product_id": None, "category_id": None,
             "position": position, name: key}
        )  # fmt: skip
    states: list[datetime | None] = [moment - timedelta(days=age) for age in ages]
    if entry.get("draft"):
        states.append(None)
    for number, at in enumerate(states, start=1):
        for language in LOCALES:
            rows[MaterialVersion].append(
                {
                    "id": new_id(),
                    "material_id": material_id,
                    "language": language,
                    "number": number,
                    "template": entry["template"],
                    "texts": entry["texts"][language],
                    "file_id": None,
                    "note": entry.get("notes", {}).get(language, "") if number > 1 else "",
                    "published_at": at,
                    "uploaded_by": user_id(MANAGER),
                    "created_at": (at or moment) - timedelta(hours=5),
                }
            )


def _write_profiles(session: Session) -> None:
    """The dealer that one can sign in as is complete; the others have got as far as real ones have."""
    kept = keep(io.BytesIO(draw_logo()), "logo.png", kinds={"image/png"})
    session.add(
        PartnerProfile(
            account_id=company_id(DEALER),
            public_name="Morgenrot Coffee Equipment",
            address="Werkstrasse 30\n8005 Zürich",
            phone="+41 44 555 01 30",
            email="sales@morgenrot-coffee.example",
            web="www.morgenrot-coffee.example",
            languages=["en", "zh-Hant"],
            logo=record(session, kept),
            terms_version=TERMS_VERSION,
            terms_accepted_at=clock.now() - timedelta(days=300),
            terms_accepted_by=user_id("sales@morgenrot-coffee.example"),
        )
    )
    dice = random.Random(SEED)
    others = session.scalars(
        select(Account).where(Account.is_partner, Account.id != company_id(DEALER)).order_by(Account.number)
    )
    for account in others:
        if dice.random() < 0.75:
            session.add(
                PartnerProfile(
                    account_id=account.id,
                    public_name=account.name,
                    languages=["en"],
                    terms_version=TERMS_VERSION,
                    terms_accepted_at=clock.now() - timedelta(days=dice.randint(60, 500)),
                )
            )
    session.flush()


def _add_downloads(session: Session, rows: Rows) -> None:
    dice = random.Random(SEED + 1)
    moment = clock.now()
    people = session.execute(
        select(Contact.account_id, Contact.user_id)
        .join(Account)
        .where(Account.is_partner)
        .order_by(Account.number, Contact.user_id)
    ).all()
    open_to_all = {row["id"] for row in rows[Material] if row["audience"] == "all"}
    out = [row for row in rows[MaterialVersion] if row["published_at"] and row["material_id"] in open_to_all]
    latest: dict[tuple[uuid.UUID, str], list[dict[str, Any]]] = {}
    for row in out:
        latest.setdefault((row["material_id"], row["language"]), []).append(row)
    expiry = {row["id"]: row["expires_at"] for row in rows[Material]}
    weights = [6 if account_id == company_id(DEALER) else 1 for account_id, _user in people]
    for _ in range(DOWNLOADS):
        account_id, person_id = dice.choices(people, weights)[0]
        versions = dice.choice(list(latest.values()))
        first = versions[0]["published_at"]
        last = min(moment, expiry[versions[0]["material_id"]] or moment)
        at = last - (last - first) * dice.random() ** 1.6
        current = [version for version in versions if version["published_at"] <= at][-1]
        if account_id == company_id(DEALER) and current["number"] > 1:
            continue  # the dealer that one signs in as has not got the newest ones yet
        rows[MaterialDownload].append(
            {
                "id": new_id(),
                "at": at,
                "material_id": current["material_id"],
                "version_id": current["id"],
                "account_id": account_id,
                "user_id": person_id,
                "language": current["language"],
                "is_co_branded": True,
            }
        )


def draw_logo() -> bytes:
    """The logo of the invented dealer: a sun over a line of roasted brown, and its name."""
    scale = 2
    picture = Image.new("RGBA", (900 * scale, 240 * scale), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    red, brown = (214, 84, 52, 255), (62, 39, 28, 255)
    pen.pieslice([20 * scale, 20 * scale, 220 * scale, 220 * scale], 180, 360, fill=red)
    for row, inset in enumerate((0, 22, 50)):
        y = (132 + 30 * row) * scale
        pen.rounded_rectangle(
            [(20 + inset) * scale, y, (220 - inset) * scale, y + 14 * scale], radius=7 * scale, fill=brown
        )
    large = ImageFont.truetype(str(FONTS / "NotoSansCJKsc-Bold.otf"), 104 * scale)
    small = ImageFont.truetype(str(FONTS / "NotoSansCJKsc-Regular.otf"), 43 * scale)
    pen.text((262 * scale, 18 * scale), "Morgenrot", font=large, fill=brown)
    pen.text((268 * scale, 146 * scale), "COFFEE EQUIPMENT", font=small, fill=red)
    visible = picture.getbbox()
    out = io.BytesIO()
    picture.crop(visible).resize(
        (900, round(900 * (visible[3] - visible[1]) / (visible[2] - visible[0]))) if visible else (900, 240),
        Image.Resampling.LANCZOS,
    ).save(out, "PNG", optimize=True)
    return out.getvalue()
