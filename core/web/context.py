"""Who is asking, from where and in which language: read once per request."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from core import audit
from core.actor import ANONYMOUS, Actor
from core.i18n import current_locale, known_locale, known_timezone, negotiate
from core.settings import get_settings
from core.transaction import reading
from core.web.sessions import ServerSession, set_client_reader

LANGUAGE_COOKIE = "rapport_lang"

ActorLoader = Callable[[Session, uuid.UUID], Actor | None]
TokenLoader = Callable[[str], Actor | None]
_loaders: dict[str, Any] = {}


class SignedIn(UserMixin):  # type: ignore[misc, unused-ignore]
    """What Flask-Login calls a user: an Actor with an id."""

    def __init__(self, who: Actor) -> None:
        self.actor = who

    def get_id(self) -> str:
        return str(self.actor.user_id)


def install(app: Flask, *, load_actor: ActorLoader, load_token: TokenLoader) -> None:
    """Connects sessions and tokens with the accounts that crm/identity keeps."""
    _loaders.update(actor=load_actor, token=load_token)
    login = LoginManager(app)
    login.session_protection = None  # sessions are rows; an address that changes is no reason to end them

    @login.user_loader  # type: ignore[untyped-decorator, unused-ignore]
    def _user(user_id: str) -> SignedIn | None:
        assert isinstance(session._get_current_object(), ServerSession)  # type: ignore[attr-defined]
        held: ServerSession = session._get_current_object()  # type: ignore[attr-defined]
        if held.user_id is None or str(held.user_id) != user_id:
            return None
        arrival = held.arrival
        if arrival is not None and arrival.held.user_id == held.user_id:
            return SignedIn(arrival.who) if arrival.who else None
        with reading() as db:
            who = load_actor(db, held.user_id)
        return SignedIn(who) if who else None

    if get_settings().proxy_count:
        count = get_settings().proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    set_client_reader(_client)
    audit.set_address_reader(lambda: _client()[0])


def _client() -> tuple[str | None, str | None]:
    if not has_request_context():
        return None, None
    return address(), (request.user_agent.string or "").replace("\x00", "")[:300] or None


def address() -> str:
    """The client's address. X-Forwarded-For counts only through as many proxies as the settings name."""
    return (request.remote_addr or "unknown")[:64]


def actor() -> Actor:
    """Who is asking. Token-bearing requests under /api/ never use cookies, and others never use tokens."""
    if not has_request_context():
        return ANONYMOUS
    held = g._get_current_object()  # asked a dozen times a page: once through the proxy
    found: Actor | None = held.get("actor")
    if found is None:
        found = held.actor = _from_token() if request.path.startswith("/api/") else _from_session()
    return found


def _from_session() -> Actor:
    return current_user.actor if current_user.is_authenticated else ANONYMOUS


def _from_token() -> Actor:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 20 <= len(token) <= 200:
        return ANONYMOUS
    return _loaders["token"](token) or ANONYMOUS


def sign_in(user_id: uuid.UUID) -> None:
    """Signs the browser in under a new session name; what a visitor had in the session stays."""
    held: ServerSession = session._get_current_object()  # type: ignore[attr-defined]
    with reading() as db:
        who = _loaders["actor"](db, user_id)
    if who is None:
        return
    held.regenerate(user_id)
    login_user(SignedIn(who))
    g.actor = who


def sign_out() -> None:
    """Ends this session: its row is deleted, its name is dead."""
    held: ServerSession = session._get_current_object()  # type: ignore[attr-defined]
    logout_user()
    held.clear()
    held.regenerate(None)
    g.actor = ANONYMOUS


def session_id() -> uuid.UUID | None:
    """The row of this browser's session, if it has one."""
    held: ServerSession = session._get_current_object()  # type: ignore[attr-defined]
    return held.row_id


def choose_locale() -> tuple[str, str]:
    """(locale, time zone): the account's, else the visitor's choice, else the browser's, else the default."""
    settings = get_settings()
    who = actor()
    locale = (
        (who.locale if who.is_signed_in else None)
        or known_locale(request.cookies.get(LANGUAGE_COOKIE))
        or negotiate(request.headers.get("Accept-Language"))
        or settings.default_locale
    )
    zone = known_timezone(who.timezone) if who.is_signed_in else None
    return locale, zone or settings.default_timezone


__all__ = [
    "actor",
    "address",
    "choose_locale",
    "current_locale",
    "install",
    "session_id",
    "sign_in",
    "sign_out",
]
