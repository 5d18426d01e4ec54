"""What a row of the order list shows: the words and small pictures of an order."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from core.i18n import format_money, pick
from core.web.fragments import shelf
from core.web.pages import when
from crm.catalogue.pictures.addresses import picture_of
from crm.catalogue.queries import list_by_ids
from crm.orders import words
from crm.orders.listing import FirstLine, ListedPage

MOST_PICTURES = 3


class Row(NamedTuple):
    """What the template writes. `badge`: (kind, word). `name`: of the first line; `more`: how many lines follow.
    `pictures`: addresses."""

    number: str
    url: str
    badge: tuple[str, str]
    placed: Markup
    name: str
    more: int
    pictures: Sequence[str]
    placed_by: str | None
    total: str


def draw_rows(session: Session, page: ListedPage) -> list[Row]:
    """The rows of a page; products are read only for pictures that nobody holds."""
    pictured = {
        order_id: [line for line in lines if line.product is not None][:MOST_PICTURES]
        for order_id, lines in page.lines.items()
    }
    found = _addresses(session, [line for lines in pictured.values() for line in lines])
    root = url_for("orders.index")
    rows = []
    for order in page.rows:
        lines = page.lines.get(order.id, ())
        rows.append(
            Row(
                order.number,
                f"{root}/{quote(order.number, safe='')}",
                (words.ORDER_BADGES.get(order.state, "neutral"), words.order_state(order.state)),
                when(order.placed_at),
                (pick(lines[0].names) or lines[0].sku) if lines else "",
                order.line_count - 1,
                [found[line.product] for line in pictured.get(order.id, ()) if line.product in found],
                order.placed_by,
                format_money(order.total_money),
            )
        )
    return rows


def _key(line: FirstLine) -> tuple[Hashable, ...]:
    return ("picture", line.product, line.revision, line.changed)


def _addresses(session: Session, lines: Sequence[FirstLine]) -> dict[Hashable, str]:
    """The address of each product's picture, by the product as stored."""
    wanted = {line.product: line for line in lines}
    found: dict[Hashable, str] = {}
    missing: dict[uuid.UUID, FirstLine] = {}
    for product, line in wanted.items():
        address = shelf.find(_key(line))
        if address is None:
            missing[line.product_id] = line
        else:
            found[product] = address
    if missing:
        for item in list_by_ids(session, list(missing), for_sale=False):
            line = missing[item.id]
            found[line.product] = picture_of(item)["src"]
            shelf.put(_key(line), found[line.product])
    return found
