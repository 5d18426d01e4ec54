from __future__ import annotations

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.heads import Lesson
from recommender.metrics import Figures, ndcg_at, recall_at


def test_figures_by_hand() -> None:
    ranked, truth = ["a", "x", "b", "y"], {"a", "b", "c"}
    assert recall_at(ranked, truth, 4) == pytest.approx(2 / 3)
    assert ndcg_at(ranked, truth, 4) == pytest.approx((1 + 1 / 2) / (1 + 1 / log2(3) + 1 / 2))
    assert recall_at(ranked, truth, 1) == pytest.approx(1 / 3)
    assert ndcg_at(ranked, truth, 1) == 1.0
    assert ndcg_at(["c"], {"c"}, 20) == 1.0


def test_mean_and_standard_error() -> None:
    found = Figures.of([0.0, 1.0], [0.5, 0.5])
    assert (found.recall, found.recall_error) == (0.5, pytest.approx(0.5))
    assert (found.ndcg, found.ndcg_error, found.both) == (0.5, 0.0, 0.5)
    assert Figures.of([], []).users == 0


@given(st.permutations(range(8)), st.sets(st.integers(0, 9), min_size=1), st.integers(1, 10))
def test_figures_of_a_lesson_equal_those_of_lists(order: list[int], truth: set[int], k: int) -> None:
    scores = np.array([float(-order.index(item)) for item in range(8)])
    taken = np.array([item in truth for item in range(8)])
    twice = Lesson(
        np.zeros((16, 1), np.float32), np.r_[taken, taken], np.array([0, 8]), np.array([len(truth)] * 2)
    )
    found = twice.figures(np.r_[scores, scores], k)
    assert found.recall == pytest.approx(recall_at(order, truth, k))
    assert found.ndcg == pytest.approx(ndcg_at(order, truth, k))
