"""Bringing documents from the database into the index: single rows, everything, and what was missed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from core.search.document import prepare, tombstone
from core.search.engines import get_engine
from core.search.following import row_revisions
from core.search.interface import GONE, Engine, Entry, IndexSpec, RebuildOvertakenError, get_spec
from core.transaction import reading

log = structlog.get_logger()

WRITTEN, COMPARE = 1000, 1000


@dataclass(frozen=True)
class Drift:
    """What index and database differed in. `after` is where to go on when time was up before the end;
    `is_ahead` says that the index holds newer rows than the database (restored from a backup?)."""

    missing: int = 0
    stale: int = 0
    extra: int = 0
    healed: int = 0
    is_ahead: bool = False
    after: UUID | None = None


def entries_of(spec: IndexSpec, ids: Sequence[UUID]) -> list[Entry]:
    """The state of these rows now: documents, and tombstones for what does not belong in the index."""
    with reading() as session:
        documents = {made.id: made for made in spec.build(session, ids)}
        out = [prepare(spec, made) for made in documents.values()]
        left_out = [row_id for row_id in ids if row_id not in documents]
        revisions = row_revisions(session, spec.kind, left_out)
    return out + [tombstone(row_id, revisions.get(row_id, GONE)) for row_id in left_out]


def index_ids(kind: str, ids: Sequence[UUID]) -> int:
    """Reads these rows and writes them to the index. Returns how many. Safe to repeat, in any order."""
    spec, unique = get_spec(kind), list(dict.fromkeys(ids))
    for at in range(0, len(unique), WRITTEN):
        get_engine().write(spec, entries_of(spec, unique[at : at + WRITTEN]))
    return len(unique)


def rebuild(kind: str, progress: Callable[[int], None] | None = None) -> int:
    """Fills a new index beside the one in use and swaps them; returns how many documents it read.

    From its first moment the new index receives every write as well, and neither takes a row older than the
    one it holds: so what changes meanwhile is in it, whichever of the two writes comes last.
    """
    spec, engine = get_spec(kind), get_engine()
    name = engine.begin_rebuild(spec)
    try:
        count = _fill(spec, engine, name, progress)
        engine.finish_rebuild(spec, name)
    except RebuildOvertakenError:
        log.info("search_rebuild_overtaken", kind=kind)
        return 0
    except BaseException:
        engine.abandon_rebuild(spec, name)
        raise
    log.info("search_rebuilt", kind=kind, documents=count)
    return count


def _fill(spec: IndexSpec, engine: Engine, name: str, progress: Callable[[int], None] | None) -> int:
    count, after = 0, None
    while True:
        with reading() as session:
            ids = [row_id for row_id, _ in spec.ids(session, after, engine.fill_size)]
        if not ids:
            return count
        engine.fill(spec, name, entries_of(spec, ids))
        count, after = count + len(ids), ids[-1]
        if progress is not None:
            progress(count)


def check_drift(kind: str, *, heal: bool = True, after: UUID | None = None, seconds: float = 60.0) -> Drift:
    """Compares ids and revisions of index and database piece by piece, and writes what differs."""
    spec, engine = get_spec(kind), get_engine()
    until = time.monotonic() + seconds
    missing = stale = extra = healed = 0
    is_ahead = False
    while True:
        with reading() as session:
            rows = dict(spec.ids(session, after, COMPARE))
        last = max(rows) if len(rows) >= COMPARE else None
        held = _listed(spec, engine, after, last)
        absent = [row_id for row_id in rows if row_id not in held]
        other = [row_id for row_id, revision in rows.items() if held.get(row_id, revision) != revision]
        surplus = [row_id for row_id in held if row_id not in rows]
        missing, stale, extra = missing + len(absent), stale + len(other), extra + len(surplus)
        wrong = [*absent, *other, *surplus]
        if heal and wrong:
            healed += index_ids(kind, wrong)
            is_ahead = is_ahead or _is_ahead(spec, engine, wrong)
        if last is None:
            after = None
            break
        after = last
        if time.monotonic() > until:
            break
    drift = Drift(missing, stale, extra, healed, is_ahead, after)
    if missing or stale or extra:
        log.warning("search_drift", kind=kind, missing=missing, stale=stale, extra=extra, healed=healed)
    return drift


def _listed(spec: IndexSpec, engine: Engine, after: UUID | None, last: UUID | None) -> dict[UUID, int]:
    """What the index holds after `after`, up to `last`."""
    held: dict[UUID, int] = {}
    while True:
        page = engine.listing(spec, after, COMPARE)
        held.update((row_id, revision) for row_id, revision in page if last is None or row_id <= last)
        if len(page) < COMPARE or (last is not None and page[-1][0] > last):
            return held
        after = page[-1][0]


def _is_ahead(spec: IndexSpec, engine: Engine, ids: Sequence[UUID]) -> bool:
    """Whether the index holds newer revisions than the database, which no ordinary write can set right."""
    held = engine.revisions(spec, ids)  # first the index: a row changed in between is newer in the database
    with reading() as session:
        documents = {made.id: made.revision for made in spec.build(session, ids)}
    return any(held.get(row_id, 0) > revision for row_id, revision in documents.items())
