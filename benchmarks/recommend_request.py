"""Recommendation requests with 40,000 products, against raw `implicit` answering on the same matrix.

    python -m benchmarks.recommend_request [--products 40000] [--customers 20000] [--requests 300]

The shop is synthetic with a fixed seed: popularity follows a power law, customers keep to a few groups of
products, and histories are as long as in real shops (median about 20 products). Both sides answer for the same
customers, leaving out what they have, ten products each. `implicit` runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from threadpoolctl import threadpool_limits

from core.loader import load
from recommender.interactions import DAY, Interactions
from recommender.process import environment, run_training
from recommender.serving import Event, Recommender

K = 10
GROUPS = 400
ALGORITHMS = ("item_item_jaccard", "recent_buyers", "als")


def make_shop(products: int, customers: int, seed: int = 7) -> Interactions:
    """Purchases over a year: each customer mostly buys inside three groups of products."""
    random = np.random.default_rng(seed)
    lengths = np.clip(random.lognormal(3.0, 0.9, customers).astype(int), 2, 400)
    users = np.repeat(np.arange(customers), lengths)
    liked = random.integers(0, GROUPS, (customers, 3))
    group = liked[users, random.integers(0, 3, len(users))]
    width = products // GROUPS
    # Inside a group, and over the whole catalogue, few products sell most.
    place = np.minimum((width * random.power(0.35, len(users))).astype(int), width - 1)
    inside = group * width + (width - 1 - place)
    anywhere = np.minimum((products * random.power(0.3, len(users))).astype(int), products - 1)
    items = np.where(random.random(len(users)) < 0.8, inside, products - 1 - anywhere)
    times = random.uniform(0, 365 * DAY, len(users)) + 1.7e9
    # Every product sold once at least, so that the model knows all of them.
    users = np.r_[users, random.integers(0, customers, products)]
    items, times = np.r_[items, np.arange(products)], np.r_[times, np.full(products, 1.7e9)]
    return Interactions.of([f"u{user}" for user in users], [f"i{item}" for item in items], None, times)


def percentile(seconds: list[float], share: float) -> float:
    return float(np.quantile(np.array(seconds), share) * 1000)


def histories(shop: Interactions, count: int, seed: int = 11) -> list[list[Event]]:
    """Of customers drawn at random."""
    chosen = np.random.default_rng(seed).choice(shop.n_users, count, replace=False)
    newest = shop.newest
    order = np.argsort(shop.users, kind="stable")
    starts = np.searchsorted(shop.users[order], np.arange(shop.n_users + 1))
    return [
        [
            Event(str(shop.item_ids[shop.items[at]]), 1.0, newest - float(shop.times[at]), "order")
            for at in order[starts[user] : starts[user + 1]]
        ]
        for user in chosen
    ]


def ours(shop: Interactions, folder: Path, algorithm: str, asked: list[list[Event]]) -> list[float]:
    """Seconds of each request to the served model."""
    data = folder / "shop.npz"
    if not data.exists():
        shop.save(data)
    model_folder = folder / algorithm
    run_training(data, model_folder, algorithm=algorithm)
    model = Recommender.load(model_folder)
    model.warm()
    seconds = []
    for history in asked:
        known = {event.item for event in history}
        began = time.perf_counter()
        found = model.recommend(history, exclude=known, k=K)
        seconds.append(time.perf_counter() - began)
        if len(found) != K:
            raise SystemExit(f"{algorithm}: {len(found)} products instead of {K}")
    return seconds


def raw(folder: Path, requests: int) -> dict[str, list[float]]:
    """Seconds of each `recommend` of implicit, by model."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.recommend_request", "--raw", str(folder), "--requests", str(requests)],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def answer_raw(folder: Path, requests: int) -> None:
    """In the process that may import implicit."""
    shop = Interactions.load(folder / "shop.npz")
    matrix = shop.matrix().astype(np.float32)
    chosen = np.random.default_rng(11).choice(shop.n_users, requests, replace=False)
    found = {}
    models = {
        "item_item": load("implicit.nearest_neighbours:CosineRecommender")(K=50, num_threads=1),
        "als": load("implicit.cpu.als:AlternatingLeastSquares")(
            factors=64, iterations=3, num_threads=1, random_state=0
        ),
    }
    with threadpool_limits(limits=1, user_api="blas"):
        for name, model in models.items():
            model.fit(matrix, show_progress=False)
            seconds = []
            for user in chosen:
                began = time.perf_counter()
                model.recommend(int(user), matrix[int(user)], N=K, filter_already_liked_items=True)
                seconds.append(time.perf_counter() - began)
            found[name] = seconds
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend_request", description=__doc__)
    parser.add_argument("--products", type=int, default=40_000)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--raw", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.raw:
        answer_raw(given.raw, given.requests)
        return
    shop = make_shop(given.products, given.customers)
    asked = histories(shop, given.requests)
    print(
        f"{shop.n_items:,} products, {shop.n_users:,} customers, {len(shop):,} purchases, {len(asked)} requests"
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        mine = {algorithm: ours(shop, folder, algorithm, asked) for algorithm in ALGORITHMS}
        theirs = raw(folder, given.requests)
    rows = [*((f"ours, {name}", mine[name]) for name in ALGORITHMS)]
    rows += [(f"raw implicit, {name}", seconds) for name, seconds in theirs.items()]
    for name, seconds in rows:
        print(f"{name:28} p50 {percentile(seconds, 0.5):7.2f} ms   p95 {percentile(seconds, 0.95):7.2f} ms")
    for name, against in (("item_item_jaccard", "item_item"), ("als", "als")):
        ratio = percentile(mine[name], 0.95) / percentile(theirs[against], 0.95)
        print(f"p95 of {name}, with reasons, against raw implicit {against}: {ratio:.2f}")


if __name__ == "__main__":
    main()
