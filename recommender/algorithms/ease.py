"""EASE: the linear item-item model with a closed form (Steck 2019, "Embarrassingly Shallow Autoencoders")."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

from recommender.algorithms.base import Lists, keep_best_per_row
from recommender.algorithms.item_item import LinearModel
from recommender.interactions import Arrays, Interactions

MAX_ITEMS = 5_000
"""The inverse costs items^3 time and 8 * items^2 bytes twice (5,000: about 10 s and 400 MB). In a larger
catalogue only the 5,000 items taken by most people take part; the others are left to the other algorithms."""


@dataclass(frozen=True)
class Ease:
    """B = I - P / diag(P) with P the inverse of X'X + penalty * I; each source keeps its largest weights."""

    penalty: float = 300.0
    kept: int = 300
    max_items: int = MAX_ITEMS
    name: str = "ease"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        matrix = interactions.matrix()
        sizes = np.asarray(matrix.sum(axis=0)).ravel()
        taken = np.sort(np.argsort(-sizes, kind="stable")[: self.max_items])
        taken = taken[sizes[taken] > 0]
        part = matrix[:, taken]
        gram = (part.T @ part).toarray()
        np.fill_diagonal(gram, gram.diagonal() + self.penalty)
        inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
        weights = inverse / -np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        best = sparse.coo_matrix(keep_best_per_row(_largest(weights, self.kept), self.kept))
        shape = (interactions.n_items, interactions.n_items)
        return Lists.of(sparse.csr_matrix((best.data, (taken[best.row], taken[best.col])), shape)).arrays("")

    def open(self, arrays: Arrays, n_items: int) -> LinearModel:
        return LinearModel(
            Lists.read(arrays, "", n_items, n_items), n_items, ("all history", "recent history")
        )


def _largest(weights: np.ndarray, count: int) -> np.ndarray:
    """Zero below each row's count-th largest size, so that the sparse form is small."""
    if weights.shape[1] <= count:
        return weights
    sizes = np.abs(weights)
    least = np.partition(sizes, -count, axis=1)[:, -count]
    return np.where(sizes >= least[:, None], weights, 0.0)
