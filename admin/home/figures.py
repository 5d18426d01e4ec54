"""The few numbers on top of the staff's home page: true ones, compared with what is usual."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from admin.catalogue import work as catalogue
from admin.customers import work as customers
from admin.home.item import Figure
from admin.orders import work as orders
from admin.recommender import panels as recommender
from admin.users import work as users
from core.actor import Actor

FIGURES: list[Callable[[Session, Actor], Sequence[Figure]]] = [
    orders.figures,
    customers.figures,
    catalogue.figures,
    users.figures,
    recommender.figures,
]


def list_figures(session: Session, who: Actor) -> list[Figure]:
    return [figure for tell in FIGURES for figure in tell(session, who)]
