"""The index follows the database: what a flush leaves behind, what the jobs make of it, and rebuilding under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core import clock
from core.db import get_engine as get_database
from core.db.engine import WRITE
from core.ids import new_id
from core.jobs.models import DEAD, DONE, PENDING, Job
from core.jobs.runner import run_job
from core.search import SearchQuery, check_drift, enqueue_rebuild, fold, lag, rebuild, search, touch
from core.search.engines import use_engine
from core.search.following import INDEX_JOB, REBUILD_JOB
from core.search.interface import SearchAwayError, get_spec
from core.search.tantivy_engine import TantivyEngine
from core.search.tasks import CHECK_JOB, watch_indexes
from core.transaction import reading, transaction
from tests.conftest import service_url
from tests.contracts.search_world import KIND, Ground, Part, Thing, World, elastic, embedded


@pytest.fixture
def world(session: Session, tmp_path: Path) -> Iterator[World]:
    Ground.metadata.create_all(session.connection())
    with embedded(tmp_path) as engine:
        yield World(session, engine)


def _waiting(session: Session) -> list[str]:
    keys = session.scalars(
        select(Job.key).where(Job.name == INDEX_JOB, Job.state == PENDING).order_by(Job.id)
    )
    return [str(key) for key in keys]


def _clear(session: Session) -> None:
    session.execute(update(Job).where(Job.state == PENDING).values(state=DONE))


def test_each_change_leaves_one_job_and_counts_the_revision(world: World) -> None:
    session = world.session
    row_id = world.add("Lamp")
    thing = session.get_one(Thing, row_id)
    assert (thing.revision, _waiting(session)) == (1, [f"{KIND}:{row_id}"])
    thing.name = "Floor lamp"
    session.flush()
    assert (thing.revision, _waiting(session)) == (2, [f"{KIND}:{row_id}"])
    _clear(session)
    thing.name = "Floor lamp"  # the same again
    session.flush()
    assert (thing.revision, _waiting(session)) == (2, [])
    touch(session, KIND, [row_id])
    assert (thing.revision, _waiting(session)) == (3, [f"{KIND}:{row_id}"])
    _clear(session)
    session.delete(thing)
    session.flush()
    assert _waiting(session) == [f"{KIND}:{row_id}"]


def test_a_child_row_speaks_for_its_parents(world: World) -> None:
    session = world.session
    first, second = world.add("Lamp"), world.add("Sofa")
    _clear(session)
    part = Part(thing_id=first, note="bulb")
    session.add(part)
    session.flush()
    assert _waiting(session) == [f"{KIND}:{first}"]
    _clear(session)
    part.thing_id = second
    session.flush()
    assert _waiting(session) == sorted([f"{KIND}:{first}", f"{KIND}:{second}"])
    _clear(session)
    session.delete(part)
    session.flush()
    assert _waiting(session) == [f"{KIND}:{second}"]
    assert (session.get_one(Thing, first).revision, session.get_one(Thing, second).revision) == (3, 3)


def test_what_is_undone_leaves_nothing(world: World) -> None:
    session = world.session
    savepoint = session.begin_nested()
    world.add("Lamp")
    savepoint.rollback()
    world.session.flush()
    assert _waiting(session) == []


def test_the_folded_text_follows_too(world: World) -> None:
    thing = world.session.get_one(Thing, world.add("Café", name_zh="無線耳機", sku="AH-1"))
    assert thing.search_text == "cafe 无线耳机 ah-1"
    thing.name = "Ｌampe"
    world.session.flush()
    assert thing.search_text == "lampe 无线耳机 ah-1"
    assert fold("ＡH\u00adé\x00 無") == "ahe 无"


def test_many_rows_of_one_flush_travel_together(world: World) -> None:
    world.session.add_all([Thing(name=f"Lamp {number}") for number in range(120)])
    world.session.flush()
    jobs = world.session.scalars(select(Job).where(Job.name == INDEX_JOB)).all()
    assert [len(job.payload["ids"]) for job in jobs] == [120]


# --- with real transactions -------------------------------------------------------------------------------


@pytest.fixture
def tables(real_transactions: None) -> Iterator[None]:
    writing = get_database().execution_options(**{WRITE: True})
    Ground.metadata.create_all(writing)
    yield
    Ground.metadata.drop_all(writing)


@pytest.fixture(params=["embedded", "elasticsearch"])
def engine(
    request: pytest.FixtureRequest, tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    monkeypatch.setattr("core.search.querying.ENGINE_SECONDS", 10.0)
    opened: Any = embedded(tmp_path) if request.param == "embedded" else elastic(service_url("elasticsearch"))
    with opened as made:
        yield made


def _add(name: str) -> UUID:
    with transaction() as session:
        thing = Thing(id=new_id(), name=name, sku=name)
        session.add(thing)
    return thing.id


def _due() -> list[UUID]:
    with reading() as session:
        due = select(Job.id).where(Job.state == PENDING, Job.run_at <= clock.now())
        return list(
            session.scalars(due.where(Job.name.in_([INDEX_JOB, REBUILD_JOB, CHECK_JOB])).order_by(Job.id))
        )


def _work() -> list[str | None]:
    return [run_job(job_id) for job_id in _due()]


def _found(engine: Any) -> set[str]:
    engine.refresh(get_spec(KIND))
    names: set[str] = set()
    while True:
        with reading() as session:
            page = SearchQuery(KIND, audience=["public"], sort="price", limit=100, offset=len(names))
            result = search(session, page)
        assert not result.degraded
        names |= {str(hit.fields["name"]) for hit in result.hits}
        if len(result.hits) < 100:
            return names


def test_the_first_watch_builds_what_is_missing_and_jobs_keep_it_fresh(engine: Any) -> None:
    first = _add("Lamp one")
    with transaction() as session:
        watch_indexes(session)
    _work()
    _work()  # the rebuild that the check asked for
    assert _found(engine) == {"Lamp one"}
    for number in range(20):
        _add(f"Lamp {number}")
    with transaction() as session:
        session.get_one(Thing, first).name = "Lamp renamed"
    due = _due()
    assert len(due) == 21
    assert run_job(due[0]) == DONE
    assert _found(engine) == {f"Lamp {number}" for number in range(20)} | {"Lamp renamed"}
    assert _due() == []  # the first job did the work of all
    with transaction() as session:
        session.delete(session.get_one(Thing, first))
    assert _work() == [DONE]
    assert "Lamp renamed" not in _found(engine)
    with transaction() as session:
        for thing in session.scalars(select(Thing).where(Thing.name == "Lamp 3")):
            thing.is_listed = False
    assert _work() == [DONE]
    assert "Lamp 3" not in _found(engine)
    with transaction() as session:
        for thing in session.scalars(select(Thing).where(Thing.name == "Lamp 3")):
            thing.is_listed = True
    assert _work() == [DONE]
    assert "Lamp 3" in _found(engine)
    assert check_drift(KIND, heal=False).missing == 0


def test_a_bulk_load_is_in_the_index_after_one_job(engine: Any) -> None:
    rebuild(KIND)
    with transaction() as session:
        names = [f"Bulk {number}" for number in range(1200)]
        session.execute(
            insert(Thing), [{"id": new_id(), "name": name, "search_text": fold(name)} for name in names]
        )
        enqueue_rebuild(session, KIND)
        enqueue_rebuild(session, KIND)
    assert _work() == [DONE]
    assert _found(engine) == set(names)


def test_nothing_is_missing_after_a_rebuild_under_writes(engine: Any) -> None:
    """Writers, a worker and a reader beside three rebuilds: every query answers and every row is found."""
    rebuild(KIND)
    stop = threading.Event()
    failures: list[str] = []
    expected: set[str] = set()

    def write() -> None:
        number = 0
        while not stop.is_set():
            name = f"Lamp {number}"
            row_id = _add(name)
            if number % 5 == 4:
                with transaction() as session:
                    session.delete(session.get_one(Thing, row_id))
            elif number % 5 == 3:
                with transaction() as session:
                    session.get_one(Thing, row_id).name = f"{name} renamed"
                expected.add(f"{name} renamed")
            else:
                expected.add(name)
            number += 1
            time.sleep(0.02)

    def work() -> None:
        while not stop.is_set():
            _work()
            time.sleep(0.01)

    def read() -> None:
        while not stop.is_set():
            with reading() as session:
                if search(session, SearchQuery(KIND, "lamp", audience=["public"])).degraded:
                    failures.append("degraded")
            time.sleep(0.02)

    def guarded(task: Any) -> None:
        try:
            task()
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=guarded, args=(task,)) for task in (write, work, read)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 4
    rebuilds = 0
    while time.monotonic() < until or rebuilds < 3:
        rebuild(KIND)
        rebuilds += 1
    stop.set()
    for thread in threads:
        thread.join(30)
    for _ in range(10):
        _work()
    assert failures == []
    assert len(expected) > 30
    assert _found(engine) == expected
    drift = check_drift(KIND, heal=False)
    assert (drift.missing, drift.stale, drift.extra) == (0, 0, 0)


def test_a_write_that_fails_is_repeated(
    tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with embedded(tmp_path) as engine:
        rebuild(KIND)
        _add("Lamp one")

        class Away(TantivyEngine):
            def write(self, spec: Any, entries: Any) -> None:
                raise SearchAwayError("gone")

        use_engine(Away(tmp_path / "search"))
        row_id = _add("Lamp two")
        assert _work() == [PENDING, None]  # the first took the second over
        with reading() as session:
            assert lag(session)["pending"] == 1
            assert lag(session)["dead"] == 0
        use_engine(engine)
        with clock.frozen(clock.now().replace(year=2099)):
            assert DONE in _work()
        assert _found(engine) == {"Lamp one", "Lamp two"}
        assert engine.revisions(get_spec(KIND), [row_id]) == {row_id: 1}


def test_a_full_comparison_makes_given_up_jobs_obsolete(tables: None, tmp_path: Path) -> None:
    with embedded(tmp_path) as engine:
        rebuild(KIND)
        _add("Lamp one")
        with transaction() as session:
            session.execute(update(Job).where(Job.name == INDEX_JOB).values(state=DEAD))
            from_check = {"id": new_id(), "name": CHECK_JOB, "payload": {"drift": True}, "max_attempts": 1}
            session.execute(insert(Job), [from_check])
        assert _work() == [DONE]
        assert _found(engine) == {"Lamp one"}
        with reading() as session:
            assert lag(session)["dead"] == 0
