"""What most people took, lately or ever. Needs no history, so it is also what serving falls back to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.algorithms.base import Query
from recommender.interactions import Arrays, Floats32, Interactions, Ints

HALF_LIVES = (7.0, 3.0, 15.0, 30.0, 60.0, 100_000.0)  # days; the last is "ever"


@dataclass(frozen=True)
class Popularity:
    """Each person counts once for an item, halved for each half-life since they last took it."""

    name: str = "popularity"
    half_lives: tuple[float, ...] = HALF_LIVES

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        pairs, ages = interactions.pairs, interactions.ages(now)
        width = interactions.n_items
        counts = [
            np.bincount(pairs.items, pairs.weights * np.exp2(-ages / half_life), minlength=width)
            for half_life in self.half_lives
        ]
        return {"counts": np.array(counts, dtype=np.float32)}

    def open(self, arrays: Arrays, n_items: int) -> PopularityModel:
        counts = arrays.get("counts")
        if counts is None or counts.shape != (len(self.half_lives), n_items) or not np.isfinite(counts).all():
            raise ValueError("popularity counts do not fit the items")
        return PopularityModel(counts, tuple(f"last {half_life:g} days" for half_life in self.half_lives))


@dataclass(frozen=True, eq=False)
class PopularityModel:
    counts: Floats32
    channels: tuple[str, ...]

    def scores(self, query: Query) -> Floats32:
        return self.counts

    def shares(self, query: Query, items: Ints) -> Floats32:
        return np.zeros((len(items), len(query.items)), dtype=np.float32)
