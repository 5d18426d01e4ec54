"""What a visitor is not interested in: kept in the session of their browser, and joined when they sign in."""

from __future__ import annotations

import uuid
from typing import Any, cast

from flask import Flask, session
from flask_login import user_logged_in

from core.transaction import transaction
from core.web.context import SignedIn
from core.web.sessions import ServerSession
from recommender import dislikes

MARK = "not_interested"
MOST = 60  # the oldest wishes of a visitor give way


def _held() -> ServerSession:
    return cast(ServerSession, session._get_current_object())  # type: ignore[attr-defined]


def list_disliked() -> list[uuid.UUID]:
    """Newest first; no query."""
    return [uuid.UUID(text) for text in reversed(_held().get(MARK, []))]


def dislike(product_id: uuid.UUID) -> None:
    kept = [text for text in _held().get(MARK, []) if text != str(product_id)]
    _held()[MARK] = [*kept, str(product_id)][-MOST:]


def take_back(product_id: uuid.UUID) -> None:
    kept = [text for text in _held().get(MARK, []) if text != str(product_id)]
    if kept:
        _held()[MARK] = kept
    else:
        _held().pop(MARK, None)


def join_at_sign_in(_sender: Flask, user: SignedIn, **_more: Any) -> None:
    """Becomes the person's own."""
    who = user.actor
    found = list_disliked()
    if not found or who.kind not in {"customer", "partner"} or who.account_id is None:
        return
    with transaction() as db:
        dislikes.join(db, actor=who, product_ids=found)
    _held().pop(MARK, None)


user_logged_in.connect(join_at_sign_in)
