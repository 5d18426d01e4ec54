"""The jobs that keep indexes in step, and what an operator can learn of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.jobs import GiveUp, Retry, effect_job, enqueue, recurring
from core.jobs.models import DEAD, DONE, PENDING, RUNNING, Job
from core.search.engines import get_engine
from core.search.following import INDEX_JOB, REBUILD_JOB, enqueue_rebuild
from core.search.indexing import Drift, check_drift, index_ids, rebuild
from core.search.interface import SearchAwayError, SearchBusyError, get_spec, list_specs

CHECK_JOB = "search.check"
DRAIN = 500


@dataclass(frozen=True)
class Work:
    kind: str
    ids: tuple[UUID, ...]


def _known(payload: JSONMap) -> str:
    try:
        return get_spec(str(payload["kind"])).kind
    except ValueError as error:
        raise GiveUp(str(error)) from None


# Half an hour of attempts while the engine is away; after that the drift check makes up for what was given up.
@effect_job(INDEX_JOB, max_attempts=30, backoff=timedelta(seconds=2), longest_backoff=timedelta(minutes=2))
class IndexRows:
    """Writes rows to the index. Takes over the other waiting jobs of its kind, as one write costs as much as many."""

    def prepare(self, session: Session, payload: JSONMap) -> Work:
        kind = _known(payload)
        ids = [str(each) for each in payload.get("ids", [])] or [str(payload["id"])]
        if "id" in payload:
            ids = list(dict.fromkeys([*ids, *self._take_over(session, kind, payload, ids)]))
        return Work(kind, tuple(map(UUID, ids)))

    def _take_over(self, session: Session, kind: str, payload: JSONMap, own: list[str]) -> list[str]:
        """Moves waiting jobs into this one's payload: durable, so a crash loses none; and a row that changes
        from now on finds no waiting job and leaves a new one."""
        waiting = session.execute(
            select(Job.id, Job.payload)
            .where(
                Job.name == INDEX_JOB,
                Job.state == PENDING,
                Job.run_at <= clock.now(),
                Job.key.startswith(f"{kind}:", autoescape=True),
            )
            .limit(DRAIN)
            .with_for_update(skip_locked=True)
        ).all()
        if not waiting:
            return []
        taken = [str(held["id"]) for _, held in waiting]
        # Without a key from here on: a newer job of the same row must not be taken for all of this work.
        session.execute(
            update(Job)
            .where(Job.name == INDEX_JOB, Job.state == RUNNING, Job.key == f"{kind}:{payload['id']}")
            .values(key=None, payload={"kind": kind, "ids": list(dict.fromkeys([*own, *taken]))})
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Job)
            .where(Job.id.in_([job_id for job_id, _ in waiting]), Job.state == PENDING)
            .values(state=DONE, finished_at=clock.now())
            .execution_options(synchronize_session=False)
        )
        return taken

    def effect(self, state: Work) -> int:
        try:
            return index_ids(state.kind, state.ids)
        except (SearchAwayError, SearchBusyError) as error:
            raise Retry(str(error)) from error

    def record(self, session: Session, payload: JSONMap, result: int) -> None:
        """The job's end is all there is to record."""


@effect_job(REBUILD_JOB, max_attempts=6, backoff=timedelta(seconds=10), longest_backoff=timedelta(minutes=5))
class RebuildIndex:
    def prepare(self, session: Session, payload: JSONMap) -> str:
        return _known(payload)

    def effect(self, state: str) -> int:
        try:
            return rebuild(state)
        except (SearchAwayError, SearchBusyError) as error:
            raise Retry(str(error)) from error

    def record(self, session: Session, payload: JSONMap, result: int) -> None:
        """The job's end is all there is to record."""


@dataclass(frozen=True)
class Checked:
    rebuilds: tuple[str, ...]
    drifts: dict[str, Drift]


@effect_job(CHECK_JOB, max_attempts=1)
class CheckIndexes:
    """Looks for indexes that are missing, damaged or of another shape, and with `drift` compares all rows."""

    def prepare(self, session: Session, payload: JSONMap) -> JSONMap:
        return payload

    def effect(self, state: JSONMap) -> Checked:
        rebuilds: list[str] = []
        drifts: dict[str, Drift] = {}
        for spec in list_specs():
            if state.get("kind") not in {None, spec.kind}:
                continue
            try:
                if get_engine().needs_rebuild(spec):
                    rebuilds.append(spec.kind)
                elif state.get("drift"):
                    after = state.get("after")
                    drifts[spec.kind] = check_drift(spec.kind, after=UUID(after) if after else None)
                    if drifts[spec.kind].is_ahead:
                        rebuilds.append(spec.kind)
            except (SearchAwayError, SearchBusyError):
                continue  # the engine is away: the next check comes soon
        return Checked(tuple(rebuilds), drifts)

    def record(self, session: Session, payload: JSONMap, result: Checked) -> None:
        for kind in result.rebuilds:
            enqueue_rebuild(session, kind)
        for kind, drift in result.drifts.items():
            if drift.after is not None:
                rest = {"kind": kind, "drift": True, "after": str(drift.after)}
                enqueue(session, CHECK_JOB, rest, key=f"rest:{kind}")
            elif not payload.get("after") and kind not in result.rebuilds:
                # Everything was compared and set right: what was given up earlier is done with.
                dead = session.execute(
                    select(Job.id, Job.payload).where(Job.name == INDEX_JOB, Job.state == DEAD)
                ).all()
                obsolete = [job_id for job_id, held in dead if held.get("kind") == kind]
                session.execute(
                    delete(Job).where(Job.id.in_(obsolete)).execution_options(synchronize_session=False)
                )


@recurring("search.watch", every=timedelta(minutes=1))
def watch_indexes(session: Session) -> None:
    enqueue(session, CHECK_JOB, {"drift": False}, key="shape")


@recurring("search.compare", every=timedelta(minutes=5))
def compare_indexes(session: Session) -> None:
    enqueue(session, CHECK_JOB, {"drift": True}, key="drift")


def lag(session: Session) -> dict[str, float]:
    """How far the index is behind: waiting rows, the age of the oldest in seconds, and jobs given up."""
    is_open = Job.state.in_((PENDING, RUNNING))
    pending, oldest = session.execute(
        select(func.count(), func.min(Job.created_at)).where(Job.name == INDEX_JOB, is_open)
    ).one()
    dead = session.scalar(select(func.count()).where(Job.name == INDEX_JOB, Job.state == DEAD)) or 0
    age = (clock.now() - oldest).total_seconds() if oldest else 0.0
    return {"pending": pending, "oldest_seconds": age, "dead": dead}


def engine_status() -> dict[str, Any]:
    """What doctor shows: whether the engine answers, and per kind what is wrong, or 'ok'."""
    engine = get_engine()
    is_there = engine.ping()
    kinds: dict[str, str] = {}
    for spec in list_specs():
        try:
            kinds[spec.kind] = engine.needs_rebuild(spec) or "ok"
        except SearchAwayError:
            kinds[spec.kind] = "away"
    is_ok = is_there and all(state == "ok" for state in kinds.values())
    return {"engine": engine.name, "ok": is_ok, "kinds": kinds}
