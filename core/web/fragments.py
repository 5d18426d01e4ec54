"""Parts of pages that are drawn once and shown again, to everybody for whom they are the same.

A fragment is found by its key alone, so the key carries everything that the fragment is drawn from. What belongs to one
answer or one browser only, the nonce and the CSRF token, is never kept: a mark stands in its place and is
replaced each time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any

from flask import g, has_app_context, session
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from core.i18n import current_locale, current_timezone
from core.shelf import Shelf
from core.web.security import nonce
from core.web.sessions import CSRF

MOST = 4096  # fragments of a process: some 10 MB when full
MOST_CHARACTERS = 8_000_000  # of what single people see
# Random, so that nobody can write them into a text that is shown.
_CSRF, NONCE_MARK = (f"mark-{secrets.token_hex(16)}" for _ in range(2))
_making: ContextVar[bool] = ContextVar("making_fragment", default=False)


shelf: Shelf[str] = Shelf(MOST)
_tokens: Shelf[str] = Shelf(MOST)
own_shelf: Shelf[str] = Shelf(
    MOST, MOST_CHARACTERS
)  # apart from what everybody sees, which it must not push out


def csrf_token() -> str:
    """For templates: the token of this browser, or the mark for it inside a fragment."""
    return _CSRF if _making.get() else _own_token()


def _own_token() -> str:
    held: str | None = g.get("csrf_token")  # where Flask-WTF keeps it for the request
    if held is None:
        # It has no time limit, so one signature serves all pages of a session, whose value it is made from.
        value = session[CSRF]
        held = _tokens.find(value)
        if held is None:
            held = str(generate_csrf())
            _tokens.put(value, held)
        g.csrf_token = held
    return held


def marked(key: Hashable, make: Callable[[], str], on: Shelf[str] = shelf) -> str:
    """The fragment of `key` with marks in it, for a caller who puts several together and calls fill() once."""
    found = on.find(key)
    if found is None:
        token = _making.set(True)
        try:
            found = str(make())
        finally:
            _making.reset(token)
        _refuse_secrets(found)
        on.put(key, found)
    return found


def _refuse_secrets(text: str) -> None:
    """What only one browser may see came in past the marks: a mistake in a template, which must not be kept."""
    if not has_app_context():
        return
    for name in ("csrf_token", "nonce"):
        value = g.get(name)
        if value and value in text:
            raise RuntimeError(f"a fragment holds the {name} of one answer")


def fill(text: str) -> Markup:
    """The text with this answer's own values where the marks are. Inside another fragment they stay marks."""
    if not _making.get():
        if _CSRF in text:
            text = text.replace(_CSRF, _own_token())
        if NONCE_MARK in text:
            text = text.replace(NONCE_MARK, nonce())
    return Markup(text)  # noqa: S704 - drawn by a template, which escaped what it was given


def kept(name: str, *key: Hashable, caller: Callable[[], str]) -> Markup:
    """{% call kept("menu", entries, signed_in) %}…{% endcall %}: the body is drawn once for each `key`. The
    language and the time zone are part of every key; whatever else the body reads must stand in it."""
    return fill(marked((name, current_locale(), current_timezone().key, *key), caller))


def kept_own(name: str, *key: Hashable, caller: Callable[[], str]) -> Markup:
    """As kept, for what only one customer's pages hold: an order, a list of theirs."""
    return fill(marked((name, current_locale(), current_timezone().key, *key), caller, own_shelf))


def remembered(macro: Callable[..., Any], most: int = 1024) -> Callable[..., Markup]:
    """A macro whose result follows from its arguments and the language (an icon, a badge), drawn once for each."""
    drawn: dict[Hashable, Markup] = {}

    def draw(*args: Hashable, **kwargs: Hashable) -> Markup:
        key = (current_locale(), args, tuple(kwargs.items()) if kwargs else ())
        found = drawn.get(key)
        if found is None:
            found = Markup(macro(*args, **kwargs))  # noqa: S704 - a macro escapes what it is given
            if len(drawn) >= most:
                drawn.clear()
            drawn[key] = found
        return found

    return draw
