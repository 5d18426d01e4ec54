"""What every algorithm offers, and the sparse lists that most of them are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from recommender.interactions import Arrays, Floats32, Interactions, Ints


@dataclass(frozen=True, eq=False)
class Query:
    """One person's history as the algorithms see it: distinct items, most recent first."""

    items: Ints
    weights: Floats32  # at most 1
    ages: Floats32  # days since the newest signal of the item
    oldest: float = 0.0  # days since the first signal of all
    days: int = 0  # distinct days with a signal

    @classmethod
    def of(cls, items: npt.ArrayLike, weights: npt.ArrayLike, ages: npt.ArrayLike) -> Query:
        """From parallel events in any order, ages in days; weights of one item add up to at most 1."""
        item = np.asarray(items, dtype=np.int64)
        weight, age = np.asarray(weights, dtype=np.float64), np.asarray(ages, dtype=np.float64)
        if not len(item):
            return cls(item, np.zeros(0, np.float32), np.zeros(0, np.float32))
        distinct, place = np.unique(item, return_inverse=True)
        total, newest = np.zeros(len(distinct)), np.full(len(distinct), np.inf)
        np.add.at(total, place, weight)
        np.minimum.at(newest, place, age)
        order = np.lexsort((distinct, newest))
        return cls(
            distinct[order], np.minimum(total, 1.0)[order].astype(np.float32), newest[order].astype(np.float32),
            float(age.max()), len(np.unique(np.floor(age))),
        )  # fmt: skip

    def faded(self, half_life: float) -> Floats32:
        """Weights halved for each `half_life` days of age."""
        faded: Floats32 = (self.weights * np.exp2(-self.ages / half_life)).astype(np.float32)
        return faded


class Model(Protocol):
    """Reads an algorithm's arrays; keeps nothing about a person."""

    @property
    def channels(self) -> Sequence[str]:
        """Names of the scores; the first is the algorithm's own, the others serve a blend."""
        ...

    def scores(self, query: Query) -> Floats32:
        """One row per channel, one column per item; 0 is "nothing known", higher is better."""
        ...

    def shares(self, query: Query, items: Ints) -> Floats32:
        """items by history: how much each history item adds to each item's own score (0 where nothing)."""
        ...


class Algorithm(Protocol):
    @property
    def name(self) -> str: ...

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        """Arrays that `open` reads; ages count from `now` (seconds since 1970)."""
        ...

    def open(self, arrays: Arrays, n_items: int) -> Model:
        """Raises ValueError for arrays that do not fit together."""
        ...


@dataclass(frozen=True, eq=False)
class Lists:
    """A sparse matrix as three arrays: row r holds `indices[ptr[r]:ptr[r+1]]` with `values`."""

    ptr: Ints
    indices: npt.NDArray[np.int32]
    values: Floats32

    @classmethod
    def of(cls, matrix: Any) -> Lists:
        csr = sparse.csr_matrix(matrix)
        csr.sort_indices()
        return cls(csr.indptr.astype(np.int64), csr.indices.astype(np.int32), csr.data.astype(np.float32))

    def arrays(self, prefix: str) -> Arrays:
        return {f"{prefix}ptr": self.ptr, f"{prefix}indices": self.indices, f"{prefix}values": self.values}

    @classmethod
    def read(cls, arrays: Arrays, prefix: str, width: int, rows: int | None = None) -> Lists:
        """Raises ValueError when the arrays do not make a matrix of this shape."""
        try:
            ptr, indices, values = (arrays[f"{prefix}{part}"] for part in ("ptr", "indices", "values"))
        except KeyError as missing:
            raise ValueError(f"array {missing} is missing") from None
        sound = (
            ptr.ndim == indices.ndim == values.ndim == 1
            and len(ptr) >= 1
            and ptr[0] == 0
            and ptr[-1] == len(indices) == len(values)
            and bool((np.diff(ptr) >= 0).all())
            and (rows is None or len(ptr) == rows + 1)
            and (not len(indices) or (int(indices.min()) >= 0 and int(indices.max()) < width))
            and bool(np.isfinite(values).all())
        )
        if not sound:
            raise ValueError(f"arrays {prefix}* do not make lists over {width} entries")
        return cls(ptr, indices, values)

    def places(self, rows: Ints) -> tuple[Ints, Ints]:
        """Positions of all entries of `rows`, one row after another, and the length of each row."""
        starts, lengths = self.ptr[rows], self.ptr[rows + 1] - self.ptr[rows]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        return np.arange(total) + np.repeat(starts - (ends - lengths), lengths), lengths

    def weighted_sum(self, rows: Ints, weights: Floats32, width: int) -> Floats32:
        """Sum of the rows, each times its weight, as one dense row."""
        places, lengths = self.places(rows)
        return np.bincount(
            self.indices[places], np.repeat(weights, lengths) * self.values[places], minlength=width
        ).astype(np.float32)

    def cells(self, rows: Ints, columns: Ints) -> Floats32:
        """columns by rows: the single values, 0 where a row does not hold the column."""
        out = np.zeros((len(columns), len(rows)), dtype=np.float32)
        order = np.argsort(columns)
        ordered = columns[order]
        for at, row in enumerate(rows):
            part = slice(self.ptr[row], self.ptr[row + 1])
            held = self.indices[part]
            if len(held):
                found = np.minimum(np.searchsorted(held, ordered), len(held) - 1)
                out[order, at] = np.where(held[found] == ordered, self.values[part][found], 0.0)
        return out


def keep_best_per_row(matrix: Any, count: int) -> Any:
    """CSR with only the `count` entries of largest size in each row; of equals, the lower column."""
    csr = sparse.csr_matrix(matrix)
    csr.sort_indices()
    keep = np.zeros(csr.nnz, dtype=bool)
    lengths = np.diff(csr.indptr)
    keep[np.repeat(lengths <= count, lengths)] = True
    for row in np.flatnonzero(lengths > count):
        start, end = csr.indptr[row], csr.indptr[row + 1]
        best = np.argsort(-np.abs(csr.data[start:end]), kind="stable")[:count]
        keep[start + best] = True
    rows = np.repeat(np.arange(csr.shape[0]), lengths)[keep]
    return sparse.csr_matrix((csr.data[keep], (rows, csr.indices[keep])), shape=csr.shape)
