"""Who took what, how strongly and when: the one input of every algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

DAY = 86_400.0

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]
Arrays = dict[str, npt.NDArray[Any]]


class Pairs(NamedTuple):
    """The distinct (user, item) pairs, sorted by user, then item."""

    users: Ints
    items: Ints
    weights: Floats  # sum of the signals, at most 1
    newest: Floats  # seconds since 1970
    oldest: Floats


@dataclass(frozen=True, eq=False)
class Interactions:
    """Signals as parallel arrays. `users` and `items` point into the id lists.

    A weight of 1 is a full signal (an order line); weaker signals (a click) weigh less. Weights of one pair
    add up and stop counting at 1, so that a pallet of candles does not drown everything else.
    """

    user_ids: Names
    item_ids: Names
    users: Ints
    items: Ints
    weights: Floats
    times: Floats
    has_time: bool = True

    @classmethod
    def of(
        cls,
        users: Sequence[str],
        items: Sequence[str],
        weights: Sequence[float] | Floats | None = None,
        times: Sequence[float] | Floats | None = None,
    ) -> Interactions:
        """From parallel sequences; times are seconds since 1970, weights default to 1."""
        user_ids, user = np.unique(np.asarray(users, dtype=np.str_), return_inverse=True)
        item_ids, item = np.unique(np.asarray(items, dtype=np.str_), return_inverse=True)
        count = len(user)
        weight = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
        time = np.zeros(count) if times is None else np.asarray(times, dtype=np.float64)
        if not len(user) == len(item) == len(weight) == len(time):
            raise ValueError("users, items, weights and times differ in length")
        if not (np.isfinite(weight).all() and np.isfinite(time).all() and (weight > 0).all()):
            raise ValueError("weights must be finite and above 0, times finite")
        return cls(
            user_ids, item_ids, user.astype(np.int64), item.astype(np.int64), weight, time, times is not None
        )

    def __len__(self) -> int:
        return len(self.users)

    @property
    def n_users(self) -> int:
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        return len(self.item_ids)

    @property
    def newest(self) -> float:
        """The time that "now" means for every decay: that of the newest signal."""
        return float(self.times.max()) if len(self) else 0.0

    @property
    def oldest(self) -> float:
        return float(self.times.min()) if len(self) else 0.0

    def where(self, mask: npt.NDArray[np.bool_]) -> Interactions:
        """The marked signals, in the same id space."""
        return Interactions(
            self.user_ids, self.item_ids, self.users[mask], self.items[mask], self.weights[mask], self.times[mask],
            self.has_time,
        )  # fmt: skip

    @cached_property
    def pairs(self) -> Pairs:
        if not len(self):
            none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
            return Pairs(none, none, nothing, nothing, nothing)
        key = self.users * self.n_items + self.items
        order = np.lexsort((self.times, key))
        key = key[order]
        starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        ends = np.r_[starts[1:], len(key)] - 1
        times = self.times[order]
        weights = np.minimum(np.add.reduceat(self.weights[order], starts), 1.0)
        return Pairs(
            key[starts] // self.n_items, key[starts] % self.n_items, weights, times[ends], times[starts]
        )

    def matrix(self, values: npt.NDArray[Any] | None = None) -> Any:
        """Users by items, CSR; `values` belong to `pairs` and default to their weights."""
        pairs = self.pairs
        data = pairs.weights if values is None else values
        return sparse.csr_matrix((data, (pairs.users, pairs.items)), shape=(self.n_users, self.n_items))

    def ages(self, now: float) -> Floats:
        """Days since each pair's newest signal."""
        return np.maximum(now - self.pairs.newest, 0.0) / DAY

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file, user_ids=self.user_ids, item_ids=self.item_ids, users=self.users, items=self.items,
                weights=self.weights, times=self.times, has_time=np.array(self.has_time),
            )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> Interactions:
        """What `save` wrote; the way a training process receives signals from the database."""
        with np.load(path, allow_pickle=False) as found:
            return cls(
                found["user_ids"], found["item_ids"], found["users"], found["items"], found["weights"],
                found["times"], bool(found["has_time"]),
            )  # fmt: skip
