"""Quality of the recommender on two public data sets, through the product's own training and serving.

    python -m benchmarks.recommender_quality retail [--month test|earlier] [--algorithm auto] [--only-files FOLDER]
    python -m benchmarks.recommender_quality clicks

The data is looked for in RAPPORT_DATA, else in ../shared/data beside the checkout.
"""

from __future__ import annotations

import csv
import json
import lzma
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from recommender.evaluate import evaluate
from recommender.interactions import Interactions
from recommender.process import run_training
from recommender.serving import Event, Recommender

DATA = Path(os.environ.get("RAPPORT_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
MONTHS = {"test": ("2011-11-09", "2012-01-01"), "earlier": ("2011-10-09", "2011-11-09")}


def data_file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        sys.exit(f"skipped: {path} is absent; set RAPPORT_DATA to the folder that holds {name}")
    return path


def retail_lines() -> Iterator[tuple[str, str, str, str]]:
    """Customer, stock code, quantity and time of each real purchase of a product."""
    with lzma.open(data_file("online_retail.csv.xz"), "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quantity, price, code = float(row["Quantity"]), float(row["UnitPrice"]), row["StockCode"]
            bought = row["CustomerID"] and not row["InvoiceNo"].startswith("C") and quantity > 0 and price > 0
            if bought and code[:5].isdigit() and len(code) >= 5:
                yield row["CustomerID"], code, row["Quantity"], row["InvoiceDate"]


def write_retail(folder: Path, month: str) -> tuple[Path, Path]:
    """The protocol: train before the month, test on the items of the month that are new to a known customer."""
    first, end = (date.fromisoformat(day).isoformat() for day in MONTHS[month])
    lines = list(retail_lines())
    before = [line for line in lines if line[3] < first]
    users, items = {line[0] for line in before}, {line[1] for line in before}
    had = {line[:2] for line in before}
    new = {line[:2] for line in lines if first <= line[3] < end} - had
    train_file, test_file = folder / f"{month}-train.tsv", folder / f"{month}-test.tsv"
    rows = ["user\titem\tweight\ttime", *("\t".join(line) for line in before)]
    train_file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["user\titem", *("\t".join(pair) for pair in sorted(new) if pair[0] in users and pair[1] in items)]
    test_file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return train_file, test_file


@click.group()
def main() -> None:
    """Quality figures."""


@main.command()
@click.option("--month", type=click.Choice(list(MONTHS)), default="test", show_default=True)
@click.option("--algorithm", default="auto", show_default=True)
@click.option("--only-files", type=click.Path(path_type=Path), help="Write the two TSV files here and stop.")
def retail(month: str, algorithm: str, only_files: Path | None) -> None:
    """Online Retail: next purchases that are new to the customer."""
    if only_files is not None:
        only_files.mkdir(parents=True, exist_ok=True)
        print(*write_retail(only_files, month), sep="\n")
        return
    with TemporaryDirectory() as name:
        train_file, test_file = write_retail(Path(name), month)
        print(json.dumps(evaluate(train_file, test_file, algorithm=algorithm).to_json(), indent=1))


def click_sessions() -> Interactions:
    """Session, item; the line's number is the time, since sessions are in time order."""
    with lzma.open(data_file("retailrocket_sessions/train.tsv.xz"), "rt", encoding="utf-8") as file:
        next(file)
        rows = [line.rstrip("\n").split("\t") for line in file]
    times = np.arange(len(rows), dtype=np.float64)
    return Interactions.of([row[0] for row in rows], [row[1] for row in rows], None, times)


def click_tests() -> list[tuple[list[str], str]]:
    with lzma.open(data_file("retailrocket_sessions/test.tsv.xz"), "rt", encoding="utf-8") as file:
        next(file)
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(prefix.split(), label) for prefix, label in rows]


@main.command()
def clicks() -> None:
    """RetailRocket: the next click, as a list without and with the visit's own items."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "sessions.npz"
        click_sessions().save(data)
        run_training(data, folder, algorithm="popularity", sessions=data)
        recommender = Recommender.load(folder)
    found: dict[str, list[float]] = {"new": [], "all": []}
    for prefix, label in click_tests():
        history = [Event(item, 0.2, float(len(prefix) - at), "click") for at, item in enumerate(prefix)]
        own = list(dict.fromkeys(reversed(prefix)))
        others = [one.item for one in recommender.recommend(history, set(own), None, 20)]
        found["all"].append(_reciprocal([*own, *others][:20], label))
        if label not in own:
            found["new"].append(_reciprocal(others, label))
    for what, values in found.items():
        hits = sum(value > 0 for value in values) / len(values)
        print(f"{what}: prefixes {len(values)}, P@20 {hits:.4f}, MRR@20 {sum(values) / len(values):.4f}")


def _reciprocal(ranked: list[str], label: str) -> float:
    return 1 / (ranked.index(label) + 1) if label in ranked else 0.0


if __name__ == "__main__":
    main()
