"""Matrix factors learned by the library `implicit`; reading them back needs only NumPy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from core.loader import load
from recommender.algorithms.base import Query
from recommender.interactions import Arrays, Floats32, Interactions, Ints


@dataclass(frozen=True)
class Als:
    """Alternating least squares (Hu, Koren, Volinsky 2008); older signals count less in the confidence.

    A person needs no place in the training: their factor is solved for from their history.
    """

    factors: int = 64
    regularization: float = 0.05
    confidence: float = 10.0
    iterations: int = 15
    half_life: float = 120.0  # days
    seed: int = 0
    name: str = "als"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        fading = np.exp2(-interactions.ages(now) / self.half_life)
        matrix = interactions.matrix(1.0 + interactions.pairs.weights * fading * self.confidence)
        model = _fit(
            "implicit.cpu.als:AlternatingLeastSquares",
            matrix,
            factors=self.factors,
            regularization=self.regularization,
            iterations=self.iterations,
            random_state=self.seed,
            num_threads=1,
            alpha=1.0,
        )
        return {
            "items": np.asarray(model.item_factors, dtype=np.float32),
            "constants": np.array([self.regularization, self.confidence, self.half_life], dtype=np.float64),
        }

    def open(self, arrays: Arrays, n_items: int) -> AlsModel:
        _check(arrays, n_items)
        constants = arrays.get("constants")
        if constants is None or constants.shape != (3,) or not np.isfinite(constants).all():
            raise ValueError("constants of the factors are missing")
        return AlsModel(arrays["items"], float(constants[0]), float(constants[1]), float(constants[2]))


@dataclass(frozen=True, eq=False)
class AlsModel:
    items: Floats32
    regularization: float
    confidence: float
    half_life: float
    channels: tuple[str, ...] = ("factor product",)

    @cached_property
    def gram(self) -> np.ndarray:
        wide = self.items.astype(np.float64)
        return np.asarray(wide.T @ wide + self.regularization * np.eye(self.items.shape[1]))

    def _parts(self, query: Query) -> np.ndarray:
        """history by factors: the person's factor is the sum of the rows."""
        taken = self.items[query.items].astype(np.float64)
        strength = 1.0 + query.faded(self.half_life).astype(np.float64) * self.confidence
        # As implicit does: (Y'Y + Y'(C-1)Y + rI) x = Y'C1, where C holds the confidences.
        left = self.gram + (taken * (strength - 1.0)[:, None]).T @ taken
        return np.linalg.solve(left, (taken * strength[:, None]).T).T

    def scores(self, query: Query) -> Floats32:
        if not len(query.items):
            return np.zeros((1, len(self.items)), dtype=np.float32)
        person = self._parts(query).sum(axis=0).astype(np.float32)
        return np.asarray(self.items @ person)[None, :]

    def shares(self, query: Query, items: Ints) -> Floats32:
        if not len(query.items):
            return np.zeros((len(items), 0), dtype=np.float32)
        return (self.items[items] @ self._parts(query).T.astype(np.float32)).astype(np.float32)


@dataclass(frozen=True)
class Bpr:
    """Bayesian personalised ranking (Rendle et al. 2009), one thread, so that a seed repeats it.

    Served by the cosine between an item and the faded mean of the history's items, which also fits
    people the training never saw.
    """

    factors: int = 64
    iterations: int = 60
    learning_rate: float = 0.05
    regularization: float = 0.01
    half_life: float = 60.0
    seed: int = 0
    name: str = "bpr"

    def fit(self, interactions: Interactions, now: float) -> Arrays:
        model = _fit(
            "implicit.cpu.bpr:BayesianPersonalizedRanking",
            interactions.matrix(),
            factors=self.factors,
            learning_rate=self.learning_rate,
            regularization=self.regularization,
            iterations=self.iterations,
            random_state=self.seed,
            num_threads=1,
        )
        items = np.asarray(model.item_factors, dtype=np.float32)[:, : self.factors]
        sizes = np.linalg.norm(items, axis=1, keepdims=True)
        return {"items": items / np.maximum(sizes, 1e-9), "half_life": np.array([self.half_life])}

    def open(self, arrays: Arrays, n_items: int) -> BprModel:
        _check(arrays, n_items)
        if "half_life" not in arrays or arrays["half_life"].shape != (1,):
            raise ValueError("the half-life is missing")
        return BprModel(arrays["items"], float(arrays["half_life"][0]))


@dataclass(frozen=True, eq=False)
class BprModel:
    items: Floats32
    half_life: float
    channels: tuple[str, ...] = ("cosine",)

    def scores(self, query: Query) -> Floats32:
        person = query.faded(self.half_life) @ self.items[query.items]
        return (self.items @ person)[None, :].astype(np.float32)

    def shares(self, query: Query, items: Ints) -> Floats32:
        return (self.items[items] @ self.items[query.items].T) * query.faded(self.half_life)[None, :]


def _fit(dotted: str, matrix: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        # implicit warns about CSR input although it is given CSR, and about BLAS threads we already hold to one.
        warnings.simplefilter("ignore")
        model = load(dotted)(**options)
        model.fit(sparse.csr_matrix(matrix, dtype=np.float32), show_progress=False)
    return model


def _check(arrays: Arrays, n_items: int) -> None:
    items = arrays.get("items")
    if items is None or items.ndim != 2 or len(items) != n_items or not np.isfinite(items).all():
        raise ValueError("factors do not fit the items")
