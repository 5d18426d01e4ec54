"""Server-side sessions: the cookie holds a random name, the row holds everything else and can be ended.

A visitor gets a cookie when a form needs one, and a row when something must be remembered.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Index, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.actor import Actor
from core.db import Base, BoundedText, Id, JSONMap, is_sqlite
from core.ids import new_id
from core.jobs import recurring
from core.settings import get_settings
from core.transaction import reading, transaction

CSRF = "csrf_token"
VISITOR_DAYS = 30
SEEN_EVERY = timedelta(minutes=5)


class WebSession(Base):
    """One browser. `user_id` is opaque here; the sessions page of an account lists its rows."""

    __tablename__ = "web_session"

    id: Mapped[Id]
    digest: Mapped[str] = mapped_column(BoundedText(64), unique=True)
    user_id: Mapped[uuid.UUID | None]
    data: Mapped[JSONMap]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    signed_in_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    address: Mapped[str | None] = mapped_column(BoundedText(64))
    user_agent: Mapped[str | None] = mapped_column(BoundedText(300))

    __table_args__ = (
        Index("ix_web_session_user_id", "user_id"),
        Index("ix_web_session_expires_at", "expires_at"),
    )


_TABLE = WebSession.__table__.c
# Asked at every request: built once, over the table's columns, it costs a fifth of loading the object.
HELD = (_TABLE.id, _TABLE.user_id, _TABLE.seen_at, _TABLE.data)
IS_LIVE = (_TABLE.digest == bindparam("digest")) & (_TABLE.expires_at > bindparam("moment"))
_LIVE = select(*HELD).where(IS_LIVE)


class Held(NamedTuple):
    """What a request needs of its session's row."""

    id: uuid.UUID
    user_id: uuid.UUID | None
    seen_at: datetime
    data: JSONMap


class Arrival(NamedTuple):
    """What is asked about a browser as it comes: its session and, where somebody is signed in, who that is and the
    units in their cart. `writes`: of count_of_writes() before it was asked."""

    held: Held
    who: Actor | None
    cart_units: int
    writes: int


Arrive = Callable[[Session, dict[str, Any]], Arrival | None]


class ServerSession(dict[str, Any], SessionMixin):
    """Flask's session, remembering whether a row exists and whether a cookie is needed."""

    def __init__(self, data: dict[str, Any], *, name: str, row: Held | None) -> None:
        super().__init__(data)
        self.name = name
        self.row_id = row.id if row else None
        self.user_id = row.user_id if row else None
        self.seen_at = row.seen_at if row else None
        self.arrival: Arrival | None = None
        self.new = row is None
        self.wants_cookie = False
        self.rotate = False
        self.modified = False
        super().__setitem__(CSRF, _csrf_value(name))

    def __setitem__(self, key: str, value: Any) -> None:
        self.modified = True
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.modified = True
        super().__delitem__(key)

    def __getitem__(self, key: str) -> Any:
        if key == CSRF:
            self.wants_cookie = True
        return super().__getitem__(key)

    def pop(self, key: str, *default: Any) -> Any:
        self.modified = self.modified or key in self
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        self.modified = True
        super().clear()
        super().__setitem__(CSRF, _csrf_value(self.name))

    def regenerate(self, user_id: uuid.UUID | None) -> None:
        """A new name for what comes: the old one is dead from the end of this request on."""
        self.user_id = user_id
        self.rotate = self.modified = True

    def stored(self) -> dict[str, Any]:
        return {key: value for key, value in self.items() if key != CSRF}


def digest_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _csrf_value(name: str) -> str:
    """The token follows from the session's name, so that it needs no row of its own."""
    return hmac.digest(get_settings().secret.encode(), f"csrf:{name}".encode(), "sha256").hex()


def cookie_name() -> str:
    return "__Host-session" if get_settings().is_https else "rapport_session"


def _is_name(name: str) -> bool:
    return 40 <= len(name) <= 64 and name.isascii()


def _asked(name: str) -> dict[str, Any]:
    """The values for a statement with IS_LIVE."""
    return {"digest": digest_of(name), "moment": clock.now()}


def _find(name: str) -> Held | None:
    with reading() as session:
        found = session.execute(_LIVE, _asked(name)).first()
    return Held(*found) if found else None


def find_signed_in(request: Request) -> uuid.UUID | None:
    """Whose live session the browser's cookie names, where no session is opened for the request."""
    name = request.cookies.get(cookie_name(), "")
    row = _find(name) if _is_name(name) else None
    return row.user_id if row else None


