"""What a card and a page say about one unit: name, picture, warranty, and when its supplies run out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core import clock
from core.i18n import _, format_date, pick
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of
from crm.ownership.models import OwnedProduct

SOON = timedelta(days=60)


@dataclass(frozen=True)
class Due:
    """A supply that is due: what, and from when on. `is_now`: that day has come."""

    part: Product
    name: str
    day: date
    is_now: bool


@dataclass(frozen=True)
class Warranty:
    """`kind` of the badge, its word, and the day."""

    kind: str
    word: str
    day: date | None


def name_of(owned: OwnedProduct) -> str:
    """The person's own name for it, else what it is."""
    return owned.nickname or product_name(owned)


def product_name(owned: OwnedProduct) -> str:
    return (pick(owned.product.names) or owned.product.sku) if owned.product else owned.name


def warranty_of(owned: OwnedProduct, day: date) -> Warranty:
    until = owned.warranty_until
    if until is None:
        return Warranty("neutral", _("Warranty not known"), None)
    if until < day:
        return Warranty("neutral", _("Warranty ended"), until)
    if until - day <= SOON:
        return Warranty("warning", _("Warranty ends soon"), until)
    return Warranty("success", _("Under warranty"), until)


def warranty_line(warranty: Warranty, day: date) -> str:
    if warranty.day is None:
        return ""
    told = format_date(warranty.day)
    return _("ended on %(day)s", day=told) if warranty.day < day else _("until %(day)s", day=told)


def next_due(
    owned: OwnedProduct,
    parts: Sequence[Product],
    bought: Mapping[uuid.UUID, date],
    today: date,
) -> Due | None:
    """The supply that runs out first: counted from its last purchase since the machine came, else from that day."""
    found: Due | None = None
    for part in parts:
        if not part.consumable_days:
            continue
        since = max(bought.get(part.id, owned.acquired_on), owned.acquired_on)
        day = since + timedelta(days=part.consumable_days)
        if found is None or day < found.day:
            found = Due(part, pick(part.names) or part.sku, day, day <= today)
    return found


def draw(
    owned: OwnedProduct,
    parts: Sequence[Product],
    bought: Mapping[uuid.UUID, date],
    owners: Mapping[uuid.UUID, str],
    timezone: str,
) -> dict[str, Any]:
    """What the list's card shows."""
    today = clock.today(timezone)
    warranty = warranty_of(owned, today)
    return {
        "owned": owned,
        "name": name_of(owned),
        "product_name": product_name(owned) if owned.nickname else "",
        "picture": picture_of(owned.product) if owned.product else None,
        "warranty": warranty,
        "warranty_line": warranty_line(warranty, today),
        "due": next_due(owned, parts, bought, today),
        "owner": owners.get(owned.user_id, "") if owned.user_id else "",
    }
