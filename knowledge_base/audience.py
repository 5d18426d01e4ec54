"""Who may read what. Every query of readers' articles passes through here."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from core.actor import Actor
from knowledge_base.models import Article

_READ: dict[str, tuple[str, ...]] = {
    "customer": ("public", "customers"),
    "partner": ("public", "customers", "partners"),
    "staff": ("public", "customers", "partners", "staff"),
}


def audiences_of(actor: Actor) -> tuple[str, ...]:
    """The audiences whose articles the actor reads. Whoever is not known reads what is public."""
    return _READ.get(actor.kind, ("public",)) if actor.is_signed_in else ("public",)


def articles_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Published in at least one language, and for an audience of the actor."""
    return and_(Article.is_live.is_(True), Article.audience.in_(audiences_of(actor)))
