"""Figures of the whole product on a split that the user gives: trained on T alone, served, compared with S."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from recommender.card import ModelCard
from recommender.interactions import Interactions
from recommender.memory import peak_memory_bytes
from recommender.metrics import Figures, ndcg_at, recall_at
from recommender.process import run_training
from recommender.serving import Event, Recommender
from recommender.tsv import read_interactions


class NothingToTestError(Exception):
    """No user of the test file can be measured."""


@dataclass(frozen=True)
class Evaluation:
    figures: Figures
    k: int
    unknown_users: int  # of the test file: not in the training, so nothing is known of them
    unknown_items: int  # pairs whose item the training never saw: no list can hold them
    known_pairs: int  # pairs that are in the training already: not new, never ranked
    card: ModelCard
    train_seconds: float
    serve_seconds: float
    peak_memory_bytes: int  # of the larger process

    def to_json(self) -> dict[str, Any]:
        """Plain names for a script; the card as the model's page shows it."""
        k = self.k
        return {
            f"recall@{k}": self.figures.recall,
            f"ndcg@{k}": self.figures.ndcg,
            **asdict(self.figures),
            "k": k,
            "algorithm": self.card.algorithm,
            "seconds": self.train_seconds + self.serve_seconds,
            "train_seconds": self.train_seconds,
            "serve_seconds": self.serve_seconds,
            "peak_memory_bytes": self.peak_memory_bytes,
            "unknown_users": self.unknown_users,
            "unknown_items": self.unknown_items,
            "known_pairs": self.known_pairs,
            "card": self.card.to_json(),
        }


def evaluate(
    train_file: Path,
    test_file: Path,
    *,
    algorithm: str = "auto",
    k: int = 20,
    seed: int = 0,
    report: Callable[[str, int, int], None] | None = None,
) -> Evaluation:
    """Raises InteractionFileError, TrainingError, ArtifactError or NothingToTestError.

    A user counts who is known from the training and took something new in the test that others had taken before;
    recall is hits / such items.
    """
    known, wanted = read_interactions(train_file), read_interactions(test_file)
    tests, counts = _tests(known, wanted)
    if not tests:
        raise NothingToTestError(
            "no user of the test file is known from the training with an item new to them"
        )
    with TemporaryDirectory(prefix="rapport-evaluate-") as name:
        folder = Path(name)
        began = time.perf_counter()
        card = run_training(train_file, folder, algorithm=algorithm, k=k, seed=seed, report=report)
        trained = time.perf_counter()
        recommender = Recommender.load(folder)
        recalls, ndcgs = [], []
        for number, (history, truth) in enumerate(_histories(known, tests)):
            if report is not None and number % 50 == 0:
                report("ranking for the test users", number, len(tests))
            exclude = {event.item for event in history}
            ranked = [found.item for found in recommender.recommend(history, exclude, None, k)]
            recalls.append(recall_at(ranked, truth, k))
            ndcgs.append(ndcg_at(ranked, truth, k))
        served = time.perf_counter()
    peak = max(int(card["peak_memory_bytes"]), peak_memory_bytes())
    return Evaluation(
        Figures.of(recalls, ndcgs), k, *counts, recommender.card, trained - began, served - trained, peak
    )


def _tests(known: Interactions, wanted: Interactions) -> tuple[dict[str, set[str]], tuple[int, int, int]]:
    """What each test user took that is new to them, and how many users and pairs fall away."""
    users, items = set(known.user_ids.tolist()), set(known.item_ids.tolist())
    pairs = known.pairs
    had = set(zip(known.user_ids[pairs.users].tolist(), known.item_ids[pairs.items].tolist(), strict=True))
    tests: dict[str, set[str]] = {}
    strangers: set[str] = set()
    unknown_items = known_pairs = 0
    test = wanted.pairs
    for user, item in zip(
        wanted.user_ids[test.users].tolist(), wanted.item_ids[test.items].tolist(), strict=True
    ):
        if user not in users:
            strangers.add(user)
        elif (user, item) in had:
            known_pairs += 1
        elif item not in items:
            unknown_items += 1
        else:
            tests.setdefault(user, set()).add(item)
    return tests, (len(strangers), unknown_items, known_pairs)


def _histories(known: Interactions, tests: dict[str, set[str]]) -> list[tuple[list[Event], set[str]]]:
    """Each test user's training signals, aged from the newest of all."""
    order = np.argsort(known.users, kind="stable")
    starts = np.searchsorted(known.users[order], np.arange(known.n_users + 1))
    found = []
    for place, user in enumerate(known.user_ids.tolist()):
        if user in tests:
            own = order[starts[place] : starts[place + 1]]
            ages = known.newest - known.times[own]
            history = [
                Event(item, weight, age, "order")
                for item, weight, age in zip(
                    known.item_ids[known.items[own]].tolist(),
                    known.weights[own].tolist(),
                    ages.tolist(),
                    strict=True,
                )
            ]
            found.append((history, tests[user]))
    return found
