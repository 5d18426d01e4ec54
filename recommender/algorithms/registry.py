"""The algorithms by name, and which of them the blend is made of."""

from __future__ import annotations

from recommender.algorithms.base import Algorithm, Model
from recommender.algorithms.ease import Ease
from recommender.algorithms.factors import Als, Bpr
from recommender.algorithms.item_item import ItemItem
from recommender.algorithms.popularity import Popularity
from recommender.algorithms.recent_buyers import RecentBuyers
from recommender.algorithms.repurchase import Repurchase
from recommender.interactions import Arrays

BLEND, LEARNED, AUTO = "blend", "learned_ranking", "auto"
COMBINED = ("popularity", "item_item_jaccard", "ease", "recent_buyers", "als")
ALWAYS = ("popularity", "item_item_jaccard", "repurchase")  # fallback, "goes well with", "buy again"
CANDIDATES = ("popularity", "item_item_jaccard", "item_item_cosine", "ease", "recent_buyers", "als", "bpr")
CHOICES = (AUTO, *CANDIDATES, BLEND, LEARNED)


def algorithms(seed: int = 0) -> dict[str, Algorithm]:
    known: list[Algorithm] = [
        Popularity(), ItemItem("jaccard"), ItemItem("cosine"), Ease(), RecentBuyers(), Als(seed=seed),
        Bpr(seed=seed), Repurchase(),
    ]  # fmt: skip
    return {algorithm.name: algorithm for algorithm in known}


def components(chosen: str) -> tuple[str, ...]:
    """What must be fitted and stored so that `chosen` can be served."""
    used = COMBINED if chosen in (BLEND, LEARNED) else (chosen,)
    return tuple(dict.fromkeys((*ALWAYS, *used)))


def prefixed(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}.{key}": value for key, value in arrays.items()}


def part(arrays: Arrays, name: str) -> Arrays:
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}


def open_models(arrays: Arrays, names: tuple[str, ...], n_items: int) -> dict[str, Model]:
    """Raises ValueError for arrays that do not fit."""
    known = algorithms()
    return {name: known[name].open(part(arrays, name), n_items) for name in names}
