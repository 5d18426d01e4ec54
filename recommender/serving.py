"""Recommendations from a trained model's arrays: no training library, no database, a few milliseconds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from recommender.algorithms.base import Model, Query
from recommender.algorithms.registry import BLEND, LEARNED, components, open_models, part
from recommender.algorithms.sessions import SessionModel, SessionNeighbours
from recommender.artifacts import ArtifactError, read_artifact
from recommender.card import ModelCard
from recommender.features import Features, Life, Scored
from recommender.heads import Blend, Head, Trees
from recommender.interactions import DAY, Arrays, Floats32, Ints

MOST_HISTORY = 500  # distinct items of a person, the newest
CLICK_KINDS = frozenset({"click", "view", "cart", "search"})
VISIT_SECONDS = 12 * 3600.0  # clicks older than this say nothing about the present visit
VISIT_WEIGHT, VISIT_HALF_LIFE = 0.7, 2 * 3600.0  # of the session neighbours beside the long memory
PERSONAL_BESIDE_CONTEXT = 0.3


class Event(NamedTuple):
    """One signal of a history; weight 1 is an order line, less is a weaker signal."""

    item: str
    weight: float
    age_seconds: float
    kind: str


class Recommendation(NamedTuple):
    item: str
    score: float
    because_item: str | None  # the history (or context) item that contributed most; None: popular


@dataclass(frozen=True, eq=False)
class _Ranking:
    scores: Floats32  # per item; only items marked in `known` have an opinion behind them
    known: np.ndarray


@dataclass(frozen=True, eq=False)
class Recommender:
    card: ModelCard
    version: str
    newest: float  # seconds since 1970 of the newest signal learned from
    item_ids: list[str]
    models: Mapping[str, Model]
    features: Features | None
    head: Head | None
    sessions: SessionModel | None

    @classmethod
    def load(cls, folder: Path) -> Recommender:
        """Raises ArtifactError when the model is missing, cut off, altered or does not fit together."""
        artifact = read_artifact(folder)
        # A request multiplies one matrix with one vector: several BLAS threads on busy cores make that 80 times slower.
        threadpool_limits(limits=1, user_api="blas")
        try:
            return cls._open(artifact.card, artifact.version, artifact.arrays)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ArtifactError("unfit", str(error)) from error

    @classmethod
    def _open(cls, card: ModelCard, version: str, arrays: Arrays) -> Recommender:
        item_ids = [str(item) for item in arrays["item_ids"]]
        count = len(item_ids)
        if len(set(item_ids)) != count or not count:
            raise ValueError("the item ids are not distinct")
        models = open_models(arrays, components(card.algorithm), count)
        features, head = None, None
        if card.algorithm in (BLEND, LEARNED):
            combined = {name: model for name, model in models.items() if name in _combined()}
            features = Features(combined, Life.open(part(arrays, "life"), count))
            kind: type[Blend] | type[Trees] = Blend if card.algorithm == BLEND else Trees
            head = kind.open(part(arrays, card.algorithm), len(features.names))
        stored = part(arrays, "sessions")
        sessions = SessionNeighbours().open(stored, count) if stored else None
        return cls(card, version, float(arrays["newest"]), item_ids, models, features, head, sessions)

    @cached_property
    def place(self) -> dict[str, int]:
        return {item: place for place, item in enumerate(self.item_ids)}

    def warm(self) -> None:
        """Builds what the first request would otherwise wait for."""
        self.recommend([(self.item_ids[0], 1.0, 0.0, "order")], k=1, context_items=self.item_ids[:1])

    def ages(self, times: Iterable[float]) -> list[float]:
        """Seconds from each time to the newest signal there is: the model's, or a newer one among these."""
        moments = list(times)
        now = max([self.newest, *moments])
        return [now - moment for moment in moments]

    def recommend(
        self,
        history: Sequence[Event | tuple[str, float, float, str]],
        exclude: AbstractSet[str] = frozenset(),
        candidates: Collection[str] | None = None,
        k: int = 20,
        context_items: Sequence[str] | None = None,
    ) -> list[Recommendation]:
        """At most k items, best first; what is excluded, in the context or not among `candidates` never appears.

        The history is not excluded by itself. Items that the model does not know are passed over. Where it has
        no opinion (a new visitor), the list is filled with what is popular, and `because_item` is None.
        """
        events = [Event(*event) for event in history]
        context = self._places(context_items or ())
        allowed = self._allowed(exclude, candidates, context)
        query = self._query(events)
        ranking = self._personal(query, allowed)
        visit = self._visit(events)
        parts: Floats32 | None = None
        if self.sessions is not None and len(visit[0]):
            scores, parts = self.sessions.scores(visit[0])
            weight = VISIT_WEIGHT * 0.5 ** (visit[1] / VISIT_HALF_LIFE)
            ranking = _mixed([(ranking, 1 - weight), (_Ranking(scores, scores > 0), weight)], allowed)
        beside = Query.of(context, np.ones(len(context)), np.zeros(len(context)))
        if len(context):
            near = self.models["item_item_jaccard"].scores(beside)[0]
            ranking = _mixed([(ranking, PERSONAL_BESIDE_CONTEXT), (_Ranking(near, near > 0), 1.0)], allowed)
        picked, scores = self._best(ranking, allowed, k)
        known = ranking.known[picked]
        reasons = self._reasons(picked, query, beside, visit[0], parts)
        return [
            Recommendation(self.item_ids[item], float(score), reason if has_reason else None)
            for item, score, reason, has_reason in zip(picked, scores, reasons, known, strict=True)
        ]

    def recommend_many(
        self, histories: Sequence[Sequence[Event]], excludes: Sequence[AbstractSet[str]], k: int = 20
    ) -> list[list[Recommendation]]:
        """The batch form, for mails: one list per history."""
        return [
            self.recommend(history, exclude, None, k)
            for history, exclude in zip(histories, excludes, strict=True)
        ]

    def popular(
        self, exclude: AbstractSet[str] = frozenset(), candidates: Collection[str] | None = None, k: int = 20
    ) -> list[Recommendation]:
        """What most people took lately."""
        return self.recommend((), exclude, candidates, k)

    def replenish(
        self, history: Sequence[Event], exclude: AbstractSet[str] = frozenset(), k: int = 20
    ) -> list[Recommendation]:
        """Items of the history that are due again, by the gaps between everyone's real purchases."""
        query = self._query([Event(*event) for event in history])
        scores = self.models["repurchase"].scores(query)[0]
        allowed = self._allowed(exclude, None, np.zeros(0, dtype=np.int64)) & (scores > 0)
        picked = np.flatnonzero(allowed)
        picked = picked[np.argsort(-scores[picked], kind="stable")][:k]
        return [
            Recommendation(self.item_ids[item], float(scores[item]), self.item_ids[item]) for item in picked
        ]

    def _places(self, items: Iterable[str]) -> Ints:
        found = (self.place.get(item) for item in items)
        return np.array([place for place in found if place is not None], dtype=np.int64)

    def _allowed(
        self, exclude: Iterable[str], candidates: Collection[str] | None, context: Ints
    ) -> np.ndarray:
        allowed = np.full(len(self.item_ids), candidates is None)
        if candidates is not None:
            allowed[self._places(candidates)] = True
        allowed[self._places(exclude)] = False
        allowed[context] = False
        return allowed

    def _query(self, events: Sequence[Event]) -> Query:
        known = [
            (self.place[event.item], event)
            for event in events
            if event.item in self.place and event.weight > 0
        ]
        ages = [max(event.age_seconds, 0.0) / DAY for _, event in known]
        full = Query.of([place for place, _ in known], [event.weight for _, event in known], ages)
        newest = slice(MOST_HISTORY)
        return Query(full.items[newest], full.weights[newest], full.ages[newest], full.oldest, full.days)

    def _visit(self, events: Sequence[Event]) -> tuple[Ints, float]:
        """This visit's clicks, most recent first, and the age of the last in seconds."""
        clicks = [
            e
            for e in events
            if e.kind in CLICK_KINDS and e.age_seconds <= VISIT_SECONDS and e.item in self.place
        ]
        clicks.sort(key=lambda event: event.age_seconds)
        return self._places(click.item for click in clicks), max(
            clicks[0].age_seconds, 0.0
        ) if clicks else 0.0

    def _personal(self, query: Query, allowed: np.ndarray) -> _Ranking:
        count = len(self.item_ids)
        if not len(query.items) or self.card.algorithm == "popularity":
            return _Ranking(np.zeros(count, dtype=np.float32), np.zeros(count, dtype=bool))
        if self.features is None or self.head is None:
            scores = self.models[self.card.algorithm].scores(query)[0]
            return _Ranking(scores, scores > 0)
        found = self.features.of(Scored.of(self.features.models, query), query, allowed)
        scores, known = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=bool)
        scores[found.items], known[found.items] = self.head.scores(found.features), True
        return _Ranking(scores, known)

    def _best(self, ranking: _Ranking, allowed: np.ndarray, k: int) -> tuple[Ints, Floats32]:
        """The best known items, then popular ones, with scores that keep falling."""
        able = np.flatnonzero(allowed & ranking.known)
        able = _top(able, ranking.scores, k)
        scores = ranking.scores[able]
        missing = k - len(able)
        if missing <= 0:
            return able, scores
        counts = self.models["popularity"].scores(_NOBODY)[0]
        rest = allowed.copy()
        rest[able] = False
        fill = np.flatnonzero(rest)
        fill = _top(fill, counts, missing)
        floor = float(scores.min()) if len(scores) else 0.0
        most = max(float(counts[fill].max()), 1e-9) if len(fill) else 1.0
        return np.r_[able, fill], np.r_[scores, floor - 2 + counts[fill] / most].astype(np.float32)

    def _reasons(
        self, picked: Ints, query: Query, beside: Query, visit: Ints, parts: Floats32 | None
    ) -> list[str | None]:
        """For each item the source with the largest share of its score, summed over the models that scored it."""
        sources: dict[int, int] = {}
        for item in (*beside.items, *visit, *query.items):
            sources.setdefault(int(item), len(sources))
        if not sources:
            return [None] * len(picked)
        shares = np.zeros((len(picked), len(sources)), dtype=np.float64)

        def add(items: Ints, found: Floats32, weight: float) -> None:
            held = np.maximum(found, 0.0)
            total = held.sum(axis=1, keepdims=True)
            columns = [sources[int(item)] for item in items]
            shares[:, columns] += weight * np.divide(held, total, out=np.zeros_like(held), where=total > 0)

        if len(query.items):
            for name, model in self.models.items():
                if name in _EXPLAINING and (self.features is not None or name == self.card.algorithm):
                    add(query.items, model.shares(query, picked), 1.0)
        if parts is not None:
            recent = visit[np.sort(np.unique(visit, return_index=True)[1])][: len(parts)]
            add(recent, parts[:, picked].T, 2.0)
        if len(beside.items):
            add(beside.items, self.models["item_item_jaccard"].shares(beside, picked), 4.0)
        names = list(sources)
        best = shares.argmax(axis=1)
        # An item never explains itself: someone who took it before is told "again" by the page, not "because".
        return [
            self.item_ids[names[at]] if shares[row, at] > 0 and names[at] != picked[row] else None
            for row, at in enumerate(best)
        ]


