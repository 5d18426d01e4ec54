"""Figures of a ranked list against what was really taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log2, sqrt


def recall_at(ranked: Sequence[str], truth: Collection[str], k: int) -> float:
    """Hits among the first k, divided by all that was taken."""
    return sum(item in truth for item in ranked[:k]) / len(truth)


def ndcg_at(ranked: Sequence[str], truth: Collection[str], k: int) -> float:
    """Gain 1/log2(rank+1), divided by the gain of an ideal list cut at min(|truth|, k)."""
    gain = sum(1 / log2(rank + 1) for rank, item in enumerate(ranked[:k], start=1) if item in truth)
    return gain / sum(1 / log2(rank + 1) for rank in range(1, min(len(truth), k) + 1))


@dataclass(frozen=True)
class Figures:
    """Means over users, with the standard error of each mean."""

    recall: float
    ndcg: float
    users: int
    recall_error: float
    ndcg_error: float

    @classmethod
    def of(cls, recalls: Sequence[float], ndcgs: Sequence[float]) -> Figures:
        recall, recall_error = _mean(recalls)
        ndcg, ndcg_error = _mean(ndcgs)
        return cls(recall, ndcg, len(recalls), recall_error, ndcg_error)

    @property
    def both(self) -> float:
        """What candidates are compared by."""
        return (self.recall + self.ndcg) / 2


def _mean(values: Sequence[float]) -> tuple[float, float]:
    count = len(values)
    if not count:
        return 0.0, 0.0
    mean = sum(values) / count
    variance = sum((value - mean) ** 2 for value in values) / max(count - 1, 1)
    return mean, sqrt(variance / count)
