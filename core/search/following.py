"""How the index follows the database: each flush that changes an indexed row leaves a job behind."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from sqlalchemy import Integer, Uuid, column, event, inspect, select, table, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from core.db import LongText
from core.jobs.services import enqueue
from core.search.text import fold

INDEX_JOB, REBUILD_JOB = "search.index", "search.rebuild"
_WAITING = "search_changes"
MANY = 50  # more changed rows of one kind in one flush travel in one job
_models: dict[str, type[Searchable]] = {}


class Searchable:
    """A mapped class with `__search__ = "<kind>"`: its rows have documents, and `revision` counts changes."""

    __search__: ClassVar[str]
    revision: Mapped[int] = mapped_column(default=1, server_default="1", sort_order=95)

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        if "__search__" in cls.__dict__:
            _models[cls.__search__] = cls


class FoldedText:
    """`search_text` holds what `search_source()` gives, folded, for the search in the database itself."""

    search_text: Mapped[str] = mapped_column(LongText, default="", server_default="", sort_order=96)

    def search_source(self) -> Iterable[str | None]:
        raise NotImplementedError


def find_model(kind: str) -> type[Searchable] | None:
    return _models.get(kind)


def row_revisions(session: Session, kind: str, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The revisions of rows, whether or not they belong in the index."""
    model = _models.get(kind)
    if model is None or not ids:
        return {}
    rows = _table(model)
    found = session.execute(select(rows.c.id, rows.c.revision).where(rows.c.id.in_(list(ids))))
    return {row_id: int(revision) for row_id, revision in found}


def _table(model: type[Searchable]) -> Any:
    # Only these two columns: an UPDATE must not set updated_at of a row whose child changed.
    name = model.__table__.name  # type: ignore[attr-defined]
    return table(name, column("id", Uuid()), column("revision", Integer()))


def touch(session: Session, kind: str, ids: Iterable[uuid.UUID]) -> None:
    """Counts a change of these rows and has them indexed again."""
    _follow(session, kind, set(ids), set())


def enqueue_rebuild(session: Session, kind: str) -> None:
    """After a bulk load: the whole index is filled anew."""
    enqueue(session, REBUILD_JOB, {"kind": kind}, key=kind)


def _parents(thing: object) -> Iterator[tuple[str, str]]:
    declared = getattr(type(thing), "__search_parent__", ())
    if declared and isinstance(declared[0], str):
        declared = (declared,)
    yield from declared


def _before_flush(session: Session, _context: object, _instances: object) -> None:
    for thing in [*session.new, *session.dirty]:
        if isinstance(thing, FoldedText):
            folded = fold(" \n ".join(part for part in thing.search_source() if part))
            if thing.search_text != folded:
                thing.search_text = folded


def _after_flush(session: Session, _context: object) -> None:
    # kind -> (changed: their revision is to be counted up, fresh: new or gone)
    waiting: dict[str, tuple[set[uuid.UUID], set[uuid.UUID]]] = {}
    changed = [(thing, False) for thing in session.dirty if session.is_modified(thing)]
    for thing, is_fresh in [*changed, *((thing, True) for thing in [*session.new, *session.deleted])]:
        kind = getattr(type(thing), "__search__", None)
        if kind is not None:
            waiting.setdefault(kind, (set(), set()))[1 if is_fresh else 0].add(thing.id)
        for parent_kind, attribute in _parents(thing):
            history = inspect(thing).attrs[attribute].history
            owners = {getattr(thing, attribute), *(history.deleted or ())} - {None}
            waiting.setdefault(parent_kind, (set(), set()))[0].update(owners)
    if waiting:
        session.info[_WAITING] = waiting


def _after_flush_postexec(session: Session, _context: object) -> None:
    for kind, (changed, fresh) in session.info.pop(_WAITING, {}).items():
        _follow(session, kind, changed, fresh)


def _follow(session: Session, kind: str, changed: set[uuid.UUID], fresh: set[uuid.UUID]) -> None:
    model = _models.get(kind)
    if model is None:
        raise ValueError(f"no class is searchable as {kind!r}")
    if changed:
        rows = _table(model)
        counted = session.execute(
            update(rows)
            .where(
                rows.c.id.in_(sorted(changed))
            )  # in one order, so that two writers do not wait for each other
            .values(revision=rows.c.revision + 1)
            .returning(rows.c.id, rows.c.revision)
        ).all()
        for row_id, revision in counted:
            held = session.identity_map.get(session.identity_key(model, row_id))
            if held is not None:
                set_committed_value(held, "revision", revision)
    ids = sorted(changed | fresh)
    if len(ids) > MANY:
        for at in range(0, len(ids), 500):
            enqueue(session, INDEX_JOB, {"kind": kind, "ids": [str(each) for each in ids[at : at + 500]]})
        return
    for row_id in ids:
        _enqueue(session, kind, row_id)


def _enqueue(session: Session, kind: str, row_id: uuid.UUID) -> None:
    enqueue(session, INDEX_JOB, {"kind": kind, "id": str(row_id)}, key=f"{kind}:{row_id}")


def _forget(session: Session, _previous: object) -> None:
    session.info.pop(_WAITING, None)


event.listen(Session, "before_flush", _before_flush)
event.listen(Session, "after_flush", _after_flush)
event.listen(Session, "after_flush_postexec", _after_flush_postexec)
event.listen(Session, "after_soft_rollback", _forget)
