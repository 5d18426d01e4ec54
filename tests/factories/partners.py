"""Dealers and their material, made through the session that a test gives."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta
from typing import Any

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.files import keep, record
from crm.catalogue.models import Product
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.partners.models import (
    TERMS_VERSION,
    Material,
    MaterialLink,
    MaterialPartner,
    MaterialVersion,
    PartnerProfile,
)
from tests.factories.people import make_account, make_user

_count = itertools.count(1)
TEXTS = {
    "headline": "Coffee the way you like it",
    "lead": "From one cup to a whole floor.",
    "points": [{"title": "Fresh", "text": "Ground for every cup."}],
    "closing": "Come and taste it.",
}


def png(width: int = 600, height: int = 200, colour: tuple[int, int, int, int] = (200, 80, 50, 255)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def make_partner(
    session: Session, *, name: str = "Morgenrot", accepted: bool = True, logo: bool = False, **values: Any
) -> User:
    """Somebody of a dealer of their own, who may have material."""
    account = make_account(session, name=name, is_partner=True)
    user = make_user(session, kind="partner", account=account, role="partner", scope="company")
    given: dict[str, Any] = {
        "public_name": name,
        "address": "Quay 3\n20457 Hamburg",
        "phone": "+49 40 5550 100",
    }
    profile = PartnerProfile(account_id=account.id, **{**given, **values})
    if accepted:
        profile.terms_version, profile.terms_accepted_at = TERMS_VERSION, clock.now()
    if logo:
        profile.logo = record(session, keep(io.BytesIO(png()), "logo.png", kinds={"image/png"}))
    session.add(profile)
    session.flush()
    return user


def account_of(session: Session, user: User) -> Account:
    return session.scalars(select(Account).join(Contact).where(Contact.user_id == user.id)).one()


def make_material(
    session: Session,
    *,
    template: str = "range",
    languages: tuple[str, ...] = ("en", "zh-Hant", "zh-Hans"),
    products: tuple[Product, ...] = (),
    partners: tuple[Account, ...] | None = None,
    published: bool = True,
    versions_out: bool = True,
    expired: bool = False,
    texts: dict[str, Any] | None = None,
    **values: Any,
) -> Material:
    """A brochure that is out with one version per language; `partners` makes it theirs alone."""
    number = next(_count)
    moment = clock.now()
    defaults: dict[str, Any] = {
        "slug": f"brochure-{number}",
        "kind": "brochure",
        "titles": {"en": f"Brochure {number}", "zh-Hant": f"型錄 {number}", "zh-Hans": f"宣传册 {number}"},
        "summaries": {"en": "Two pages"},
        "published_at": moment - timedelta(days=3) if published else None,
        "expires_at": moment - timedelta(hours=1) if expired else None,
        "audience": "chosen" if partners is not None else "all",
    }
    material = Material(**{**defaults, **values})
    material.links = [MaterialLink(product_id=one.id, position=at) for at, one in enumerate(products)]
    material.chosen = [MaterialPartner(account_id=one.id) for one in partners or ()]
    material.versions = [
        MaterialVersion(
            language=language,
            number=1,
            template=template,
            texts={**TEXTS, **(texts or {})},
            published_at=moment - timedelta(days=3) if versions_out else None,
        )
        for language in languages
    ]
    session.add(material)
    session.flush()
    return material
