"""The suite in lanes that run side by side, each a pytest of its own with its own home and database.

Tests of processes mostly wait, tests of pages mostly compute: together they use the machine that one after the other
they would leave idle. Tests with real processes share a noisy machine with each other, so what fails in a lane is run
once more, alone and said aloud, after all lanes; what fails twice fails.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.source import ROOT

PROCESSES = ("tests/contracts", "tests/faults")
BROWSER = "tests/browser"
POSTGRES = "RAPPORT_TEST_POSTGRES_URL"


@dataclass
class Lane:
    """One run of pytest: its name, arguments, and the PostgreSQL database it stands on (None: SQLite)."""

    name: str
    arguments: list[str]
    database: str | None = None
    process: subprocess.Popen[bytes] | None = None
    output: Path = field(default_factory=Path)
    began: float = 0.0

    def command(self, *more: str) -> list[str]:
        cache = f"cache_dir=.pytest_cache/{self.name.replace(' ', '-')}"
        return [sys.executable, "-m", "pytest", "-o", cache, *self.arguments, *more]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "RAPPORT_TEST_DATABASE_URL"}
        if self.database:
            kept["RAPPORT_TEST_DATABASE_URL"] = f"{os.environ[POSTGRES].rpartition('/')[0]}/{self.database}"
        return kept


def lanes(more: list[str]) -> list[Lane]:
    """Longest first. Given further arguments of pytest (a file, -k), each lane gets them."""
    on_postgres = ["-m", "not no_database or browser_run"]
    apart = [f"--ignore={folder}" for folder in (*PROCESSES, BROWSER)]
    if any(Path(argument.partition("::")[0]).exists() for argument in more):
        found = [Lane("SQLite", more)]
        return (
            [*found, Lane("PostgreSQL", [*on_postgres, *more], "rapport_suite")]
            if POSTGRES in os.environ
            else found
        )
    found = [Lane("SQLite", [*apart, *more]), Lane("processes", [*PROCESSES, *more])]
    if POSTGRES in os.environ:
        found.insert(1, Lane("PostgreSQL", [*on_postgres, f"--ignore={BROWSER}", *more], "rapport_suite"))
    found.append(Lane("browser on SQLite", [BROWSER, *more]))
    if POSTGRES in os.environ:
        found.append(Lane("browser on PostgreSQL", [BROWSER, *more], "rapport_journeys"))
    return found


def say(line: str) -> None:
    sys.stdout.write(f"== {line}\n")
    sys.stdout.flush()


def run(waiting: list[Lane], folder: Path) -> list[Lane]:
    """Runs two lanes more at a time than there are processors, as each often waits; returns those that failed."""
    room = (os.cpu_count() or 1) + 2
    running: list[Lane] = []
    failed: list[Lane] = []
    try:
        while waiting or running:
            while waiting and len(running) < room:
                lane = waiting.pop(0)
                lane.output = folder / f"{lane.name}.log"
                lane.began = time.monotonic()
                with lane.output.open("wb") as output:
                    lane.process = subprocess.Popen(
                        lane.command(),
                        cwd=ROOT,
                        env=lane.environment(),
                        stdout=output,
                        stderr=subprocess.STDOUT,
                    )
                say(f"suite on {lane.name} began")
                running.append(lane)
            for lane in [lane for lane in running if lane.process and lane.process.poll() is not None]:
                running.remove(lane)
                seconds = time.monotonic() - lane.began
                say(f"suite on {lane.name}, {seconds:.0f} s")
                sys.stdout.write(lane.output.read_text("utf-8", "replace"))
                sys.stdout.flush()
                if lane.process and lane.process.returncode not in {0, 5}:
                    failed.append(lane)
            time.sleep(0.2)
    finally:
        for lane in running:
            if lane.process and lane.process.poll() is None:
                lane.process.send_signal(signal.SIGINT)
        for lane in running:
            if lane.process:
                lane.process.wait(30)
    return failed


def main() -> int:
    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)  # a shell may have asked for SIGINT to be ignored
    with tempfile.TemporaryDirectory(prefix="rapport-lanes-") as folder:
        failed = run(lanes(sys.argv[1:]), Path(folder))
    broken = []
    for lane in failed:
        say(f"what failed on {lane.name}, once more and alone")
        again = subprocess.run(
            lane.command("--last-failed", "--last-failed-no-failures", "none"),
            cwd=ROOT,
            env=lane.environment(),
            check=False,
        )
        if again.returncode:
            broken.append(lane.name)
    say(f"failed: {', '.join(broken)}" if broken else "all passed")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
