"""The engine is gone, frozen, read-only or damaged: the database answers, in time and for the same people."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy.orm import Session

from core.search import Range, check_drift, engine_status, index_ids
from core.search.breaker import CircuitBreaker
from core.search.elastic_engine import ElasticEngine
from core.search.folder import CURRENT, IndexFolder
from core.search.interface import Plan, SearchAwayError, SearchBusyError
from tests.conftest import service_url
from tests.contracts.search_world import KIND, SPEC, Ground, Thing, World, declared, elastic, embedded

PROMISED = 1.0


@pytest.fixture
def tables(session: Session) -> Session:
    Ground.metadata.create_all(session.connection())
    return session


def _fill(world: World) -> None:
    world.add(
        "Wireless headphones", name_zh="無線耳機", sku="AH-1000", brand="Nordlicht", price=Decimal("89.90")
    )
    world.add("Floor lamp 100% linen", name_zh="落地灯", sku="AL-2000", price=Decimal("120"))
    world.add("Desk lamp snake_case", sku="AL-3000", brand="Aurora", price=Decimal("20"))
    world.add("Marker lamp", sku="SECRET-1", brand="Hidden", audience="staff")
    world.add("Draft lamp", sku="DRAFT-1", brand="Hidden", is_listed=False)


def _database_answers(world: World) -> None:
    def names(text: str = "", **given: object) -> list[str]:
        result = world.find(text, **given)
        assert result.degraded
        return sorted(str(world.session.get_one(Thing, hit.id).name) for hit in result.hits)

    assert names("headphones") == ["Wireless headphones"]
    assert names("无线耳机") == ["Wireless headphones"]
    assert names("落地燈") == ["Floor lamp 100% linen"]
    assert names("al-2000") == ["Floor lamp 100% linen"]
    assert names("100%") == ["Floor lamp 100% linen"]
    assert names("snake_case") == ["Desk lamp snake_case"]
    assert names("l_mp") == names("%") == names("_") == names("\\") == []
    assert names("lamp") == ["Desk lamp snake_case", "Floor lamp 100% linen"]
    assert names("lamp", filters={"price": Range(lt=100.0)}) == ["Desk lamp snake_case"]
    assert names("lamp", filters={"brand": ["Nordlicht"]}) == []
    assert names("marker") == names("SECRET-1") == names("DRAFT-1") == names("lamp", audience=[]) == []
    assert names("marker", audience=["staff"]) == ["Marker lamp"]
    for text in ("x" * 10_000, "' OR 'x'='x' --", "(", "灯" * 5_000):
        assert names(text) == []
    public = ["Desk lamp snake_case", "Floor lamp 100% linen", "Wireless headphones"]
    assert (
        names() == names("\x00") == names("\ud800") == public
    )  # nothing is left of these: everything is listed
    result = world.find("lamp", facets=["brand"], filters={"brand": "Aurora"}, sort="-price")
    assert result.facets == {"brand": [("Aurora", 2)]}
    assert result.total == 2
    with pytest.raises(ValueError, match="no filter"):
        world.find("lamp", filters={"tags": "light"})


def test_a_refused_connection(tables: Session) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    engine = ElasticEngine(f"http://127.0.0.1:{port}", "rapport-test")
    with declared(engine):
        world = World(tables, _Unrefreshed(engine))
        _fill(world)
        begun = time.monotonic()
        _database_answers(world)
        assert time.monotonic() - begun < 2 * PROMISED * 15  # twice the promise for each of the questions
        with pytest.raises(SearchAwayError):
            index_ids(KIND, [world.add("Lamp")])
        status = engine_status()
        assert (status["engine"], status["ok"]) == ("elasticsearch", False)
        assert status["kinds"][KIND] == "away"
        assert set(status["kinds"].values()) == {"away"}
    engine.close()


class _Unrefreshed(ElasticEngine):
    """The engine under test for a World that must not ask it to refresh."""

    def __init__(self, engine: ElasticEngine) -> None:
        self._inner = engine

    def refresh(self, spec: object) -> None:
        """There is nobody to ask."""


@contextmanager
def frozen_server() -> Iterator[str]:
    """Takes connections and never says a word, as a stopped process does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_frozen_server_is_waited_for_once(tables: Session) -> None:
    with frozen_server() as url:
        engine = ElasticEngine(url, "rapport-test")
        with declared(engine):
            world = World(tables, _Unrefreshed(engine))
            _fill(world)
            longest = 0.0
            begun = time.monotonic()
            for _ in range(20):
                moment = time.monotonic()
                assert world.find("lamp").degraded
                longest = max(longest, time.monotonic() - moment)
            assert longest < 2 * PROMISED
            assert time.monotonic() - begun < 5 * PROMISED  # 20 waits would be 12 s
        engine.close()


