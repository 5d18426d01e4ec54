"""People who took this also took that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import sparse

from recommender.algorithms.base import Lists, Query, keep_best_per_row
from recommender.interactions import Arrays, Floats32, Interactions, Ints

BLOCK = 2_000  # targets at a time, so that the product of a large catalogue stays small in memory
MOST_ITEMS_PER_USER = 1_000  # a reseller's history beyond its newest thousand adds cost, not knowledge
FADE = 45.0  # days, second channel


@dataclass(frozen=True)
class ItemItem:
    """For each target the `neighbours` best sources are kept (Sarwar et al. 2001; Deshpande and Karypis 2004).

    c = sum over people of w_source * w_target, n = sum of an item's weights:
    jaccard c / (n_s + n_t - c), cosine c / sqrt(n_s * n_t).
    """

    measure: Literal["jaccard", "cosine"] = "jaccard"
    neighbours: int = 50

    @property
    def name(self) -> str:
        return f"item_item_{self.measure}"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        matrix = _newest_of_each_user(interactions)
        sizes = np.asarray(matrix.sum(axis=0)).ravel()
        columns = matrix.T.tocsr()
        blocks: list[Any] = []
        for start in range(0, interactions.n_items, BLOCK):
            together = sparse.coo_matrix(columns[start : start + BLOCK] @ matrix)
            target, source, count = together.row + start, together.col, together.data
            other = target != source
            target, source, count = target[other], source[other], count[other]
            if self.measure == "jaccard":
                value = count / (sizes[source] + sizes[target] - count)
            else:
                value = count / np.sqrt(sizes[source] * sizes[target])
            shape = (min(BLOCK, interactions.n_items - start), interactions.n_items)
            blocks.append(
                keep_best_per_row(
                    sparse.csr_matrix((value, (target - start, source)), shape), self.neighbours
                )
            )
        by_target = sparse.vstack(blocks) if blocks else sparse.csr_matrix((0, 0))
        return Lists.of(by_target.T).arrays("")

    def open(self, arrays: Arrays, n_items: int) -> LinearModel:
        return LinearModel(
            Lists.read(arrays, "", n_items, n_items), n_items, ("all history", "recent history")
        )


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Score of an item = sum over the history of weight times the list value."""

    lists: Lists
    n_items: int
    channels: tuple[str, ...]

    def scores(self, query: Query) -> Floats32:
        full = self.lists.weighted_sum(query.items, query.weights, self.n_items)
        return np.stack([full, self.lists.weighted_sum(query.items, query.faded(FADE), self.n_items)])

    def shares(self, query: Query, items: Ints) -> Floats32:
        return self.lists.cells(query.items, items) * query.weights[None, :]


def _newest_of_each_user(interactions: Interactions) -> Any:
    """Users by items, of each user at most the newest MOST_ITEMS_PER_USER."""
    pairs = interactions.pairs
    order = np.lexsort((-pairs.newest, pairs.users))
    users = pairs.users[order]
    starts = np.searchsorted(users, np.arange(interactions.n_users))
    kept = order[np.arange(len(order)) - starts[users] < MOST_ITEMS_PER_USER]
    shape = (interactions.n_users, interactions.n_items)
    return sparse.csr_matrix((pairs.weights[kept], (pairs.users[kept], pairs.items[kept])), shape=shape)
