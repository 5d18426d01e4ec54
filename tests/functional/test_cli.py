"""The `rapport` command: help, exit codes, refusals, doctor, and everything under one supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app.cli import COMMANDS, cli
from core.settings import get_settings
from tests.factories.people import make_user
from tests.faults.processes import House, Process, house, wait_until

SAFE = {
    "MODE": "production",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "BASE_URL": "https://shop.example",
    "SMTP_URL": "smtp://mail.example:587",
    "PAYMENT_GATEWAY": "none",
}
MOST_PSS = 700_000_000


# --- help and exit codes ---


def _all_commands() -> list[list[str]]:
    found: list[list[str]] = [[]]
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        found.append([name])
        if isinstance(command, click.Group):
            found += [[name, inner] for inner in command.commands]
    return found


@pytest.mark.parametrize("command", _all_commands(), ids=lambda command: " ".join(command) or "rapport")
def test_every_command_explains_itself(command: list[str]) -> None:
    told = CliRunner().invoke(cli, [*command, "--help"], prog_name="rapport")
    assert told.exit_code == 0
    assert told.output.startswith(f"Usage: rapport{''.join(f' {part}' for part in command)}")
    summary = told.output.split("\n\n")[1].strip()
    assert summary[0].isupper() and len(summary) > 15
    assert "-h, --help" in told.output


def test_the_overview_names_every_command_with_a_line() -> None:
    told = CliRunner().invoke(cli, ["--help"]).output
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line[:30])}", told, re.M)


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["web", "--nothing"], ["worker", "--threads", "0"], ["migrate", "x"]]
)
def test_a_wrong_call_ends_with_2_and_names_what_is_wrong(arguments: list[str]) -> None:
    told = CliRunner().invoke(cli, arguments)
    assert told.exit_code == 2
    assert "Error: " in told.output and "Traceback" not in told.output


def test_an_unknown_search_kind_is_named() -> None:
    told = CliRunner().invoke(cli, ["reindex", "nonsense"])
    assert told.exit_code == 2
    assert "nonsense" in told.output and "product" in told.output


# --- refusals ---


@pytest.mark.parametrize(
    "arguments",
    [["demo", "accounts"], ["user", "disable", "a@b.example"], ["train"], ["reindex"]],
    ids=" ".join,
)
def test_a_database_that_is_not_set_up_is_said_in_a_sentence(arguments: list[str], tmp_path: Path) -> None:
    told = House(tmp_path, {"RAPPORT_HOME": str(tmp_path)}).run(*arguments)
    assert told.returncode == 1
    assert "rapport migrate" in told.stderr and "Traceback" not in told.stderr


def test_a_database_that_is_away_is_said_in_a_sentence_without_its_password(tmp_path: Path) -> None:
    away = "postgresql+psycopg://shop:s3cret@127.0.0.1:9/shop"
    told = House(tmp_path, {"RAPPORT_HOME": str(tmp_path), "RAPPORT_DATABASE_URL": away}).run(
        "demo", "accounts"
    )
    assert told.returncode == 1
    assert "cannot be reached" in told.stderr and "127.0.0.1" in told.stderr
    assert "Traceback" not in told.stderr and "s3cret" not in told.stderr


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings of one test; nothing is really started."""

    def started(*_arguments: object) -> None:
        raise SystemExit("it started")

    monkeypatch.setattr(os, "execv", started)
    yield monkeypatch
    monkeypatch.undo()
    get_settings.cache_clear()


def give(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in {**SAFE, **values}.items():
        monkeypatch.setenv(f"RAPPORT_{name}", value)
    get_settings.cache_clear()


@pytest.mark.parametrize("command", ["web", "worker", "up", "beat"])
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"SECRET_KEY": ""}, "RAPPORT_SECRET_KEY"),
        ({"SECRET_KEY": "dev"}, "RAPPORT_SECRET_KEY"),
        ({"SECRET_KEY": "x" * 31}, "RAPPORT_SECRET_KEY"),
        ({"DEBUG": "1"}, "RAPPORT_DEBUG"),
        ({"BASE_URL": "http://shop.example"}, "RAPPORT_BASE_URL"),
        ({"BIND": "nowhere"}, "RAPPORT_BIND"),
    ],
)
def test_an_unsafe_production_server_does_not_start(
    set_up: pytest.MonkeyPatch, command: str, values: dict[str, str], named: str
) -> None:
    give(set_up, **values)
    told = CliRunner().invoke(cli, [command])
    assert told.exit_code == 1
    assert told.output.startswith("Error: These settings cannot be used: ") and named in told.output
    assert "Traceback" not in told.output
    assert not values.get("SECRET_KEY") or values["SECRET_KEY"] not in told.output.replace("RAPPORT_", "")


@pytest.mark.parametrize("command", ["web", "worker", "up"])
def test_a_production_server_with_a_demo_account_does_not_start(
    set_up: pytest.MonkeyPatch, session: Session, command: str
) -> None:
    make_user(session, is_demo=True)
    give(set_up)
    told = CliRunner().invoke(cli, [command])
    assert told.exit_code == 1
    assert "1 demo accounts exist in this database" in told.output


def test_a_safe_production_server_starts(set_up: pytest.MonkeyPatch, session: Session) -> None:
    make_user(session)
    give(set_up)
    assert str(CliRunner().invoke(cli, ["web"]).exception) == "it started"