class DatabaseSessions(SessionInterface):
    """Opens and saves ServerSession. Each has a time to live, and ends when it is deleted.

    `arrive` reads the session and whom it belongs to in one statement: nearly every page needs both.
    """

    def __init__(self, arrive: Arrive) -> None:
        self._arrive = arrive

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        if request.path.startswith(("/static/", "/api/", "/healthz")):
            return ServerSession({}, name=secrets.token_urlsafe(32), row=None)
        name = request.cookies.get(cookie_name(), "")
        if not _is_name(name):
            return ServerSession({}, name=secrets.token_urlsafe(32), row=None)
        with reading() as db:
            arrival = self._arrive(db, _asked(name))
        row = arrival.held if arrival else None
        opened = ServerSession(dict(row.data) if row else {}, name=name, row=row)
        opened.arrival = arrival
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)
        response.vary.add("Cookie")
        if session.modified:
            self._store(session)
        elif session.row_id and session.seen_at and clock.now() - session.seen_at > SEEN_EVERY:
            with transaction() as db:
                db.execute(
                    update(WebSession)
                    .where(WebSession.id == session.row_id)
                    .values(seen_at=clock.now(), expires_at=_expiry(session))
                )
        if session.modified or (session.wants_cookie and session.new):
            settings = get_settings()
            response.set_cookie(
                cookie_name(),
                session.name,
                max_age=int((_expiry(session) - clock.now()).total_seconds()),
                secure=settings.is_https,
                httponly=True,
                samesite="Lax",
                path="/",
            )

    def _store(self, session: ServerSession) -> None:
        from_request = _current_client()
        with transaction() as db:
            if session.rotate:
                if session.row_id:
                    db.execute(delete(WebSession).where(WebSession.id == session.row_id))
                    session.row_id = None
                session.name = secrets.token_urlsafe(32)
            data, moment = session.stored(), clock.now()
            if session.row_id:
                changed = db.execute(
                    update(WebSession)
                    .where(WebSession.id == session.row_id)
                    .values(data=data, seen_at=moment, expires_at=_expiry(session))
                )
                if changed.rowcount:  # type: ignore[attr-defined]
                    return
                if session.user_id is not None:
                    return  # ended elsewhere while this request ran: it stays ended
            if not data and not session.rotate and session.user_id is None:
                return
            if session.user_id is None and not session.rotate and session.row_id:
                session.name = secrets.token_urlsafe(32)
            insert = sqlite.insert(WebSession) if is_sqlite(db) else postgresql.insert(WebSession)
            statement = insert.values(
                id=new_id(),
                digest=digest_of(session.name),
                user_id=session.user_id,
                data=data,
                created_at=moment,
                seen_at=moment,
                expires_at=_expiry(session),
                signed_in_at=moment if session.user_id else None,
                address=from_request[0],
                user_agent=from_request[1],
            )
            # A visitor's first two requests at once make one row: the later data stay.
            db.execute(
                statement.on_conflict_do_update(
                    index_elements=["digest"],
                    set_={"data": data, "seen_at": moment},
                    where=WebSession.user_id.is_(None),
                )
            )


def _expiry(session: ServerSession) -> datetime:
    days = get_settings().session_days if session.user_id else VISITOR_DAYS
    return clock.now() + timedelta(days=days)


def _current_client() -> tuple[str | None, str | None]:
    from_request = _client.get("current")
    return from_request() if from_request else (None, None)


_client: dict[str, Any] = {}


def set_client_reader(reader: Any) -> None:
    """Tells how to read (address, user agent) of the present request."""
    _client["current"] = reader


def list_sessions(session: Session, user_id: uuid.UUID) -> Sequence[WebSession]:
    """The live sessions of an account, most recently seen first."""
    return session.scalars(
        select(WebSession)
        .where(WebSession.user_id == user_id, WebSession.expires_at > clock.now())
        .order_by(WebSession.seen_at.desc())
    ).all()


def end_sessions(
    session: Session, user_id: uuid.UUID, *, only: uuid.UUID | None = None, keep: uuid.UUID | None = None
) -> int:
    """Ends one (`only`), all, or all but `keep` of an account's sessions. Returns how many ended."""
    statement = delete(WebSession).where(WebSession.user_id == user_id)
    if only is not None:
        statement = statement.where(WebSession.id == only)
    if keep is not None:
        statement = statement.where(WebSession.id != keep)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


@recurring("core.prune_sessions", every=timedelta(hours=1))
def prune_sessions(session: Session) -> None:
    session.execute(delete(WebSession).where(WebSession.expires_at < clock.now()))
