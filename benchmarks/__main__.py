"""`make bench`: runs every benchmark that applies and writes docs/benchmarks.md.

    python -m benchmarks [--only NAME] [--database-url URL] [--output FILE]

Figures are ratios where they can be: a machine's own speed falls out of them. What needs data that is not there is
skipped and named.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import jobs_speed, machine, web_speed
from benchmarks.figures import Figures
from benchmarks.installation import DATA, RETAIL, ROOT, empty, imported
from core.settings import get_settings

OUTPUT = ROOT / "docs" / "benchmarks.md"
LONGEST_SECONDS = 150
# Ten algorithms on four inner windows of 400,000 purchases: 150 s on an idle machine with two cores.
LONGER_SECONDS = {"recommender_quality": 900, "recommender_clicks": 600, "recommend_request": 600}
# Benchmarks that are commands of their own: their title here, and how they are called.
COMMANDS = {
    "import_speed": ("Import against the raw insert", ("import_speed",)),
    "clicks_speed": ("Clicks: durable events a second", ("clicks_speed",)),
    "timing_enumeration": ("Time says nothing about who has an account", ("timing_enumeration",)),
    "knowledge_search": (
        "Knowledge search end to end against the engine alone",
        ("knowledge_search", "--articles", "500", "--rounds", "3"),
    ),
    "search_quality": ("Search: quality and time", ("search_quality", "--data", str(DATA))),
    "recommender_quality": ("Recommender: next purchases", ("recommender_quality", "retail")),
    "recommender_clicks": ("Recommender: next click", ("recommender_quality", "clicks")),
    "recommend_request": ("Recommendation requests with 40,000 products", ("recommend_request",)),
    "recommend_training": ("Training against raw implicit", ("recommend_training",)),
}
INTRODUCTION = """# Benchmarks

`make bench` writes this page; it runs everything in benchmarks/ that applies. Read the shares rather than the figures a
second: both sides of a share were measured in turn on the same machine.
"""


def _web(database_url: str) -> list[Figures]:
    if not RETAIL.exists():
        return [
            _skipped(
                "Pages", f"there is no {RETAIL.name} in {DATA.name}/ (RAPPORT_DATA names another folder)"
            )
        ]
    with imported(database_url) as customer:
        return web_speed.measure(customer)


def _jobs(database_url: str) -> list[Figures]:
    with empty(database_url):
        return jobs_speed.measure()


def _skipped(title: str, why: str) -> Figures:
    return Figures(title, (), notes=[f"Skipped: {why}."])


def _command(title: str, arguments: tuple[str, ...], longest: int = LONGEST_SECONDS) -> list[Figures]:
    """A benchmark that prints its figures itself."""
    environment = {**os.environ, "RAPPORT_DATA": str(DATA)}
    told = f"python -m benchmarks.{' '.join(arguments)}".replace(str(DATA), "DATA")
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{arguments[0]}", *arguments[1:]],
            capture_output=True, check=False, text=True, cwd=ROOT, env=environment, timeout=longest,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [Figures(title, (), notes=[f"Given up after {longest} s."], command=told)]
    text = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip()
    notes = [f"```\n{text}\n```"] if text else []
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        notes.append(f"Failed: {last[0]}")
    return [Figures(title, (), notes=notes, command=told)]


def benchmarks(database_url: str) -> dict[str, Callable[[], list[Figures]]]:
    """Every benchmark by name; those of COMMANDS only where their module exists."""
    found: dict[str, Callable[[], list[Figures]]] = {
        "web_speed": lambda: _web(database_url),
        "jobs_speed": lambda: _jobs(database_url),
    }
    for name, (title, arguments) in COMMANDS.items():
        if (ROOT / "benchmarks" / f"{arguments[0]}.py").exists():
            found[name] = partial(_command, title, arguments, LONGER_SECONDS.get(name, LONGEST_SECONDS))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", help="a benchmark's name; may be repeated; writes no page")
    parser.add_argument(
        "--database-url", default="", help="an empty database for web and jobs; default SQLite"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    known = benchmarks(given.database_url)
    if unknown := sorted(set(given.only or ()) - set(known)):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    on = machine.describe(given.database_url or get_settings().database)
    parts, failed = [INTRODUCTION, "## Machine", "", *(f"- {line}" for line in on), ""], False
    for name, run in known.items():
        if given.only and name not in given.only:
            continue
        begun = time.monotonic()
        for figures in run():
            failed = failed or any(note.startswith("Failed") for note in figures.notes)
            parts.append(figures.markdown())
            print(figures.markdown(), flush=True)
        print(f"({name}: {time.monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)
    if not given.only:
        given.output.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")
        print(f"written: {given.output}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
