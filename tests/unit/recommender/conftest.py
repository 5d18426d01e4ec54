"""Small data with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from recommender import heads
from recommender.interactions import DAY, Interactions


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small data needs no two hundred trees."""
    monkeypatch.setattr(heads, "TREES", 20)


@pytest.fixture
def kitchen() -> Interactions:
    """Kettle and filter go together; the lamp is what everyone took last."""
    rows = [
        ("ada", "kettle", 1), ("ada", "filter", 2),
        ("ben", "kettle", 3), ("ben", "filter", 4),
        ("cyd", "kettle", 5), ("cyd", "mug", 6),
        ("dee", "lamp", 99), ("eve", "lamp", 100),
    ]  # fmt: skip
    return Interactions.of(
        [user for user, _, _ in rows], [item for _, item, _ in rows], None, [day * DAY for *_, day in rows]
    )


@pytest.fixture
def shop() -> Interactions:
    """Two tastes of 15 items each over 200 days: people stay within theirs."""
    chance = np.random.default_rng(7)
    users, items, times = [], [], []
    for person in range(120):
        taste = person % 2
        for item in chance.choice(15, 9, replace=False):
            users.append(f"p{person}")
            items.append(f"{'ab'[taste]}{item:02}")
            times.append(float(chance.uniform(0, 200)) * DAY)
    return Interactions.of(users, items, None, times)
