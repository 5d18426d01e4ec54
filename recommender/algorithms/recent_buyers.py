"""What people with a similar history took lately."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from recommender.algorithms.base import Lists, Query
from recommender.interactions import Arrays, Floats32, Interactions, Ints

HALF_LIVES = (10.0, 4.0, 25.0, 80.0)  # days; the first is the algorithm's own
MAX_USERS = 50_000  # the most recently active
MAX_ITEMS_PER_USER = 300  # the newest
MAX_NEIGHBOURS = 2_000


@dataclass(frozen=True)
class RecentBuyers:
    """score(i) = sum over people v of jaccard(history, v)^2 * 0.5^(days since v took i / half-life).

    No person's id is kept, only their items and ages.
    """

    name: str = "recent_buyers"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        pairs, ages = interactions.pairs, interactions.ages(now)
        active = np.full(interactions.n_users, np.inf)
        np.minimum.at(active, pairs.users, ages)
        users = np.argsort(active, kind="stable")[:MAX_USERS]
        users = users[np.isfinite(active[users])]
        row_of = np.full(interactions.n_users, -1)
        row_of[users] = np.arange(len(users))
        order = np.lexsort((ages, pairs.users))
        starts = np.searchsorted(pairs.users[order], np.arange(interactions.n_users))
        place = np.arange(len(order)) - starts[pairs.users[order]]
        order = order[(place < MAX_ITEMS_PER_USER) & (row_of[pairs.users[order]] >= 0)]
        rows = sparse.coo_matrix(
            # One day is added and taken off again, since a sparse matrix would drop an age of nought.
            (ages[order] + 1.0, (row_of[pairs.users[order]], pairs.items[order])),
            shape=(len(users), interactions.n_items),
        )
        lists = Lists.of(rows)
        return Lists(lists.ptr, lists.indices, lists.values - np.float32(1.0)).arrays("")

    def open(self, arrays: Arrays, n_items: int) -> RecentBuyersModel:
        return RecentBuyersModel(Lists.read(arrays, "", n_items), n_items)


@dataclass(frozen=True, eq=False)
class RecentBuyersModel:
    taken: Lists  # row: a person; value: days since
    n_items: int
    channels: tuple[str, ...] = tuple(f"half-life {half_life:g} days" for half_life in HALF_LIVES)

    @cached_property
    def sizes(self) -> Ints:
        return np.diff(self.taken.ptr)

    @cached_property
    def takers(self) -> tuple[Ints, Ints]:
        """For each item its people: pointers and people."""
        people = np.repeat(np.arange(len(self.sizes)), self.sizes)
        order = np.argsort(self.taken.indices, kind="stable")
        counts = np.bincount(self.taken.indices, minlength=self.n_items)
        return np.r_[0, np.cumsum(counts)], people[order]

    @cached_property
    def fading(self) -> Floats32:
        return np.stack([np.exp2(-self.taken.values / half_life) for half_life in HALF_LIVES]).astype(
            np.float32
        )

    def _neighbours(self, query: Query) -> tuple[Ints, Floats32]:
        """People with something in common, and the square of the Jaccard measure."""
        people, lengths = self._people(query.items)
        common = np.bincount(people, np.repeat(query.weights, lengths), minlength=len(self.sizes))
        near = np.flatnonzero(common)
        alike = common[near] / (float(query.weights.sum()) + self.sizes[near] - common[near])
        if len(near) > MAX_NEIGHBOURS:
            best = np.argpartition(-alike, MAX_NEIGHBOURS)[:MAX_NEIGHBOURS]
            near, alike = near[best], alike[best]
        return near, (alike**2).astype(np.float32)

    def _people(self, items: Ints) -> tuple[Ints, Ints]:
        ptr, people = self.takers
        if not len(items):
            return people[:0], people[:0]
        lengths = ptr[items + 1] - ptr[items]
        ends = np.cumsum(lengths)
        return people[np.arange(int(ends[-1])) + np.repeat(ptr[items] - (ends - lengths), lengths)], lengths

    def scores(self, query: Query) -> Floats32:
        near, alike = self._neighbours(query)
        places, lengths = self.taken.places(near)
        items, weight = self.taken.indices[places], np.repeat(alike, lengths)
        return np.stack(
            [np.bincount(items, weight * fading[places], minlength=self.n_items) for fading in self.fading]
        ).astype(np.float32)

    def shares(self, query: Query, items: Ints) -> Floats32:
        """A history item's share is the score from the people who took it too."""
        out = np.zeros((len(items), len(query.items)), dtype=np.float32)
        near, alike = self._neighbours(query)
        by_person = np.zeros(len(self.sizes), dtype=np.float32)
        by_person[near] = alike
        places, lengths = self.taken.places(near)
        owner, held, fading = np.repeat(near, lengths), self.taken.indices[places], self.fading[0][places]
        people, counts = self._people(query.items)
        filled = np.flatnonzero(counts)
        starts = (np.cumsum(counts) - counts)[filled]
        for at, item in enumerate(items):
            mine = held == item
            given = np.zeros(len(self.sizes), dtype=np.float32)
            given[owner[mine]] = by_person[owner[mine]] * fading[mine]
            if len(filled):
                out[at, filled] = np.add.reduceat(given[people], starts)
        return out
