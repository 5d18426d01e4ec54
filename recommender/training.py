"""From interactions to a model: candidates are compared on an inner split, the best is fitted on everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from core import clock
from recommender.algorithms.base import Algorithm, Model, Query
from recommender.algorithms.registry import (
    AUTO,
    BLEND,
    CANDIDATES,
    CHOICES,
    COMBINED,
    LEARNED,
    algorithms,
    components,
    prefixed,
)  # fmt: skip
from recommender.algorithms.sessions import SessionNeighbours
from recommender.card import CandidateFigures, ModelCard, iso
from recommender.features import Features, Life, Scored
from recommender.folds import Fold, make_folds
from recommender.heads import Blend, Head, Lesson, Trees
from recommender.interactions import Arrays, Interactions, Ints
from recommender.metrics import Figures

Report = Callable[[str, int, int], None]
"""What is being done, how many steps are done, how many there are."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Reports to nobody."""


@dataclass(frozen=True)
class Trained:
    card: ModelCard
    arrays: Arrays


@dataclass(frozen=True, eq=False)
class Fitted:
    """One fold's models and what they gave."""

    figures: dict[str, CandidateFigures]
    lesson: Lesson | None


def train(
    interactions: Interactions,
    *,
    algorithm: str = AUTO,
    k: int = 20,
    seed: int = 0,
    sessions: Interactions | None = None,
    report: Report = silent,
) -> Trained:
    """`algorithm` is one of CHOICES; `sessions` holds clicks with the session in place of the user.

    Raises ValueError for an unknown algorithm or no interactions.
    """
    if algorithm not in CHOICES:
        raise ValueError(f"unknown algorithm {algorithm!r}; one of {', '.join(CHOICES)}")
    if not len(interactions):
        raise ValueError("there are no interactions to learn from")
    started = time.perf_counter()
    if sessions is not None:
        item_ids = np.union1d(interactions.item_ids, sessions.item_ids)
        interactions, sessions = _in_items(interactions, item_ids), _in_items(sessions, item_ids)
    known = algorithms(seed)
    folds, split = make_folds(interactions, seed)
    compared = CANDIDATES if algorithm == AUTO else tuple(name for name in (algorithm,) if name in known)
    combining = algorithm in (AUTO, BLEND, LEARNED) and len(folds) >= 2
    steps = _Steps(report, len(folds) * len(COMBINED) * combining + len(compared) + 8)
    fitted = [
        _fit_fold(
            fold,
            known,
            (*(compared if number == 0 else ()), *(COMBINED if combining else ())),
            combining=combining,
            k=k,
            steps=steps,
        )
        for number, fold in enumerate(folds)
        if combining or (number == 0 and compared)
    ]
    figures = {
        name: found for name, found in (fitted[0].figures if fitted else {}).items() if name in compared
    }
    lessons = [fold.lesson for fold in fitted if fold.lesson is not None]
    if combining:
        figures |= _compare_heads(lessons, algorithm, seed, k, steps)
    chosen, because = _choose(algorithm, figures)
    now = interactions.newest
    arrays: Arrays = {"item_ids": interactions.item_ids, "newest": np.array(now)}
    for name in components(chosen):
        steps(f"fitting {name} on everything")
        arrays |= prefixed(name, known[name].fit(interactions, now))
    arrays |= prefixed("life", Life.fit(interactions, now))
    if chosen in (BLEND, LEARNED):
        # The newest window is the best teacher once it is not needed for choosing.
        steps(f"teaching {chosen}")
        arrays |= prefixed(chosen, _teach(chosen, lessons[: max(len(lessons) - 1, 1)], seed, k).arrays())
    if sessions is not None:
        steps("fitting click sessions")
        arrays |= prefixed("sessions", SessionNeighbours().fit(sessions, sessions.newest))
    timed = interactions.has_time
    card = ModelCard(
        algorithm=chosen, chosen_because=because, created_at=clock.now().isoformat(),
        users=len(np.unique(interactions.users)), items=interactions.n_items, interactions=len(interactions),
        oldest_at=iso(interactions.oldest) if timed else None, newest_at=iso(now) if timed else None,
        sessions=0 if sessions is None else sessions.n_users, k=k, split=split,
        candidates=sorted(figures.values(), key=lambda found: -found.both),
        seconds=time.perf_counter() - started, seed=seed,
    )  # fmt: skip
    return Trained(card, arrays)


def _choose(wanted: str, figures: dict[str, CandidateFigures]) -> tuple[str, str]:
    if wanted in (BLEND, LEARNED) and wanted not in figures:
        return (
            "item_item_jaccard",
            f"{wanted} was asked for, but there is too little history to learn it from",
        )
    if wanted != AUTO:
        return wanted, "asked for by name"
    if not figures:
        return "item_item_jaccard", "too little history to compare; item-item needs no tuning"
    best = max(figures.values(), key=lambda found: found.both)
    return best.algorithm, f"best mean of recall and NDCG on the inner split, over {best.users} people"