@contextmanager
def relay(url: str) -> Iterator[tuple[str, Callable[[bool], None]]]:
    """A connection to a real server that can be frozen and let go again."""
    target = urlsplit(url)
    flowing = threading.Event()
    flowing.set()
    stop = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    threads: list[threading.Thread] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        source.settimeout(0.1)
        while not stop.is_set():
            try:
                data = source.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            while not flowing.wait(0.05) and not stop.is_set():
                pass
            try:
                sink.sendall(data)
            except OSError:
                break
        for end in (source, sink):
            end.close()

    def accept() -> None:
        while not stop.is_set():
            try:
                near, _ = listening.accept()
            except TimeoutError:
                continue
            far = socket.create_connection((target.hostname or "", target.port or 80))
            for pair in ((near, far), (far, near)):
                threads.append(threading.Thread(target=pump, args=pair, daemon=True))
                threads[-1].start()

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    try:
        yield (
            f"http://127.0.0.1:{listening.getsockname()[1]}",
            lambda frozen: flowing.clear() if frozen else flowing.set(),
        )
    finally:
        flowing.set()
        stop.set()
        for thread in threads:
            thread.join(2)
        listening.close()


@pytest.mark.service("elasticsearch")
def test_elasticsearch_freezes_and_comes_back(tables: Session) -> None:
    with relay(service_url("elasticsearch")) as (url, freeze), elastic(url) as engine:
        world = World(tables, engine)
        _fill(world)
        world.build()
        for _ in range(50):  # a fresh server's first queries are slow
            if not world.find("lamp").degraded:
                break
            time.sleep(0.1)
        assert world.names("headphones") == ["Wireless headphones"]
        world.engine = _Unrefreshed(engine)
        freeze(True)
        begun = time.monotonic()
        _database_answers(world)
        assert time.monotonic() - begun < 2 * PROMISED * 15
        freeze(False)
        until = time.monotonic() + 4.0  # twice the two seconds promised
        while world.find("lamp").degraded:
            assert time.monotonic() < until
            time.sleep(0.05)
        missed = world.add("Lamp of the dark hour")
        assert check_drift(KIND).healed >= 1
        world.engine = engine
        assert missed in [hit.id for hit in world.find("dark hour").hits]


@pytest.mark.service("elasticsearch")
def test_a_read_only_index_still_answers_and_refuses_writes_aloud(tables: Session) -> None:
    url = service_url("elasticsearch")
    with elastic(url) as engine, Elasticsearch(url, request_timeout=10) as client:
        world = World(tables, engine)
        _fill(world)
        world.build()
        block = "index.blocks.read_only_allow_delete"
        client.indices.put_settings(index=engine.alias(SPEC), settings={block: True})
        added = world.add("Late lamp")
        with pytest.raises(SearchBusyError, match="block"):
            index_ids(KIND, [added])
        assert engine.search(SPEC, _everything(), timeout=5.0).total == 4
        client.indices.put_settings(index=engine.alias(SPEC), settings={block: None})
        assert index_ids(KIND, [added]) == 1
        engine.refresh(SPEC)
        assert engine.search(SPEC, _everything(), timeout=5.0).total == 5


def _everything() -> Plan:
    return Plan(None, (), (), None, 10, 0, ())


@pytest.mark.parametrize("damage", ["meta", "segments", "folder", "pointer"])
def test_a_damaged_folder_is_noticed_and_made_anew(tables: Session, tmp_path: Path, damage: str) -> None:
    with embedded(tmp_path) as engine:
        world = World(tables, engine)
        _fill(world)
        world.build()
        assert world.names("headphones") == ["Wireless headphones"]
        engine.close()
        folder = IndexFolder(tmp_path / "search")
        path = folder.path(folder.pointed(SPEC, CURRENT) or "")
        if damage == "meta":
            (path / "meta.json").write_text("{", encoding="ascii")
        elif damage == "folder":
            shutil.rmtree(path)
        elif damage == "pointer":
            (tmp_path / "search" / f"{KIND}.{CURRENT}").write_bytes(b"\xff\x00\n")
        else:
            for part in path.iterdir():
                if part.suffix in {".term", ".idx", ".store", ".fast", ".pos", ".fieldnorm"}:
                    part.write_bytes(b"")
        _database_answers(world)
        assert engine.needs_rebuild(SPEC) in {"corrupt", "missing"}
        world.build()
        assert engine.needs_rebuild(SPEC) is None
        assert world.names("headphones") == ["Wireless headphones"]


def test_the_breaker_lets_one_probe_through_per_pause() -> None:
    moment = [100.0]
    breaker = CircuitBreaker(most_failures=2, pause=1.5, clock=lambda: moment[0])
    breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert breaker.is_open
    assert not breaker.allows()
    moment[0] += 1.6
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.failed()
    assert not breaker.allows()
    moment[0] += 1.6
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows(), breaker.is_open] == [True, True, False]
