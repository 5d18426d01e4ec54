"""What is drawn once of orders for as long as nothing that it shows has changed: rows of the list, parts of the page."""

from __future__ import annotations

import json
import time
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import current_app, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from core.i18n import current_locale, current_timezone, format_money, is_distant, pick
from core.shelf import Shelf
from core.web.fragments import fill, marked, shelf
from core.web.pages import when
from crm.catalogue.pictures.addresses import picture_of
from crm.catalogue.queries import list_by_ids
from crm.orders import words
from crm.orders.access import SeenOrder
from crm.orders.detail import OrderDetail, get_detail
from crm.orders.listing import FirstLine, ListedOrder, ListedPage, list_first_lines

MOST_PICTURES = 3
PICTURE_SECONDS = 300.0
MOST_DETAILS, MOST_LINES = 1024, 4096  # orders, and lines of all of them: some 10 MB when full
_rows: Shelf[str] = Shelf(8192)  # apart from what everybody sees: one long list must not push that out
_details: Shelf[OrderDetail] = Shelf(
    MOST_DETAILS, MOST_LINES, weigh=lambda detail: len(detail.lines) + len(detail.events)
)


def draw_rows(session: Session, page: ListedPage, *, with_people: bool) -> Markup:
    """All rows of a page. `with_people`: says who ordered."""
    # A product's picture may change without its orders: what a row shows of it is looked up again after a while.
    spoken = (current_locale(), current_timezone().key, with_people, int(time.monotonic() // PICTURE_SECONDS))
    drawn: list[str | None] = []
    missing: list[tuple[int, tuple[Hashable, ...], ListedOrder]] = []
    for position, order in enumerate(page.rows):
        # "Three hours ago" is soon another: a moment that is near is part of the key as it reads.
        near = None if is_distant(order.placed_at) else when(order.placed_at)
        key = (spoken, order.id, order.version, order.changed, order.placed_by, near)
        text = _rows.find(key)
        drawn.append(text)
        if text is None:
            missing.append((position, key, order))
    if missing:
        found = list_first_lines(session, [order.id for *_, order in missing])
        pictures = _addresses(session, [line for lines in found.values() for line in _pictured(lines)])
        for position, key, order in missing:
            lines = found.get(order.id, ())
            shown = [pictures[line.product] for line in _pictured(lines) if line.product in pictures]
            drawn[position] = marked(key, partial(_draw, order, lines, shown, with_people), on=_rows)
    return fill("".join(text for text in drawn if text is not None))


def detail_of(session: Session, order: SeenOrder, *, all_lines: bool) -> OrderDetail:
    """Everything that the page of `order` shows, read once for as long as none of it changes."""
    key = (*order.stamp, all_lines)
    found = _details.find(key)
    if found is None:
        found = get_detail(session, order, all_lines=all_lines)
        _details.put(key, found)
    return found


def _draw(order: ListedOrder, lines: Sequence[FirstLine], pictures: Sequence[str], with_people: bool) -> str:
    macros: Any = current_app.jinja_env.get_template("orders/row.html").module
    return str(
        macros.order_row(
            order.number,
            f"{url_for('orders.index')}/{quote(order.number, safe='')}",
            (words.ORDER_BADGES.get(order.state, "neutral"), words.order_state(order.state)),
            when(order.placed_at),
            (pick(json.loads(lines[0].names)) or lines[0].sku) if lines else "",
            order.line_count - 1,
            pictures,
            order.placed_by,
            format_money(order.total_money),
            with_people,
        )
    )


def _pictured(lines: Sequence[FirstLine]) -> list[FirstLine]:
    return [line for line in lines if line.product is not None][:MOST_PICTURES]


def _key(line: FirstLine) -> tuple[Hashable, ...]:
    return ("picture", line.product, line.revision, line.changed)


def _addresses(session: Session, lines: Sequence[FirstLine]) -> dict[Hashable, str]:
    """The address of each product's picture, by the product as stored; only what nobody holds is read."""
    found: dict[Hashable, str] = {}
    missing: dict[Hashable, FirstLine] = {}
    for line in lines:
        address = shelf.find(_key(line))
        if address is None:
            missing[line.product_id] = line
        else:
            found[line.product] = address
    if missing:
        for item in list_by_ids(session, [line.product_id for line in missing.values()], for_sale=False):
            line = missing[item.id]
            found[line.product] = picture_of(item)["src"]
            shelf.put(_key(line), found[line.product])
    return found
