"""From a version's texts and a subject to the mail: text and HTML, in the language that is spoken just now."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from mjml import mjml2html
from sqlalchemy.orm import Session

from campaigns import wording
from campaigns.catalogue import KINDS
from campaigns.subjects import BRAND, MOST_ITEMS, Subject
from core.db import JSONMap
from core.i18n import _, current_locale, format_money, gettext, ngettext, pick
from core.settings import get_settings
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import mail_picture_of
from crm.customers.models import Account
from crm.identity.models import User
from recommender.suggestions import Reason, Suggestion, suggest

OFFERS = 3
_BLANKS = re.compile(r">[ \t]+<(/?mj-)")  # the MJML parser stumbles over them between two of its tags
TOKEN_PREVIEW = "preview"  # noqa: S105 - stands where a real mail has its token


@dataclass(frozen=True)
class Shown:
    """A product as a mail shows it."""

    name: str
    url: str
    picture: str
    price: str = ""
    quantity: int = 1
    amount: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Letter:
    subject: str
    preheader: str
    heading: str
    paragraphs: Sequence[Sequence[str]]
    button: str
    button_url: str
    because: str
    items: Sequence[Shown]
    more_items: int
    total: str
    offers: Sequence[Shown]
    offers_heading: str
    offered: JSONMap  # what was recommended and why, for the ledger


@dataclass(frozen=True)
class _Source:
    kind: str
    texts: Mapping[str, str]
    blocks: Sequence[str]
    subject: Subject
    user: User
    account: Account | None


@dataclass(frozen=True)
class Written:
    subject: str
    text: str
    html: str
    offered: JSONMap


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / "mail"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(_=gettext, ngettext=ngettext)
    return env


def absolute(path: str) -> str:
    """A link that works from a mailbox; never built from a request's Host."""
    return f"{get_settings().url}{path}"


def write(
    session: Session,
    *,
    kind: str,
    texts: Mapping[str, str],
    blocks: Sequence[str],
    subject: Subject,
    user: User,
    account: Account | None,
    why_path: str,
    token: str,
) -> Written:
    """The whole mail. Call it inside `speaking(locale, timezone)`. Raises Invalid for texts that cannot be used."""
    letter = _letter(session, _Source(kind, texts, blocks, subject, user, account))
    context: dict[str, Any] = {
        "letter": letter,
        "locale": current_locale(),
        "brand": BRAND,
        "base_url": get_settings().url,
        "why_url": absolute(why_path),
        "unsubscribe_url": absolute(f"/unsubscribe/{token}"),
    }
    text = _environment().get_template("letter.txt").render(context)
    markup = _environment().get_template("letter.mjml.html").render(context)
    markup = _BLANKS.sub(r">\n<\1", wording.without_control(markup).strip())
    # No fonts from elsewhere and no comments: a mail asks no other house for anything when it is opened.
    html: str = mjml2html(markup, fonts={}, disable_comments=True)
    return Written(letter.subject, text.strip() + "\n", html, letter.offered)


def _letter(session: Session, source: _Source) -> Letter:
    kind, blocks, subject = source.kind, source.blocks, source.subject

    def said(name: str) -> str:
        text = source.texts.get(name, "")
        return wording.render(text, kind=kind, values=subject.values, one_line=name != "body") if text else ""

    definition = KINDS[kind]
    with_items = "cart" in blocks or "order" in blocks
    offers: list[Suggestion] = []
    if "recommendations" in blocks:
        offers = suggest(
            session,
            account_id=source.account.id if source.account else None,
            person_id=source.user.id,
            slot="mail",
            context_product_ids=subject.product_ids,
            limit=OFFERS,
        )
    items = list(subject.items) if with_items else []
    path = f"/orders/{subject.order.number}" if subject.order is not None else definition.path
    return Letter(
        subject=said("subject"),
        preheader=said("preheader"),
        heading=said("heading"),
        paragraphs=wording.paragraphs(said("body")),
        button=said("button"),
        button_url=absolute(path),
        because=_(
            "You get this mail because %(cause)s and because you agreed to promotion mail.",
            cause=gettext(definition.because),
        ),
        items=[
            _shown(item.product, quantity=item.quantity, amount=format_money(item.amount))
            for item in items[:MOST_ITEMS]
        ],
        more_items=max(len(items) - MOST_ITEMS, 0),
        total=format_money(subject.total) if items and subject.total is not None else "",
        offers=[_shown(offer.product, reason=because(offer)) for offer in offers],
        offers_heading=_heading({offer.reason.kind for offer in offers}),
        offered={"offers": [_fact(offer) for offer in offers]},
    )


def _heading(kinds: set[str]) -> str:
    """Says no more than is true of what is below it."""
    if kinds & {"cart", "together"}:
        return _("Goes well with it")
    return _("Chosen for you") if kinds - {"popular"} else _("Popular just now")


def _shown(product: Product, **values: Any) -> Shown:
    return Shown(
        name=pick(product.names),
        url=absolute(f"/product/{product.slug}"),
        picture=absolute(mail_picture_of(product)),
        price=format_money(product.money),
        **values,
    )


def because(offer: Suggestion) -> str:
    """The true reason of a recommendation, in words."""
    reason: Reason = offer.reason
    name = pick(reason.cause.names) if reason.cause is not None else ""
    if not name:
        return _("Popular with our customers just now")
    if offer.is_again:
        return _("You had it before, and it may be used up soon")
    if reason.kind == "order":
        return _("Because you ordered %(product)s", product=name)
    if reason.kind == "click":
        return _("Because you looked at %(product)s", product=name)
    if reason.kind == "cart":
        return _("Goes with %(product)s in your cart", product=name)
    return _("Often bought together with %(product)s", product=name)


def _fact(offer: Suggestion) -> JSONMap:
    reason = offer.reason
    return {
        "product_id": str(offer.product.id),
        "names": dict(offer.product.names),
        "slug": offer.product.slug,
        "kind": reason.kind,
        "cause": dict(reason.cause.names) if reason.cause is not None else None,
        "line_id": str(reason.line_id) if reason.line_id else None,
        "event_id": str(reason.event_id) if reason.event_id else None,
    }