_NOBODY = Query.of([], [], [])
_EXPLAINING = frozenset({"item_item_jaccard", "item_item_cosine", "ease", "recent_buyers", "als", "bpr"})


def _combined() -> frozenset[str]:
    from_registry = components(BLEND)
    return frozenset(from_registry) - {"repurchase"}


def _top(items: Ints, scores: Floats32, k: int) -> Ints:
    """The k of `items` with the highest scores, of equals the lower item first, without sorting all of them."""
    held = scores[items]
    if k < len(items):
        enough = np.flatnonzero(held >= np.partition(held, len(held) - k)[len(held) - k])
        items, held = items[enough], held[enough]
    return items[np.argsort(-held, kind="stable")][:k]


def _mixed(rankings: Sequence[tuple[_Ranking, float]], allowed: np.ndarray) -> _Ranking:
    """Sum of weights times scores, each stretched to 0..1 over what may be shown."""
    scores = np.zeros(len(allowed), dtype=np.float32)
    known = np.zeros(len(allowed), dtype=bool)
    for ranking, weight in rankings:
        usable = ranking.known & allowed
        if usable.any():
            held = ranking.scores[usable]
            low, high = float(min(held.min(), 0.0)), float(held.max())
            scores[usable] += weight * (held - low) / max(high - low, 1e-9)
            known |= usable
    return _Ranking(scores, known)
