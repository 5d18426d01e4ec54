"""Check 52: an error tells people what to do and strangers nothing; a database that is away is said at once."""

from __future__ import annotations

import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.engine import make_url

from core.web import sessions
from tests.conftest import service_url
from tests.faults.processes import House, Proxy, house, own_postgres
from tests.source import ROOT

TOLD = re.compile(
    rf"Traceback|File \"|line \d+, in|{re.escape(str(ROOT))}|site-packages|\.py\b|SELECT |INSERT |sqlite|psycopg|sqlalchemy|werkzeug|"
    r"gunicorn|flask|python|marker",
    re.I,
)


@pytest.fixture
def forgiving(flask_app: Flask) -> Iterator[FlaskClient]:
    """Faults are answered as on a server instead of raised into the test."""
    flask_app.config["PROPAGATE_FAULTS"] = flask_app.testing = False
    yield flask_app.test_client()
    flask_app.config["PROPAGATE_FAULTS"] = flask_app.testing = True


def broken(*_arguments: object, **_values: object) -> NoReturn:
    raise RuntimeError('SELECT marker FROM secret; File "/srv/marker.py"')


def check_silent(answer_text: str, headers: Iterable[tuple[str, str]] | Mapping[str, str]) -> None:
    assert not TOLD.search(re.sub(r'(?:src|href)="/static/[^"]*"', "", answer_text))
    told = [
        f"{name}: {value}" for name, value in dict(headers).items() if (name, value) != ("Server", "gunicorn")
    ]
    assert not [line for line in told if TOLD.search(line.replace("/static/", ""))]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/shop/no-such", 404), ("GET", "/orders/SO-1", 401), ("POST", "/sign-in", 400),
     ("PUT", "/api/v1/orders", 405), ("GET", "/api/v1/orders", 401), ("GET", f"/search?q={'x' * 4500}", 400),
     ("GET", "/o/%00", 400), ("GET", "/product/%f0%28%8c", 400)],
)  # fmt: skip
def test_refusals_tell_nothing_of_the_machine(
    client: FlaskClient, method: str, path: str, status: int, accept: str
) -> None:
    answer = client.open(path, method=method, headers={"Accept": accept})
    assert answer.status_code == status
    check_silent(answer.text, answer.headers)


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [("/sign-in", "text/html", "text/html"), ("/sign-in", "application/json", "application/problem+json")],
)
def test_a_fault_of_ours_is_a_500_that_needs_nothing_and_tells_nothing(
    forgiving: FlaskClient,
    flask_app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    accept: str,
    kind: str,
) -> None:
    endpoint = flask_app.url_map.bind("localhost").match(path)[0]
    view = flask_app.view_functions[endpoint]
    fails = type("View", (), {"__call__": lambda self, *a, **k: broken(), "policy": view.policy})()  # type: ignore[attr-defined]
    monkeypatch.setitem(flask_app.view_functions, endpoint, fails)
    answer = forgiving.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (500, kind)
    check_silent(answer.text, answer.headers)
    assert "no-store" in answer.headers["Cache-Control"] or "private" in answer.headers["Cache-Control"]


def test_a_fault_before_the_page_begins_is_a_500_as_well(
    forgiving: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "digest_of", broken)
    forgiving.set_cookie(sessions.cookie_name(), "x" * 43, domain="localhost")
    answer = forgiving.get("/sign-in")
    assert answer.status_code == 500
    check_silent(answer.text, answer.headers)


# --- the database away ---


@pytest.fixture
def away(tmp_path: Path) -> Iterator[tuple[House, Proxy, str]]:
    """A web server whose line to PostgreSQL can be cut."""
    with own_postgres(service_url("postgres")) as real:
        url = make_url(real)
        proxy = Proxy((url.host or "", url.port or 5432))
        proxy.open()
        try:
            through = url.set(port=proxy.port).render_as_string(hide_password=False)
            with house(tmp_path, database_url=through) as place:
                place.start_web()
                yield place, proxy, real
        finally:
            proxy.end()


def ask(place: House, path: str) -> tuple[int, dict[str, str], str, float]:
    # With a session's name, so that there is one to look for.
    cookie = f"{sessions.cookie_name()}={'x' * 43}"
    request = urllib.request.Request(f"{place.address}{path}", headers={"Cookie": cookie})
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            found = error.code, dict(error.headers), error.read().decode()
    return *found, time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.no_database
def test_without_a_database_pages_are_503_at_once_and_come_back_alone(away: tuple[House, Proxy, str]) -> None:
    place, proxy, _ = away
    assert ask(place, "/shop")[0] == 200
    proxy.cut()
    for path in ("/shop", "/", "/sign-in", "/search?q=filter", "/readyz"):
        status, headers, body, seconds = ask(place, path)
        assert status == 503, path
        assert int(headers["Retry-After"]) >= 1
        assert seconds < 2 * 2.0, path
        check_silent(body, headers)
    assert ask(place, "/healthz")[0] == 200
    proxy.open()
    assert ask(place, "/shop")[0] == 200
    assert ask(place, "/readyz")[0] == 200


@pytest.mark.slow
@pytest.mark.no_database
def test_a_locked_table_costs_a_503_and_no_more(away: tuple[House, Proxy, str]) -> None:
    place, _, _ = away
    assert ask(place, "/shop")[0] == 200
    with place.engine.connect() as holder:
        holder.execute(text("LOCK TABLE product IN ACCESS EXCLUSIVE MODE"))
        answers: list[tuple[int, dict[str, str], str, float]] = []
        threads = [threading.Thread(target=lambda: answers.append(ask(place, "/shop"))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer[0] for answer in answers] == [503] * 3
        assert all("Retry-After" in answer[1] and answer[3] < 2 * 2.0 for answer in answers)
        assert ask(place, "/readyz")[0] == 200
        holder.rollback()
    assert ask(place, "/shop")[0] == 200
