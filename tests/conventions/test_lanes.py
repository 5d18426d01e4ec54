"""`make test` runs in lanes: together they leave no test out and run none twice on the same database."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.lanes import POSTGRES, Lane, lanes, run
from tests.source import ROOT

pytestmark = pytest.mark.no_database


def collected(arguments: list[str]) -> Counter[str]:
    """How many tests of each file pytest would run."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *arguments]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = Counter(
        {path: int(count) for path, count in re.findall(r"^(tests/\S+): (\d+)$", answer.stdout, re.M)}
    )
    assert found, answer.stdout + answer.stderr
    return found


def test_the_lanes_of_a_database_are_the_whole_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES, "postgresql+psycopg://nobody@127.0.0.1/rapport")
    found = lanes([])
    on_sqlite = [collected(lane.arguments) for lane in found if lane.database is None]
    assert sum(on_sqlite, Counter()) == collected([])
    databases = [lane.database for lane in found if lane.database]
    assert len(set(databases)) == len(databases) == 2


def test_without_services_there_are_the_sqlite_lanes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES, raising=False)
    assert [lane.name for lane in lanes([])] == ["SQLite", "processes", "browser on SQLite"]


def test_a_named_file_is_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES, raising=False)
    (lane,) = lanes(["tests/conventions/test_lanes.py::test_a_named_file_is_run_alone"])
    assert lane.arguments == ["tests/conventions/test_lanes.py::test_a_named_file_is_run_alone"]


def test_a_lane_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = tmp_path / "test_good.py"
    good.write_text("def test_it(): assert 1 + 1 == 2\n")
    bad = tmp_path / "test_bad.py"
    bad.write_text("def test_it(): assert 1 + 1 == 3\n")
    quiet = ["-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    monkeypatch.setattr("tests.lanes.say", lambda line: None)
    failed = run([Lane("good", [*quiet, str(good)]), Lane("bad", [*quiet, str(bad)])], tmp_path)
    assert [lane.name for lane in failed] == ["bad"]
