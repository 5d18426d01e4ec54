"""Not interested: kept per person and account, at once, and taken back as easily."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.db import is_sqlite
from core.errors import Forbidden, Invalid, NotFound
from crm.catalogue.models import Product
from recommender.models import Dislike

MOST = 500  # of one person; nobody clicks away more


def _owner(actor: Actor) -> tuple[uuid.UUID, uuid.UUID]:
    """Raises Forbidden for anybody who has no account to be offered things for."""
    if actor.kind not in {"customer", "partner"} or actor.user_id is None or actor.account_id is None:
        raise Forbidden
    return actor.user_id, actor.account_id


def check_product(session: Session, product_id: uuid.UUID) -> Product:
    """The product, which may be gone from the shop by now. Raises NotFound."""
    found = session.get(Product, product_id)
    if found is None or not found.is_active:
        raise NotFound
    return found


def dislike(session: Session, *, actor: Actor, product_id: uuid.UUID) -> Product:
    """Doing it twice is doing it once. Raises Forbidden, NotFound, or Invalid when the list is full."""
    person_id, account_id = _owner(actor)
    product = check_product(session, product_id)
    held = select(func.count()).where(Dislike.person_id == person_id, Dislike.account_id == account_id)
    if (session.scalar(held) or 0) >= MOST:
        raise Invalid("recommender.too_many_dislikes", limit=MOST)
    _write(session, person_id, account_id, [product_id])
    return product


def take_back(session: Session, *, actor: Actor, product_id: uuid.UUID) -> None:
    """Nothing happens when there is nothing to take back. Raises Forbidden."""
    person_id, account_id = _owner(actor)
    session.execute(
        delete(Dislike).where(
            Dislike.person_id == person_id, Dislike.account_id == account_id, Dislike.product_id == product_id
        )
    )


def join(session: Session, *, actor: Actor, product_ids: Sequence[uuid.UUID]) -> None:
    """What somebody clicked away before they signed in comes along; ids of products long gone are left out."""
    person_id, account_id = _owner(actor)
    known = session.scalars(select(Product.id).where(Product.id.in_(product_ids[:MOST]))).all()
    if known:
        _write(session, person_id, account_id, known)


def list_disliked(session: Session, actor: Actor) -> list[uuid.UUID]:
    """Newest first."""
    person_id, account_id = _owner(actor)
    found = session.scalars(
        select(Dislike.product_id)
        .where(Dislike.person_id == person_id, Dislike.account_id == account_id)
        .order_by(Dislike.created_at.desc(), Dislike.product_id)
        .limit(MOST)
    )
    return list(found)


def _write(
    session: Session, person_id: uuid.UUID, account_id: uuid.UUID, product_ids: Sequence[uuid.UUID]
) -> None:
    insert = sqlite.insert(Dislike) if is_sqlite(session) else postgresql.insert(Dislike)
    moment = clock.now()
    rows = [
        {"person_id": person_id, "account_id": account_id, "product_id": product_id, "created_at": moment}
        for product_id in product_ids
    ]
    session.execute(insert.values(rows).on_conflict_do_nothing())
