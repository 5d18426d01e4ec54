"""The one place where work is made durable.

`with transaction() as session:` is the unit of a changing view, task or command. Nested use joins the outer
one. What must happen once the work is durable (publishing job ids) is given to `after_commit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from sqlalchemy.orm import Session

from core.db.engine import new_session

log = structlog.get_logger()

AfterCommit = Callable[[], object]


class HalfDoneError(RuntimeError):
    """An error escaped a nested transaction() and was swallowed: the whole cannot be made durable."""


class ReadScope:
    """The reading session of one request: opened at first use, shared by views and templates."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def session(self) -> Session:
        if self._session is None:
            self._session = new_session(write=False)
        return self._session

    def release(self) -> None:
        """Gives the connection back; what was read stays readable. Whoever waits for a write must not hold two
        connections: with as many such requests as connections, nobody would get a second one."""
        if self._session is not None:
            self._session.commit()

    def refresh(self) -> None:
        """Ends the snapshot, so that what was just written is seen, and gives the connection back."""
        if self._session is not None:
            self._session.rollback()
            self._session.expire_all()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


_writing: ContextVar[Session | None] = ContextVar("writing", default=None)
_scope: ContextVar[ReadScope | None] = ContextVar("scope", default=None)


_written = [0]


def _count_write() -> None:
    _written[0] += 1


def count_of_writes() -> int:
    """Differs as soon as this process has made something durable since it was asked before."""
    return _written[0]


@contextmanager
def transaction() -> Iterator[Session]:
    """A writing session; durable when the block ends well, undone when an error leaves it."""
    outer = _writing.get()
    if outer is not None:
        try:
            yield outer
        except BaseException:
            outer.info["half_done"] = True
            raise
        return

    scope = _scope.get()
    if scope is not None:
        scope.release()
    session = new_session(write=True)
    token = _writing.set(session)
    try:
        yield session
        if session.info.get("half_done"):
            raise HalfDoneError
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)
        _count_write()
        todo: list[AfterCommit] = session.info.pop("after_commit", [])
        session.close()
        if scope is not None:
            scope.refresh()
    for action in todo:
        try:
            action()
        except Exception:
            # The work is durable; what follows it is best effort, and the beat tick makes up for it.
            log.warning("after_commit_failed", exc_info=True)


def after_commit(session: Session, action: AfterCommit) -> None:
    """Runs `action` once the outermost transaction() of `session` is durable; never if it is undone."""
    session.info.setdefault("after_commit", []).append(action)


@contextmanager
def reading() -> Iterator[Session]:
    """A session for reads: the transaction's own, the request's, or a new one."""
    current = _writing.get()
    if current is not None:
        yield current
        return
    scope = _scope.get()
    if scope is not None:
        yield scope.session()
        return
    session = new_session(write=False)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def read_scope() -> Iterator[ReadScope]:
    """All reading() inside shares one session (a request, a command)."""
    scope = ReadScope()
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        scope.close()
        _scope.reset(token)


def current_write_session() -> Session | None:
    return _writing.get()
