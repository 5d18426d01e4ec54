"""What a person buys again, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommender.algorithms.base import Query
from recommender.interactions import DAY, Arrays, Floats32, Interactions, Ints

SAME_VISIT = 1.0  # days; signals closer together are one purchase
PRIOR = 5.0  # people added to each item, at the average rate, so that two buyers prove nothing
SPREAD = 0.7  # of the logarithm of age / usual gap


@dataclass(frozen=True)
class Repurchase:
    """Share of an item's buyers who came back for it, and the median gap between their purchases in days."""

    name: str = "repurchase"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        width = interactions.n_items
        order = np.lexsort((interactions.times, interactions.items, interactions.users))
        users, items = interactions.users[order], interactions.items[order]
        days = interactions.times[order] / DAY
        same = (users[1:] == users[:-1]) & (items[1:] == items[:-1])
        gaps = np.diff(days)
        again = same & (gaps > SAME_VISIT)
        gap_items, gap_days = items[1:][again], gaps[again]
        people = np.bincount(interactions.pairs.items, minlength=width)
        repeated = np.unique(users[1:][again] * width + gap_items) % width
        returned = np.bincount(repeated, minlength=width)
        average = returned.sum() / max(people.sum(), 1)
        usual = float(np.median(gap_days)) if len(gap_days) else 30.0
        gap = np.full(width, usual)
        ordered = np.lexsort((gap_days, gap_items))
        starts = np.searchsorted(gap_items[ordered], np.arange(width + 1))
        for item in np.flatnonzero(np.diff(starts) >= 3):
            gap[item] = np.median(gap_days[ordered[starts[item] : starts[item + 1]]])
        rate = (returned + PRIOR * average) / (people + PRIOR)
        return {"rate": rate.astype(np.float32), "gap": gap.astype(np.float32)}

    def open(self, arrays: Arrays, n_items: int) -> RepurchaseModel:
        rate, gap = arrays.get("rate"), arrays.get("gap")
        if rate is None or gap is None or rate.shape != (n_items,) or gap.shape != (n_items,):
            raise ValueError("repurchase rates do not fit the items")
        if not (np.isfinite(rate).all() and np.isfinite(gap).all() and (gap > 0).all()):
            raise ValueError("repurchase rates are not numbers")
        return RepurchaseModel(rate, gap)


@dataclass(frozen=True, eq=False)
class RepurchaseModel:
    rate: Floats32
    gap: Floats32
    channels: tuple[str, ...] = ("due again",)

    def scores(self, query: Query) -> Floats32:
        """Only items of the history score: rate * exp(-(ln(age / gap))^2 / 2 spread^2)."""
        out = np.zeros((1, len(self.rate)), dtype=np.float32)
        late = np.log(np.maximum(query.ages, 0.5) / self.gap[query.items])
        due = np.exp(-(late**2) / (2 * SPREAD**2))
        out[0, query.items] = query.weights * self.rate[query.items] * due
        return out

    def shares(self, query: Query, items: Ints) -> Floats32:
        own = items[:, None] == query.items[None, :]
        return np.where(own, self.scores(query)[0][items][:, None], 0.0).astype(np.float32)
