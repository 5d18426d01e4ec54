"""What the blend and the learned ranking see of each candidate: the scores of the algorithms side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.base import Model, Query
from recommender.algorithms.popularity import Popularity
from recommender.interactions import Arrays, Floats32, Interactions, Ints

PER_CHANNEL = 120
POPULAR = 100
NOT_CHANNELS = 8  # features at the end that describe the item or the person


@dataclass(frozen=True, eq=False)
class Life:
    """When each item was first and last taken, in days before now."""

    first: Floats32
    last: Floats32

    @classmethod
    def fit(cls, interactions: Interactions, now: float) -> Arrays:
        pairs, width = interactions.pairs, interactions.n_items
        first, last = np.zeros(width), np.full(width, 10_000.0)
        np.maximum.at(first, pairs.items, (now - pairs.oldest) / 86_400.0)
        np.minimum.at(last, pairs.items, interactions.ages(now))
        return {"first": first.astype(np.float32), "last": last.astype(np.float32)}

    @classmethod
    def open(cls, arrays: Arrays, n_items: int) -> Life:
        first, last = arrays.get("first"), arrays.get("last")
        if first is None or last is None or first.shape != (n_items,) or last.shape != (n_items,):
            raise ValueError("ages of the items do not fit the items")
        return cls(first, last)


@dataclass(frozen=True, eq=False)
class Scored:
    """All scores for one history, before candidates are picked."""

    names: tuple[str, ...]
    scores: Floats32  # channels by items
    own: Mapping[str, int]  # model -> row of its own score

    @classmethod
    def of(cls, models: Mapping[str, Model], query: Query) -> Scored:
        names: list[str] = []
        own: dict[str, int] = {}
        rows: list[Floats32] = []
        for name, model in models.items():
            own[name] = len(names)
            names.extend(f"{name}: {channel}" for channel in model.channels)
            rows.append(model.scores(query))
        return cls(tuple(names), np.concatenate(rows), own)


@dataclass(frozen=True, eq=False)
class Candidates:
    items: Ints
    features: Floats32  # candidates by features


@dataclass(frozen=True, eq=False)
class Features:
    """Picks candidates and describes them. `models` must contain `popularity`."""

    models: Mapping[str, Model]
    life: Life

    @property
    def names(self) -> list[str]:
        channels = [f"{name}: {channel}" for name, model in self.models.items() for channel in model.channels]
        return (
            [f"{what} of {channel}" for channel in channels for what in ("share of best", "score", "rank")]
            + ["week to two months", "days to two weeks", "first taken", "last taken"]
            + ["history size", "newest", "oldest", "days"]
        )

    @staticmethod
    def linear_of(width: int) -> Ints:
        """Columns that a blend adds up: each channel as a share of its best score, every third of the first."""
        return np.arange(0, width - NOT_CHANNELS, 3)

    def of(self, scored: Scored, query: Query, allowed: np.ndarray) -> Candidates:
        """`allowed` marks the items that may be recommended."""
        scores = np.where(allowed, scored.scores, -np.inf)
        items = _pick(scored, scores, int(allowed.sum()))
        if not len(items):
            return Candidates(items, np.zeros((0, len(self.names)), dtype=np.float32))
        picked = scored.scores[:, items]
        best = np.maximum(picked.max(axis=1, keepdims=True), 1e-12)
        order = np.argsort(-picked, axis=1, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(len(items))[None, :], axis=1)
        columns = [
            part for row in range(len(picked)) for part in (picked[row] / best[row], picked[row], ranks[row])
        ]
        first = scored.own["popularity"]
        week, three, two_weeks, _, two_months, _ = picked[first : first + len(Popularity().half_lives)]
        columns += [
            week / (two_months + 1),
            three / (two_weeks + 1),
            self.life.first[items],
            self.life.last[items],
        ]
        newest = float(query.ages[0]) if len(query.ages) else 1_000.0
        person = np.array([len(query.items), newest, query.oldest, query.days], dtype=np.float32)
        described = np.column_stack([*columns, np.tile(person, (len(items), 1))]).astype(np.float32)
        return Candidates(items, described)


def _pick(scored: Scored, scores: Floats32, available: int) -> Ints:
    """The best of each channel that knows something, and the most popular."""
    chosen = np.zeros(scores.shape[1], dtype=bool)
    first = scored.own["popularity"]
    popular = range(first, first + len(Popularity().half_lives))
    for row in range(len(scores)):
        if row in popular and row != first:
            continue
        count = min(POPULAR if row == first else PER_CHANNEL, available)
        if not count:
            continue
        best = np.argpartition(-scores[row], count - 1)[:count]
        chosen[best if row == first else best[scores[row][best] > 0]] = True
    chosen &= np.isfinite(scores[first])
    return np.flatnonzero(chosen)
