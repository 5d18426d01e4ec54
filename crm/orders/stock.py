"""Taking units from stock and giving them back. Rows are always visited in the order of their ids, so that
two orders with the same products wait for each other instead of locking each other out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.errors import Conflict
from core.search import touch
from crm.catalogue.models import Stock


def take(session: Session, wanted: Mapping[uuid.UUID, int], names: Mapping[uuid.UUID, str]) -> None:
    """Takes all of it, or raises Conflict naming the first product that is short and what is left of it."""
    for product_id in sorted(wanted):
        quantity = wanted[product_id]
        rest = session.scalar(
            update(Stock)
            .where(Stock.product_id == product_id, Stock.on_hand >= quantity)
            .values(on_hand=Stock.on_hand - quantity)
            .returning(Stock.on_hand)
            .execution_options(synchronize_session=False)
        )
        if rest == 0:
            touch(session, "product", [product_id])  # the search filter "in stock" must know
        if rest is None:
            left = on_hand(session, [product_id]).get(product_id)
            if left is None:
                continue  # made to order: its units are not counted
            raise Conflict(
                "orders.out_of_stock" if left else "orders.sold_out",
                field="lines", product=names.get(product_id, ""), left=left,
            )  # fmt: skip


def give_back(session: Session, returned: Mapping[uuid.UUID, int]) -> None:
    """Puts units back, for example those of an order that was cancelled or never paid."""
    for product_id in sorted(returned):
        now = session.scalar(
            update(Stock)
            .where(Stock.product_id == product_id)
            .values(on_hand=Stock.on_hand + returned[product_id])
            .returning(Stock.on_hand)
            .execution_options(synchronize_session=False)
        )
        if now is not None and now == returned[product_id] > 0:
            touch(session, "product", [product_id])


def on_hand(session: Session, product_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Units left per product, as the database has them now."""
    found = session.execute(select(Stock.product_id, Stock.on_hand).where(Stock.product_id.in_(product_ids)))
    return {row.product_id: row.on_hand for row in found}
