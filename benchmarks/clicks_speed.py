"""Durable events a second: through the collector, with consent asked and visits kept, against the raw insert.

python -m benchmarks.clicks_speed [--database-url URL]
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import delete, func, insert, select

from app.factory import create_app
from benchmarks.figures import Figures, spread
from benchmarks.installation import empty
from clickstream import consent, cookies
from clickstream.endpoints import budget
from clickstream.models import ClickEvent, ClickSession, ClickSubject
from core import clock
from core.ids import new_id
from core.transaction import reading, transaction

SIZES, BATCHES, RUNS = (1, 10, 50), 20, 5
COMMAND = "python -m benchmarks.clicks_speed"
HEADERS = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0", "Accept-Language": "en"}


def _event() -> dict[str, Any]:
    return {
        "type": "page",
        "messageId": secrets.token_hex(16),
        "timestamp": "2026-01-01T00:00:00.000Z",
        "properties": {"path": "/product/a-thing", "kind": "product", "id": str(new_id())},
    }


def _row() -> dict[str, Any]:
    moment = clock.now()
    return {
        "id": new_id(), "message_id": secrets.token_hex(16), "name": "page", "at": moment, "received_at": moment,
        "visitor_id": None, "person_id": None, "session_id": new_id(), "page_kind": "product", "page_id": "a",
        "path": "/product/a-thing", "product_id": "a", "signal": "click", "dwell_ms": None, "is_bot": False,
        "is_server": False, "properties": {},
    }  # fmt: skip


def _raw(size: int) -> int:
    batches = [[_row() for _ in range(size)] for _ in range(BATCHES)]
    begun = time.perf_counter()
    for rows in batches:
        with transaction() as session:
            session.execute(insert(ClickEvent), rows)
    return round(size * BATCHES / (time.perf_counter() - begun))


def _collected(app: Flask, size: int) -> int:
    """Each batch is a request of its own; one visitor sends no more than a visitor may."""
    client = app.test_client()
    bodies = [
        json.dumps({"batch": [_event() for _ in range(size)], "sentAt": "2026-01-01T00:00:00.100Z"})
        for _ in range(BATCHES)
    ]
    with transaction() as session:
        visitor_id = cookies.new_visitor()
        consent.decide(session, {consent.CLICKS: True}, visitor_id=visitor_id, source="benchmark")
    client.set_cookie("rapport_visitor", str(visitor_id), domain="localhost")
    budget.forget()
    begun = time.perf_counter()
    for body in bodies:
        answer = client.post(
            "/api/v1/events/batch", data=body, content_type="application/json", headers=HEADERS
        )
        if answer.status_code != 202 or answer.json["accepted"] != size:
            raise RuntimeError(f"{answer.status_code}: {answer.text[:200]}")
    return round(size * BATCHES / (time.perf_counter() - begun))


def _clear() -> None:
    with transaction() as session:
        for table in (ClickEvent, ClickSession, ClickSubject):
            session.execute(delete(table))


def measure() -> list[Figures]:
    """Both sides in turn, so that a busy machine is busy for both."""
    app = create_app()
    app.testing = True
    rows = []
    for size in SIZES:
        raw: list[float] = []
        collected: list[float] = []
        sides: tuple[tuple[list[float], Callable[[], int]], ...] = (
            (raw, lambda size=size: _raw(size)),
            (collected, lambda size=size: _collected(app, size)),
        )
        for _ in range(RUNS):
            for told, run in sides:
                _clear()
                told.append(run())
        with reading() as session:
            kept = session.scalar(select(func.count()).select_from(ClickEvent))
        if kept != size * BATCHES:
            raise RuntimeError(f"{kept} events were kept of {size * BATCHES}")
        share = statistics.median(a / b for a, b in zip(collected, raw, strict=True))
        rows.append((f"{size} a batch", spread(collected), spread(raw), f"{share:.2f}"))
    _clear()
    return [
        Figures(
            "Clicks: durable events a second",
            ("", "collector", "raw insert", "share"),
            rows,
            notes=[
                "The collector's side is a whole request: cookies, consent, reading each event strictly, the visit, one row "
                "per message id, and one durable transaction a batch. The raw side inserts such rows, a transaction a batch."
            ],
            command=COMMAND,
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database-url", default="", help="an empty database; default SQLite in a new folder"
    )
    with empty(parser.parse_args().database_url):
        for figures in measure():
            print(figures.markdown())


if __name__ == "__main__":
    main()
