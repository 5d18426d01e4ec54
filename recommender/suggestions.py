"""Products for a customer or beside a product, each with the purchase that speaks for it.

Without a usable model the answer is what sells most at the moment; it is never an error.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.catalogue.models import Product
from crm.catalogue.queries import list_by_ids, list_popular_ids
from crm.orders.models import Order, OrderLine
from recommender.artifacts import ArtifactError, artifact_version
from recommender.own_data import model_folder
from recommender.serving import Event, Recommender

log = structlog.get_logger()

LONGEST_HISTORY = 200
LOOK_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Suggestion:
    """A product that can be had, and the purchase or product that it follows from (None: it is popular)."""

    product: Product
    because: Product | None


class _Holder:
    """The newest whole model, looked for every few seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._version: str | None = None
        self._model: Recommender | None = None

    def get(self) -> Recommender | None:
        with self._lock:
            if time.monotonic() - self._looked_at > LOOK_EVERY_SECONDS:
                self._looked_at = time.monotonic()
                self._reload()
            return self._model

    def forget(self) -> None:
        with self._lock:
            self._looked_at, self._version, self._model = float("-inf"), None, None

    def _reload(self) -> None:
        version = artifact_version(model_folder())
        if version == self._version:
            return
        try:
            self._model = Recommender.load(model_folder()) if version else None
        except ArtifactError as error:
            log.warning("model_unusable", reason=error.reason)
            self._model = None
        self._version = version


_holder = _Holder()


def forget_model() -> None:
    """Looks for the model afresh at the next request."""
    _holder.forget()


def suggest_for_account(session: Session, account_id: uuid.UUID, limit: int = 4) -> list[Suggestion]:
    """What this customer may want next. Nothing they bought before, nothing they cancelled, nothing sold out."""
    lines = session.execute(
        select(OrderLine.product_id, Order.placed_at, Order.state)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.account_id == account_id, OrderLine.product_id.is_not(None), OrderLine.kind == "product")
        .order_by(Order.placed_at.desc())
        .limit(LONGEST_HISTORY)
    ).all()
    model = _holder.get()
    known = {str(line.product_id) for line in lines}
    bought = [
        (str(line.product_id), line.placed_at.timestamp()) for line in lines if line.state != "cancelled"
    ]
    if model is None or not bought:
        return _popular(session, known, limit)
    ages = model.ages([at for _product, at in bought])
    history = [Event(product, 1.0, age, "order") for (product, _at), age in zip(bought, ages, strict=True)]
    found = model.recommend(history, exclude=known, k=limit * 4)
    return _shown(session, [(item.item, item.because_item) for item in found], known, limit)


def suggest_beside(session: Session, product_ids: Sequence[uuid.UUID], limit: int = 4) -> list[Suggestion]:
    """What is bought together with these products (a product page, a cart); empty where nothing is known."""
    model = _holder.get()
    if model is None or not product_ids:
        return []
    here = [str(product_id) for product_id in product_ids]
    found = model.recommend([], exclude=set(here), k=limit * 4, context_items=here)
    pairs = [(item.item, item.because_item) for item in found if item.because_item is not None]
    return _shown(session, pairs, set(here), limit, fill=False)


def _shown(
    session: Session,
    found: Sequence[tuple[str, str | None]],
    known: set[str],
    limit: int,
    *,
    fill: bool = True,
) -> list[Suggestion]:
    wanted = [uuid.UUID(item) for item, _because in found]
    reasons = {uuid.UUID(item): uuid.UUID(because) for item, because in found if because}
    here = [product for product in list_by_ids(session, wanted) if product.stock_state != "out"][:limit]
    causes = {
        product.id: product
        for product in list_by_ids(
            session, list({reasons[p.id] for p in here if p.id in reasons}), for_sale=False
        )
    }
    shown = [Suggestion(product, causes.get(reasons.get(product.id, product.id))) for product in here]
    if fill and len(shown) < limit:
        taken = known | {str(product.id) for product in here}
        shown += _popular(session, taken, limit - len(shown))
    return shown


def _popular(session: Session, known: set[str], limit: int) -> list[Suggestion]:
    listed = list_popular_ids(session, limit + min(len(known), 60))
    wanted = [product_id for product_id in listed if str(product_id) not in known][:limit]
    return [Suggestion(product, None) for product in list_by_ids(session, wanted)]
