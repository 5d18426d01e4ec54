"""`make test` runs in lanes: together they leave no test out and run none twice on the same database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lanes import POSTGRES, Lane, lanes, run
from tests.source import ROOT

pytestmark = pytest.mark.no_database


def takes(lane: Lane, path: Path) -> bool:
    """Whether the lane collects the file, by the folders that it names and leaves out."""
    named = [ROOT / word for word in lane.arguments if word.startswith("tests/")]
    left_out = [
        ROOT / word.removeprefix("--ignore=") for word in lane.arguments if word.startswith("--ignore=")
    ]
    under = [folder for folder in (*named, *left_out) if path.is_relative_to(folder)]
    return (not named or any(folder in under for folder in named)) and not any(
        folder in under for folder in left_out
    )


def test_the_lanes_of_a_database_are_the_whole_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES, "postgresql+psycopg://nobody@127.0.0.1/rapport")
    found = lanes([])
    for path in (ROOT / "tests").rglob("test_*.py"):
        on_sqlite = [lane.name for lane in found if lane.database is None and takes(lane, path)]
        assert len(on_sqlite) == 1, (path, on_sqlite)
        on_postgres = [lane.name for lane in found if lane.database and takes(lane, path)]
        assert len(on_postgres) == 1, (path, on_postgres)
    for lane in found:
        options = {word.partition("=")[0] for word in lane.arguments if word.startswith("-")}
        assert options <= {"--ignore", "-m"}, lane.name  # nothing else leaves tests out
        assert ("-m" in options) == (lane.database == "rapport_suite"), lane.name
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
