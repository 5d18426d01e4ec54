"""The next click, from earlier visits that resemble this one (STAN: Garg et al. 2019; VSTAN: Ludewig et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from recommender.algorithms.base import Lists
from recommender.interactions import Arrays, Floats32, Interactions, Ints

MAX_SESSIONS = 200_000  # the newest
MAX_PER_ITEM = 2_000  # the newest sessions of each item are looked at
NEIGHBOURS = 1_500
LONGEST_PREFIX = 20

# Tuned on the last twelfth of the RetailRocket training sessions; the test prefixes played no part.
PREFIX_FADE = 1.5  # clicks
STEP_FADE = 20.0  # clicks between the shared item and the candidate
AGE_FADE = 1.0  # share of all stored sessions
SIZE_POWER = 0.25  # how much a long session is held back


@dataclass(frozen=True)
class SessionNeighbours:
    """`users` of the interactions are sessions; times order the clicks within and the sessions among themselves."""

    name: str = "sessions"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        order = np.lexsort((np.arange(len(interactions)), interactions.times, interactions.users))
        users, items, times = interactions.users[order], interactions.items[order], interactions.times[order]
        starts = np.flatnonzero(np.r_[True, users[1:] != users[:-1]])
        lengths = np.diff(np.r_[starts, len(users)])
        position = np.arange(len(users)) - np.repeat(starts, lengths)
        newest = times[starts + lengths - 1]
        row = np.empty(len(starts), dtype=np.int64)
        row[np.lexsort((np.arange(len(starts)), newest))] = np.arange(len(starts))  # oldest first
        row -= max(len(starts) - MAX_SESSIONS, 0)
        rows = np.repeat(row, lengths)
        kept = rows >= 0
        # Of a repeated item the last position counts: later entries overwrite earlier ones.
        count = min(len(starts), MAX_SESSIONS)
        key = rows[kept] * interactions.n_items + items[kept]
        _, last = np.unique(key[::-1], return_index=True)
        at = len(key) - 1 - last
        matrix = sparse.csr_matrix(
            (position[kept][at] + 1.0, (rows[kept][at], items[kept][at])), shape=(count, interactions.n_items)
        )
        return Lists.of(matrix).arrays("")

    def open(self, arrays: Arrays, n_items: int) -> SessionModel:
        return SessionModel(Lists.read(arrays, "", n_items), n_items)


@dataclass(frozen=True, eq=False)
class SessionModel:
    visited: Lists  # row: a session, oldest first; value: position of the item's last click, from 1
    n_items: int

    @cached_property
    def sizes(self) -> Ints:
        return np.diff(self.visited.ptr)

    @cached_property
    def by_item(self) -> Lists:
        """For each item its sessions, oldest first, with the position."""
        rows = np.repeat(np.arange(len(self.sizes)), self.sizes)
        matrix = sparse.csr_matrix(
            (self.visited.values, (self.visited.indices, rows)), shape=(self.n_items, len(self.sizes))
        )
        return Lists.of(matrix)

    @cached_property
    def rarity(self) -> Floats32:
        counts = np.diff(self.by_item.ptr)
        return np.log((len(self.sizes) + 1) / (counts + 1.0)).astype(np.float32)

    def scores(self, prefix: Ints) -> tuple[Floats32, Floats32]:
        """`prefix` is this visit's clicks, most recent first: score of each item, and its parts by prefix item."""
        recent = prefix[np.sort(np.unique(prefix, return_index=True)[1])][:LONGEST_PREFIX]
        parts = np.zeros((len(recent), self.n_items), dtype=np.float32)
        if not len(recent):
            return np.zeros(self.n_items, dtype=np.float32), parts
        sessions, weights, owners, positions = self._shared(recent)
        if not len(sessions):
            return parts.sum(axis=0), parts
        total = np.bincount(sessions, weights, minlength=len(self.sizes))
        near = np.flatnonzero(total)
        age = (len(self.sizes) - near) / (AGE_FADE * len(self.sizes))
        alike = total[near] / self.sizes[near] ** SIZE_POWER * np.exp(-age)
        if len(near) > NEIGHBOURS:
            best = np.argpartition(-alike, NEIGHBOURS)[:NEIGHBOURS]
            near, alike = near[best], alike[best]
        value = np.zeros(len(self.sizes), dtype=np.float32)
        value[near] = alike
        # Each neighbour speaks through the most recent of the shared items.
        speaker = np.full(len(self.sizes), len(recent), dtype=np.int64)
        np.minimum.at(speaker, sessions, owners)
        spoken = (owners == speaker[sessions]) & (value[sessions] > 0)
        rows, owner, position = sessions[spoken], owners[spoken], positions[spoken]
        places, lengths = self.visited.places(rows)
        items = self.visited.indices[places]
        step = np.abs(self.visited.values[places] - np.repeat(position, lengths))
        worth = np.repeat(value[rows], lengths) * np.exp(-step / STEP_FADE) * self.rarity[items]
        flat = np.bincount(np.repeat(owner, lengths) * self.n_items + items, worth, minlength=parts.size)
        parts = flat.reshape(parts.shape).astype(np.float32)
        parts[np.arange(len(recent)), recent] = 0.0
        return parts.sum(axis=0), parts

    def _shared(self, recent: Ints) -> tuple[Ints, Floats32, Ints, Floats32]:
        """Sessions with an item of the prefix: session, weight, which prefix item, its position there."""
        found: list[tuple[Ints, Floats32, Ints, Floats32]] = []
        for at, item in enumerate(recent):
            start, end = self.by_item.ptr[item], self.by_item.ptr[item + 1]
            part = slice(max(start, end - MAX_PER_ITEM), end)
            sessions = self.by_item.indices[part].astype(np.int64)
            weight = np.full(len(sessions), np.exp(-at / PREFIX_FADE) * self.rarity[item], dtype=np.float32)
            found.append((sessions, weight, np.full(len(sessions), at), self.by_item.values[part]))
        sessions, weights, owners, positions = (np.concatenate(column) for column in zip(*found, strict=True))
        return sessions, weights, owners, positions
