"""Inner splits: what an algorithm would have known at a moment, and what people took afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recommender.algorithms.base import Query
from recommender.interactions import DAY, Interactions, Ints

LONGEST_WINDOW = 31.0  # days
WINDOWS = 4  # the newest chooses, the others teach
MOST_PEOPLE = 1_500  # per fold
FEWEST_PEOPLE = 20


@dataclass(frozen=True, eq=False)
class Fold:
    known: Interactions
    people: Ints
    truths: list[Ints]  # per person: items new to them, known to others before
    now: float

    def queries(self) -> Iterator[tuple[Query, Ints]]:
        """Each person's history and what they took next."""
        pairs, ages = self.known.pairs, self.known.ages(self.now)
        starts = np.searchsorted(pairs.users, np.arange(self.known.n_users + 1))
        for person, truth in zip(self.people, self.truths, strict=True):
            own = slice(starts[person], starts[person + 1])
            yield Query.of(pairs.items[own], pairs.weights[own], ages[own]), truth


def make_folds(interactions: Interactions, seed: int) -> tuple[list[Fold], str]:
    """Newest first, and how they were cut; empty where there is too little to compare anything.

    Clicks and carts help to know people, but only full signals are what has to be foretold: who looks around
    much would otherwise decide how well orders are recommended.
    """
    full = interactions.weights >= min(1.0, float(interactions.weights.max()))
    span = (interactions.newest - interactions.oldest) / DAY
    timed = interactions.has_time and len(np.unique(interactions.times)) >= 10 * WINDOWS
    if timed:
        window = min(LONGEST_WINDOW, span / (2 * WINDOWS))
        described = (
            f"the last {WINDOWS} windows of {window:.3g} days, newest for choosing, older for learning"
        )
    else:
        window = 0.0
        described = "a fifth of each person's items left out at random, since the data names no times"
    folds = []
    for number in range(WINDOWS):
        if timed:
            end = interactions.newest - number * window * DAY
            cut = end - window * DAY
            known = interactions.times < cut
            later = ~known & ((interactions.times < end) if number else True)
        else:
            known = _leave_out(interactions, seed + number)
            later = ~known
        fold = _fold(interactions.where(known), interactions.where(later & full), seed)
        if len(fold.people) < FEWEST_PEOPLE:
            break
        folds.append(fold)
    if not folds:
        described = f"none: fewer than {FEWEST_PEOPLE} people took something new in the last window"
    return folds, described


def _leave_out(interactions: Interactions, seed: int) -> np.ndarray:
    """Marks what stays: pairs stay or go as a whole."""
    pairs = interactions.pairs
    stays = np.random.default_rng(seed).random(len(pairs.users)) >= 0.2
    key = pairs.users * interactions.n_items + pairs.items
    own = interactions.users * interactions.n_items + interactions.items
    return stays[np.searchsorted(key, own)]


def _fold(known: Interactions, later: Interactions, seed: int) -> Fold:
    before, after = known.pairs, later.pairs
    width = known.n_items
    new = ~np.isin(after.users * width + after.items, before.users * width + before.items)
    new &= np.isin(after.users, before.users) & np.isin(after.items, before.items)
    users, items = after.users[new], after.items[new]
    people = np.unique(users)
    if len(people) > MOST_PEOPLE:
        people = np.sort(np.random.default_rng(seed).choice(people, MOST_PEOPLE, replace=False))
    starts, ends = np.searchsorted(users, people), np.searchsorted(users, people, side="right")
    truths = [items[start:end] for start, end in zip(starts, ends, strict=True)]
    return Fold(known, people, truths, known.newest)
