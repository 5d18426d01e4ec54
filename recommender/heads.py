"""From the features of candidates to one score: a tuned linear blend, or learned trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from core.loader import load
from recommender.interactions import Arrays, Floats, Floats32, Ints
from recommender.metrics import Figures

TREES = 200
LEAVES = 15
TUNED_ON = 900  # people; a blend has few weights, and each trial sorts all their candidates
MOST_ROWS = 300_000  # of candidates not taken, a seeded sample; what was taken is always kept


@dataclass(frozen=True, eq=False)
class Lesson:
    """The candidates of many histories and which of them were taken afterwards."""

    features: Floats32
    taken: np.ndarray  # bool per row
    starts: Ints  # first row of each history
    truths: Ints  # how many items each history's person really took, found among the candidates or not

    @classmethod
    def joined(cls, lessons: Sequence[Lesson]) -> Lesson:
        shifts = np.cumsum([0, *(len(lesson.taken) for lesson in lessons[:-1])])
        return cls(
            np.concatenate([lesson.features for lesson in lessons]),
            np.concatenate([lesson.taken for lesson in lessons]),
            np.concatenate([lesson.starts + shift for lesson, shift in zip(lessons, shifts, strict=True)]),
            np.concatenate([lesson.truths for lesson in lessons]),
        )

    def some(self, people: int) -> Lesson:
        """All candidates of at most this many histories, evenly spread."""
        counts = np.diff(np.r_[self.starts, len(self.taken)])
        if len(counts) <= people:
            return self
        chosen = np.linspace(0, len(counts) - 1, people).astype(np.int64)
        rows = np.isin(np.repeat(np.arange(len(counts)), counts), chosen)
        kept = counts[chosen]
        return Lesson(self.features[rows], self.taken[rows], np.cumsum(kept) - kept, self.truths[chosen])

    def thinned(self, most: int, seed: int) -> tuple[Floats32, np.ndarray]:
        """Features and answers with everything that was taken and a seeded sample of what was not."""
        share = most / max(len(self.taken), 1)
        kept = self.taken | (np.random.default_rng(seed).random(len(self.taken)) < share)
        return self.features[kept], self.taken[kept]

    def figures(self, scores: Floats, k: int) -> Figures:
        """What ranking the candidates by `scores` would have given."""
        counts = np.diff(np.r_[self.starts, len(self.taken)])
        group = np.repeat(np.arange(len(counts)), counts)
        order = np.lexsort((-scores, group))
        place = np.arange(len(order)) - np.repeat(self.starts, counts)
        good = self.taken[order] & (place < k)
        hits = np.bincount(group[good], minlength=len(counts))
        gain = np.bincount(group[good], 1 / np.log2(place[good] + 2), minlength=len(counts))
        ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))[np.minimum(self.truths, k) - 1]
        return Figures.of((hits / self.truths).tolist(), (gain / ideal).tolist())


class Head(Protocol):
    def scores(self, features: Floats32) -> Floats: ...

    def arrays(self) -> Arrays: ...


@dataclass(frozen=True, eq=False)
class Blend:
    """Sum of weight times share of the best score, over the channels."""

    columns: Ints
    weights: Floats

    @classmethod
    def tune(cls, lessons: Sequence[Lesson], columns: Ints, k: int) -> Blend:
        """Coordinate ascent on the mean of recall and NDCG; from the best single channel on."""
        lesson = Lesson.joined([one.some(TUNED_ON // len(lessons)) for one in lessons])
        values = lesson.features[:, columns].astype(np.float64)
        alone = [lesson.figures(values[:, column], k).both for column in range(len(columns))]
        weights = np.zeros(len(columns))
        weights[int(np.argmax(alone))] = 1.0
        total, best = values @ weights, max(alone)
        for steps in ((0.5, 1.0, 2.0), (0.25, 0.5), (0.1, 0.2)):
            for column in np.argsort(-np.array(alone)):
                for step in (sign * size for size in steps for sign in (1, -1)):
                    if weights[column] + step < 0:
                        continue
                    tried = total + step * values[:, column]
                    both = lesson.figures(tried, k).both
                    if both > best:
                        best, total = both, tried
                        weights[column] += step
        return cls(columns, weights / weights.sum())

    @classmethod
    def open(cls, arrays: Arrays, width: int) -> Blend:
        columns, weights = arrays.get("columns"), arrays.get("weights")
        if (
            columns is None
            or weights is None
            or columns.shape != weights.shape
            or not np.isfinite(weights).all()
        ):
            raise ValueError("weights of the blend do not fit")
        if len(columns) and not (columns.min() >= 0 and columns.max() < width):
            raise ValueError("columns of the blend do not fit")
        return cls(columns, weights)

    def scores(self, features: Floats32) -> Floats:
        return features[:, self.columns].astype(np.float64) @ self.weights

    def arrays(self) -> Arrays:
        return {"columns": self.columns, "weights": self.weights}


@dataclass(frozen=True, eq=False)
class Trees:
    """Gradient-boosted trees as flat arrays; a leaf points to itself, so all rows walk in step."""

    roots: Ints
    feature: np.ndarray
    threshold: Floats
    left: np.ndarray
    right: np.ndarray
    value: Floats
    base: float
    depth: int

    @classmethod
    def learn(cls, lessons: Sequence[Lesson], seed: int) -> Trees:
        """Raises RuntimeError when the arrays do not repeat what the library itself answers."""
        model = load("sklearn.ensemble:HistGradientBoostingClassifier")(
            learning_rate=0.05, max_iter=TREES, max_leaf_nodes=LEAVES, max_depth=8, min_samples_leaf=200,
            l2_regularization=5.0, early_stopping=False, random_state=seed,
        )  # fmt: skip
        thin = [lesson.thinned(MOST_ROWS // len(lessons), seed) for lesson in lessons]
        model.fit(np.concatenate([rows for rows, _ in thin]), np.concatenate([taken for _, taken in thin]))
        trees = cls._read(model)
        sample = lessons[0].features[:2_000]
        if not np.allclose(trees.scores(sample), model.decision_function(sample), atol=1e-6):
            raise RuntimeError("the learned trees were not read correctly from scikit-learn")
        return trees

    @classmethod
    def _read(cls, model: Any) -> Trees:
        # scikit-learn has no public way to read these trees; `learn` proves the reading right each time.
        parts = [predictors[0].nodes for predictors in model._predictors]
        sizes = np.array([len(nodes) for nodes in parts])
        roots = np.cumsum(sizes) - sizes
        nodes = np.concatenate(parts)
        shift, own = np.repeat(roots, sizes), np.arange(len(nodes))
        leaf = nodes["is_leaf"].astype(bool)
        return cls(
            roots.astype(np.int64),
            np.where(leaf, 0, nodes["feature_idx"]).astype(np.int32),
            np.where(leaf, np.inf, nodes["num_threshold"]),
            np.where(leaf, own, nodes["left"] + shift).astype(np.int32),
            np.where(leaf, own, nodes["right"] + shift).astype(np.int32),
            np.where(leaf, nodes["value"], 0.0),
            float(np.ravel(model._baseline_prediction)[0]),
            int(nodes["depth"].max()),
        )

    @classmethod
    def open(cls, arrays: Arrays, width: int) -> Trees:
        try:
            roots, feature, left, right = (arrays[name] for name in ("roots", "feature", "left", "right"))
            threshold, value, (base, depth) = arrays["threshold"], arrays["value"], arrays["constants"]
        except (KeyError, ValueError) as error:
            raise ValueError(f"an array of the trees is missing ({error})") from None
        count = len(feature)
        inside = all(len(part) == count for part in (left, right, threshold, value)) and count > 0
        pointers = (roots, left, right)
        if (
            not inside
            or any(part.min() < 0 or part.max() >= count for part in pointers)
            or not 0 <= depth <= 64
        ):
            raise ValueError("the trees point outside themselves")
        if feature.min() < 0 or feature.max() >= width or not np.isfinite(value).all():
            raise ValueError("the trees ask for features that do not exist")
        return cls(roots, feature, threshold, left, right, value, float(base), int(depth))

    def scores(self, features: Floats32) -> Floats:
        at = np.tile(self.roots, (len(features), 1))
        rows = np.arange(len(features))[:, None]
        for _ in range(self.depth):
            smaller = features[rows, self.feature[at]] <= self.threshold[at]
            at = np.where(smaller, self.left[at], self.right[at])
        total: Floats = self.value[at].sum(axis=1)
        return total + self.base

    def arrays(self) -> Arrays:
        return {
            "roots": self.roots, "feature": self.feature, "left": self.left, "right": self.right,
            "threshold": self.threshold, "value": self.value, "constants": np.array([self.base, self.depth]),
        }  # fmt: skip