def _compare_heads(
    lessons: list[Lesson], wanted: str, seed: int, k: int, steps: _Steps
) -> dict[str, CandidateFigures]:
    """Heads learn from the older windows and are measured on the newest, which they never saw."""
    found = {}
    for name in (BLEND, LEARNED):
        if wanted in (AUTO, name):
            steps(f"teaching {name} on the older windows")
            began = time.perf_counter()
            head = _teach(name, lessons[1:], seed, k)
            figures = lessons[0].figures(head.scores(lessons[0].features), k)
            found[name] = _candidate(name, figures, time.perf_counter() - began)
    return found


def _teach(name: str, lessons: list[Lesson], seed: int, k: int) -> Head:
    if name == LEARNED:
        return Trees.learn(lessons, seed)
    # Only channels that are shares of the best score may be added up; they come first, every third column.
    return Blend.tune(lessons, Features.linear_of(lessons[0].features.shape[1]), k)


def _fit_fold(
    fold: Fold, known: dict[str, Algorithm], names: Iterable[str], *, combining: bool, k: int, steps: _Steps
) -> Fitted:
    models: dict[str, Model] = {}
    seconds: dict[str, float] = {}
    for name in dict.fromkeys(names):
        steps(f"fitting {name} on an inner split")
        began = time.perf_counter()
        models[name] = known[name].open(known[name].fit(fold.known, fold.now), fold.known.n_items)
        seconds[name] = time.perf_counter() - began
    combined = {name: models[name] for name in COMBINED if name in models}
    features = (
        Features(combined, Life.open(Life.fit(fold.known, fold.now), fold.known.n_items))
        if combining
        else None
    )
    recalls: dict[str, list[float]] = {name: [] for name in models}
    ndcgs: dict[str, list[float]] = {name: [] for name in models}
    parts: list[tuple[np.ndarray, np.ndarray, int]] = []
    sold = np.zeros(fold.known.n_items, dtype=bool)
    sold[fold.known.items] = True
    for query, truth in fold.queries():
        allowed = sold.copy()
        allowed[query.items] = False
        scored = Scored.of(models, query)
        for name, row in scored.own.items():
            recall, ndcg = _measure(scored.scores[row], allowed, truth, k)
            recalls[name].append(recall)
            ndcgs[name].append(ndcg)
        if features is not None:
            picked = features.of(_only(scored, models, combined, query), query, allowed)
            parts.append((picked.features, np.isin(picked.items, truth), len(truth)))
    figures = {
        name: _candidate(name, Figures.of(recalls[name], ndcgs[name]), seconds[name]) for name in models
    }
    return Fitted(figures, _lesson(parts) if features is not None else None)


def _only(scored: Scored, models: dict[str, Model], wanted: dict[str, Model], query: Query) -> Scored:
    """The rows of the wanted models, in their order."""
    rows = [scored.own[name] + at for name in wanted for at in range(len(models[name].channels))]
    own, at = {}, 0
    for name, model in wanted.items():
        own[name] = at
        at += len(model.channels)
    return Scored(tuple(scored.names[row] for row in rows), scored.scores[rows], own)


def _measure(scores: np.ndarray, allowed: np.ndarray, truth: Ints, k: int) -> tuple[float, float]:
    masked = np.where(allowed, scores, -np.inf)
    count = min(k, int(allowed.sum()))
    top = np.argpartition(-masked, count - 1)[:count]
    top = top[np.argsort(-masked[top], kind="stable")]
    hits = np.isin(top, truth)
    gains = 1 / np.log2(np.arange(2, k + 2))
    return float(hits.sum() / len(truth)), float(
        gains[:count][hits].sum() / gains[: min(k, len(truth))].sum()
    )


def _lesson(parts: list[tuple[np.ndarray, np.ndarray, int]]) -> Lesson:
    counts = np.array([len(taken) for _, taken, _ in parts])
    return Lesson(
        np.concatenate([features for features, _, _ in parts]),
        np.concatenate([taken for _, taken, _ in parts]),
        np.cumsum(counts) - counts,
        np.array([truth for _, _, truth in parts]),
    )


def _candidate(name: str, figures: Figures, seconds: float) -> CandidateFigures:
    return CandidateFigures(name, figures.recall, figures.ndcg, figures.users, round(seconds, 3))


def _in_items(interactions: Interactions, item_ids: np.ndarray) -> Interactions:
    place = np.searchsorted(item_ids, interactions.item_ids)
    return replace(interactions, item_ids=item_ids, items=place[interactions.items])


class _Steps:
    """Counts what has been announced."""

    def __init__(self, report: Report, total: int) -> None:
        self.report, self.total, self.done = report, total, 0

    def __call__(self, what: str) -> None:
        self.report(what, min(self.done, self.total), self.total)
        self.done += 1
