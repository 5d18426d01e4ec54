"""Articles that may answer what somebody is just writing: beside a request's form, and on the site's search page."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.actor import Actor
from core.search import SearchQuery, search
from knowledge_base.audience import audiences_of
from knowledge_base.queries import list_cards

SHORTEST, LONGEST = 3, 400


@dataclass(frozen=True)
class Offer:
    """An article to look at; plain text in the language that the article is shown in."""

    article_id: uuid.UUID
    slug: str
    title: str
    summary: str
    url: str
    locale: str


def suggest(session: Session, *, actor: Actor, text: str, locale: str, limit: int = 4) -> list[Offer]:
    """The nearest articles of the actor's audiences, best first; nothing for a text that is too short to mean
    anything. Any word of it is enough to be found: people tell what happened, not what to look for."""
    asked = " ".join(text.split())[:LONGEST]
    if len(asked) < (SHORTEST if asked.isascii() else 2):
        return []
    answer = search(
        session,
        SearchQuery(
            kind="article", text=asked, audience=audiences_of(actor), limit=limit, locale=locale, match="any", only_ids=True,
        ),
    )  # fmt: skip
    cards = list_cards(session, actor=actor, ids=[hit.id for hit in answer.hits], locale=locale)
    return [
        Offer(card.id, card.slug, card.title.unescape(), card.excerpt.unescape(), card.url, card.locale)
        for card in cards
    ]