# --- real processes ---


@pytest.fixture
def place(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


def family(process: Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.popen.pid)
        return [parent, *parent.children(recursive=True)]
    return []


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def pss(processes: list[psutil.Process]) -> int:
    total = 0
    for process in processes:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)[1]) * 1024  # type: ignore[index]
    return total


def run_up(place: House, name: str) -> Process:
    up = place.start("up", "--no-demo", name=name)
    wait_until(
        lambda: "Rapport is running at" in up.output() or not up.is_alive, what="the greeting", pause=0.1
    )
    assert up.is_alive, up.output()
    return up


@pytest.mark.slow
@pytest.mark.no_database
def test_up_runs_everything_restarts_what_dies_and_ends_with_ctrl_c(place: House) -> None:
    up = run_up(place, "up")
    assert place.address in up.output()
    assert place.get("/readyz") == (200, '{"status":"ready"}\n')
    kinds = ("gunicorn", "app worker", "app beat")
    wait_until(
        lambda: place.rows("SELECT name FROM job_worker_beat"), what="a worker's sign of life", pause=0.1
    )
    for path in ("/", "/search?q=filter", "/sign-in", "/no-such-page"):
        place.get(path)
    assert pss(living(family(up))) < MOST_PSS
    assert place.run("doctor", "--json").returncode == 0

    for kind in kinds:
        before = next(
            child for child in family(up) if kind in command_of(child) and child.ppid() == up.popen.pid
        )
        before.kill()
        wait_until(
            lambda kind=kind, before=before: any(
                kind in command_of(child) and child.pid != before.pid and child.ppid() == up.popen.pid
                for child in family(up)
            ),
            what=f"another {kind}", pause=0.1,
        )  # fmt: skip
    wait_until(place.is_up, what="the web server again", pause=0.1)
    assert up.output().count("child_ended") == 3

    children = family(up)
    os.kill(up.popen.pid, signal.SIGINT)
    wait_until(lambda: not living(children), 2 * 15, what="the end of all processes", pause=0.1)
    assert up.popen.wait(10) == 0
    # A search may come before the worker has built the first index, and then rightly says so.
    suspicious = [
        line
        for line in up.output().splitlines()
        if re.search(r"Traceback|warn|celery|^Error", line, re.I) and "search_degraded" not in line
    ]
    assert not suspicious, "\n".join(suspicious)
    # Nothing stays behind: no socket, no pid file, no schedule.
    assert not [path.name for path in place.home.rglob("*") if path.is_socket() or path.suffix == ".pid"]


@pytest.mark.slow
@pytest.mark.no_database
def test_a_killed_supervisor_takes_its_children_along_and_starts_again_without_repair(place: House) -> None:
    up = run_up(place, "up")
    children = family(up)[1:]
    assert len(children) >= 4  # web server with one process, worker, scheduler
    os.kill(up.popen.pid, signal.SIGKILL)
    up.popen.wait(10)
    wait_until(lambda: not living(children), 2 * 15, what="the end of the children", pause=0.1)
    again = run_up(place, "again")
    assert place.get("/readyz")[0] == 200
    children = family(again)
    os.kill(again.popen.pid, signal.SIGTERM)
    wait_until(lambda: not living(children), 2 * 15, what="the end of all processes", pause=0.1)
    assert again.popen.wait(10) == 0


@pytest.mark.no_database
def test_a_taken_port_is_named(place: House) -> None:
    host, _, port = place.settings["RAPPORT_BIND"].rpartition(":")
    with socket.create_server((host, int(port))):
        done = place.run("up", "--no-demo")
    assert done.returncode == 1
    assert f"{place.settings['RAPPORT_BIND']} is in use" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.no_database
def test_doctor_says_what_is_away_and_ends_with_1(place: House) -> None:
    done = place.run(
        "doctor", "--json", RAPPORT_SEARCH_URL="http://user:search-marker@127.0.0.1:1",
        RAPPORT_BROKER_URL="redis://:broker-marker@127.0.0.1:1/0", RAPPORT_SMTP_URL="smtp://user:mail-marker@127.0.0.1:1",
    )  # fmt: skip
    assert done.returncode == 1
    findings = {item["part"]: item for item in json.loads(done.stdout)["findings"]}
    assert {part for part, item in findings.items() if item["grade"] == "bad"} == {"search", "broker", "mail"}
    assert findings["database"]["grade"] == findings["schema"]["grade"] == "ok"
    assert "127.0.0.1:1" in findings["search"]["text"]
    assert "marker" not in done.stdout + done.stderr


@pytest.mark.no_database
def test_doctor_without_a_database_says_so(place: House) -> None:
    done = place.run(
        "doctor", "--json", RAPPORT_DATABASE_URL="postgresql+psycopg://user:db-marker@127.0.0.1:1/none"
    )
    assert done.returncode == 1
    findings = {item["part"]: item for item in json.loads(done.stdout)["findings"]}
    assert findings["database"]["grade"] == "bad"
    assert "db-marker" not in done.stdout + done.stderr


@pytest.mark.no_database
def test_migrating_again_changes_nothing(place: House) -> None:
    done = place.run("migrate")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"The database is at revision \w+\.\n", done.stdout)
