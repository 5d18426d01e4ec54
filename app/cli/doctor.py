"""`rapport doctor`: which engines are configured and reachable, how far they lag, and what is unsafe."""

from __future__ import annotations

import ctypes.util
import json
import smtplib
import sys
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from app import checks, migrate
from core import clock
from core.db import get_engine
from core.jobs.queries import get_queue_state
from core.loader import load
from core.settings import get_settings
from core.telemetry import scrub
from core.transaction import reading

Grade = Literal["ok", "warning", "bad"]
MARKS = {"ok": "[green]✓ ok[/green]", "warning": "[yellow]! look[/yellow]", "bad": "[red]✗ bad[/red]"}


@dataclass(frozen=True)
class Finding:
    part: str
    grade: Grade
    text: str


def examine() -> list[Finding]:
    """Everything that can be found out without changing anything."""
    found = [_database(), *_schema(), *_jobs(), _broker(), *_search(), _mail(), _openmp()]
    found += [Finding("safety", "bad", reason) for reason in get_settings().unsafe()]
    if get_settings().mode == "production" and (demo := checks.count_demo_accounts()):
        found.append(Finding("safety", "bad", f"{demo} demo accounts exist"))
    found += [Finding("settings", "warning", f"{name} is not a setting") for name in get_settings().unknown()]
    if get_settings().mode == "demo":
        found.append(Finding("safety", "warning", "demo mode: well-known passwords, loopback only"))
    return found


def _database() -> Finding:
    address = scrub(get_settings().database)
    try:
        with get_engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception as error:
        return Finding("database", "bad", f"{address}: {type(error).__name__}")
    return Finding("database", "ok", address)


def _schema() -> list[Finding]:
    try:
        with get_engine().connect() as connection:
            waiting = migrate.pending(connection)
    except Exception as error:
        return [Finding("schema", "bad", f"cannot be told: {type(error).__name__}")]
    if waiting:
        return [Finding("schema", "bad", f"{len(waiting)} migrations to apply: run rapport migrate")]
    return [Finding("schema", "ok", "newest")]


def _jobs() -> list[Finding]:
    try:
        with reading() as session:
            state = get_queue_state(session)
    except Exception:
        return [Finding("jobs", "bad", "the job table cannot be read")]
    lag = int(state.lag.total_seconds())
    grade: Grade = "bad" if lag > 120 else "warning" if state.dead or lag > 30 else "ok"
    told = f"{state.pending} waiting, {state.running} running, {state.dead} failed for good; oldest due for {lag} s"
    workers = Finding(
        "workers",
        "ok" if state.workers else "warning",
        f"{state.workers} gave a sign of life in the last minute",
    )
    return [Finding("jobs", grade, told), workers]


def _broker() -> Finding:
    address = scrub(get_settings().broker_url)
    try:
        celery = load("core.jobs.broker").celery_app()
        with celery.connection_for_write(connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except Exception as error:
        return Finding("broker", "bad", f"{address}: {type(error).__name__}")
    return Finding("broker", "ok", address)


def _search() -> list[Finding]:
    address = scrub(get_settings().search_url)
    try:
        load("app.jobs")
        search = load("core.search")
        status = search.engine_status()
    except Exception as error:
        return [Finding("search", "bad", f"{address}: {type(error).__name__}")]
    if any(state == "away" for state in status["kinds"].values()) or not (status["ok"] or status["kinds"]):
        return [Finding("search", "bad", f"{address} does not answer: searches are answered by the database")]
    found = [Finding("search", "ok", f"{status['engine']} at {address}")]
    found += [
        Finding(f"search {kind}", "warning", f"{state}: run rapport reindex {kind}")
        for kind, state in status["kinds"].items()
        if state != "ok"
    ]
    return [*found, *_search_lag(search)]


def _search_lag(search: Any) -> list[Finding]:
    try:
        with reading() as session:
            lag = search.lag(session)
    except Exception as error:
        return [Finding("search lag", "bad", f"cannot be told: {type(error).__name__}")]
    grade: Grade = "warning" if lag["dead"] or lag["oldest_seconds"] > 60 else "ok"
    told = f"{lag['pending']} rows wait, the oldest for {lag['oldest_seconds']:.0f} s; {lag['dead']} given up"
    return [Finding("search lag", grade, told)]


def _mail() -> Finding:
    url = get_settings().smtp_url
    if not url:
        return Finding("mail", "ok", "mailbox page (no SMTP server configured)")
    parts = urlsplit(url)
    try:
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "", parts.port or 0, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail", "bad", f"{scrub(url)}: {type(error).__name__}")
    return Finding("mail", "ok", scrub(url))


def _openmp() -> Finding:
    if ctypes.util.find_library("gomp"):
        return Finding("OpenMP", "ok", "the system's libgomp")
    return Finding(
        "OpenMP", "warning", "no libgomp here: training uses the copy that was installed with the packages"
    )


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what is configured, reachable, behind or unsafe. Exit code 1 when something is bad."""
    found = examine()
    if as_json:
        click.echo(
            json.dumps(
                {"at": clock.now().isoformat(), "findings": [asdict(item) for item in found]}, indent=2
            )
        )
    else:
        table = Table("", "Part", "Found", box=None, padding=(0, 2, 0, 0))
        for item in found:
            table.add_row(MARKS[item.grade], item.part, item.text)
        Console().print(table)
    sys.exit(1 if any(item.grade == "bad" for item in found) else 0)
