"""What a page's processor time is made of, measured inside one process: steadier than answers a second on a busy machine."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import cycle
from time import process_time
from typing import Any

from flask import Flask, before_render_template, template_rendered
from sqlalchemy import event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.factory import create_app
from benchmarks import bare_page
from benchmarks.figures import Figures
from benchmarks.installation import Customer
from core.db import get_engine
from core.telemetry import configure_logging

ROUNDS, EACH = 15, 8


class Meter:
    """Counts queries and adds up the time in templates, of whichever application answers."""

    def __init__(self) -> None:
        self.queries = 0
        self.rendering = 0.0
        self._since = 0.0
        before_render_template.connect(self._begin)
        template_rendered.connect(self._end)
        event.listen(get_engine(), "before_cursor_execute", self._query)

    def _begin(self, _sender: Any, **_more: Any) -> None:
        self._since = process_time()

    def _end(self, _sender: Any, **_more: Any) -> None:
        self.rendering += process_time() - self._since

    def _query(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.queries += not statement.startswith("BEGIN")


def _answer(application: Flask, environ: Mapping[str, Any]) -> None:
    body, status, _headers = run_wsgi_app(application, dict(environ))
    b"".join(body)
    if not status.startswith("200"):
        raise RuntimeError(f"{environ['PATH_INFO']}: {status}")


def _environ(path: str, cookie: str) -> dict[str, Any]:
    base = "http://127.0.0.1:8000"
    return EnvironBuilder(path, base_url=base, headers={"Cookie": cookie}).get_environ()


def measure(customer: Customer, pages: Mapping[str, Sequence[str]], cookie: str) -> Figures:
    configure_logging("WARNING")  # as on a server: nothing is written for a page that went well
    product, meter = create_app(), Meter()
    asked: dict[str, tuple[Flask, Sequence[str]]] = {
        "bare page: 20 rows": (bare_page.application, [f"/?account={customer.account_id}"]),
        "bare page: 1 row": (bare_page.application, [f"/one?number={customer.order}"]),
        **{name: (product, paths) for name, paths in pages.items()},
    }
    environs = {name: cycle([_environ(path, cookie) for path in paths]) for name, (_, paths) in asked.items()}
    total: dict[str, list[float]] = {name: [] for name in asked}
    rendering: dict[str, list[float]] = {name: [] for name in asked}
    queries: dict[str, int] = {}
    for name, (application, paths) in asked.items():
        for _path in paths:
            _answer(application, next(environs[name]))
    for _ in range(ROUNDS):
        for name, (application, _paths) in asked.items():
            meter.queries, meter.rendering, begun = 0, 0.0, process_time()
            for _each in range(EACH):
                _answer(application, next(environs[name]))
            total[name].append((process_time() - begun) / EACH)
            rendering[name].append(meter.rendering / EACH)
            queries[name] = meter.queries // EACH
    rows = []
    for name in asked:
        whole, drawn = statistics.median(total[name]), statistics.median(rendering[name])
        share = statistics.median(
            base / value for value, base in zip(total[name], total["bare page: 20 rows"], strict=True)
        )
        rows.append(
            (name, f"{whole * 1000:.1f} ms", f"{share:.2f}", f"{drawn / whole:.0%}", str(queries[name]))
        )
    return Figures(
        "What the time of a page is made of",
        ("page", "processor time", "bare page's share of it", "templates", "queries"),
        rows,
        [
            f"Medians of {ROUNDS} alternating rounds inside one process, without server and sockets. The share is "
            "what the ratio at saturation would be if nothing but this time counted. What is neither templates nor "
            "the database itself is mostly SQLAlchemy (about 0.1 to 0.3 ms a query, more where objects are loaded), "
            "then Flask, session and rights (about 0.8 ms a page). Search asks two indexes, products with their "
            "counts and help articles.",
        ],
        "python -m benchmarks.web_speed",
    )
