"""Whether the time of an answer tells if an address has an account: python -m benchmarks.timing_enumeration

Signs in wrongly, asks for a new password and signs up, in turn for an address with an account and for one without.
The median difference of a pair must be below 5 ms, and a rank test (Mann-Whitney U, two-sided) must not tell the two apart (p > 0.01).
"""

from __future__ import annotations

import os
import random
import secrets
import statistics
import sys
import tempfile
import time

from flask import Flask
from flask.testing import FlaskClient
from scipy.stats import mannwhitneyu

from app import migrate
from app.factory import create_app
from core import telemetry
from core.transaction import transaction
from crm.identity.models import User
from crm.identity.passwords import hash_password

PAIRS = 200
WARM_UP = 20
MOST_GAP_MS, LEAST_P = 5.0, 0.01
PASSWORD = secrets.token_urlsafe(18)


def _prepare() -> Flask:
    migrate.upgrade()
    hashed = hash_password(PASSWORD)
    with transaction() as session:
        for number in range(PAIRS + WARM_UP):
            session.add(User(email=_known(number), kind="customer", name="Person", password_hash=hashed))
    return create_app()


def _known(number: int) -> str:
    return f"person-{number:04}@known.example"


def _unknown(number: int) -> str:
    return f"person-{number:04}@other.example"


def _token(client: FlaskClient) -> str:
    page = client.get("/no-such-page").text
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def _measure(app: Flask, path: str, address: str, place: str) -> float:
    """Milliseconds of one answer, from a browser and a place that were not there before."""
    client = app.test_client()
    form = {
        "csrf_token": _token(client), "email": address, "password": "some wrong password", "kind": "person", "name": "Person",
    }  # fmt: skip
    started = time.perf_counter()
    response = client.post(path, data=form, environ_overrides={"REMOTE_ADDR": place})
    spent = (time.perf_counter() - started) * 1000
    if response.status_code not in {303, 422}:
        raise SystemExit(f"{path} answered {response.status_code}")
    return spent


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="rapport-timing-") as home:
        os.environ.update(RAPPORT_HOME=home, RAPPORT_LOG_LEVEL="ERROR")
        telemetry.configure_logging("ERROR")
        app = _prepare()
        order = random.Random(7)
        sys.stdout.write(f"{'form':10} {'known ms':>9} {'unknown ms':>11} {'gap ms':>7} {'p':>6}\n")
        for turn, path in enumerate(("/sign-in", "/forgot", "/sign-up")):
            known: list[float] = []
            unknown: list[float] = []
            for number in range(PAIRS + WARM_UP):
                place = f"10.{turn}.{number // 250}.{number % 250}"
                pair = [(_known(number), known), (_unknown(number), unknown)]
                order.shuffle(pair)
                for address, times in pair:
                    times.append(_measure(app, path, address, place))
            del known[:WARM_UP], unknown[:WARM_UP]
            # Of pairs measured one after the other: what else the machine does drops out of their difference.
            gap = abs(statistics.median(a - b for a, b in zip(known, unknown, strict=True)))
            p = float(mannwhitneyu(known, unknown).pvalue)
            good = gap < MOST_GAP_MS and p > LEAST_P
            failed += not good
            sys.stdout.write(
                f"{path:10} {statistics.median(known):9.2f} {statistics.median(unknown):11.2f} {gap:7.2f} {p:6.3f}"
                f"{'' if good else '   tells them apart'}\n"
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
