"""What a new request is about, as addresses and forms name it: `order:`, `line:`, `product:` or `owned:` and an id."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import NotFound
from core.i18n import _, format_date, pick
from crm.orders.access import find_order
from crm.orders.models import OrderLine
from crm.ownership.models import OwnedProduct
from crm.service.about import About, find_about, list_choices, list_units

KEYS = ("order", "line", "product", "owned")
Ids = dict[str, uuid.UUID]


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None


def read_ids(session: Session, actor: Actor, given: Mapping[str, str]) -> Ids:
    """The ids in an address (?order=SO-100042-5&line=…). An order may be named by its number. Raises NotFound."""
    found: Ids = {}
    for key in KEYS:
        text = given.get(key, "").strip()
        if not text:
            continue
        if key == "order" and (order := find_order(session, actor, text)) is not None:
            found[key] = order.id
        else:
            found[key] = _id(text)
    return found


def find(session: Session, actor: Actor, ids: Ids) -> About:
    """The rows, as far as they are the actor's. Raises NotFound."""
    return find_about(
        session, actor, order_id=ids.get("order"), line_id=ids.get("line"), product_id=ids.get("product"),
        owned_id=ids.get("owned"),
    )  # fmt: skip


def read_choice(text: str) -> Ids:
    """The answer of the select field. Raises NotFound for what it never offered."""
    if not text:
        return {}
    key, _colon, value = text.partition(":")
    if key not in KEYS:
        raise NotFound
    return {key: _id(value)}


def name_of(line: OrderLine) -> str:
    return pick(line.names) or line.sku


def name_of_unit(unit: OwnedProduct) -> str:
    return (pick(unit.product.names) if unit.product is not None else "") or unit.name


def _unit(unit: OwnedProduct) -> str:
    parts = [name_of_unit(unit), unit.nickname, unit.serial_number]
    return " · ".join(part for part in parts if part)


def choices(session: Session, actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen, in groups: what they have, and one per order, its lines below it."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    if units := list_units(session, actor):
        groups.append((_("Your products"), [(f"owned:{unit.id}", _unit(unit)) for unit in units]))
    for order, lines in list_choices(session, actor):
        label = _("Order %(number)s of %(day)s", number=order.number, day=format_date(order.placed_at))
        whole = [(f"order:{order.id}", _("The whole order %(number)s", number=order.number))]
        groups.append((label, whole + [(f"line:{line.id}", name_of(line)) for line in lines]))
    return groups
