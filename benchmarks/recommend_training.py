"""Training against raw `implicit` on the same matrix: what our own path around the fit costs.

    python -m benchmarks.recommend_training [--products 4000] [--customers 5000]

Ours is everything from the file of signals to the whole model on disk, in the training process: reading, the
factors, the fallbacks that every model carries (popularity, item to item, repurchase), writing and checking. Raw is
`fit` alone. Both get the same number of threads, factors and rounds.
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

from benchmarks.recommend_request import make_shop
from core.loader import load
from recommender.algorithms.factors import Als
from recommender.algorithms.item_item import ItemItem
from recommender.interactions import Interactions
from recommender.process import environment, run_training

ROUNDS = 3


def fit_both(data: Path) -> None:
    """In the process that may import implicit: our algorithms' fit and the library's, in turn."""
    shop = Interactions.load(data)
    now = shop.newest
    matrix = shop.matrix().astype(np.float32)
    als = Als()
    options = {"factors": als.factors, "iterations": als.iterations, "regularization": als.regularization,
               "random_state": 0, "num_threads": 1}  # fmt: skip
    raw_als = load("implicit.cpu.als:AlternatingLeastSquares")
    raw_cosine = load("implicit.nearest_neighbours:CosineRecommender")
    pairs = {
        "als": (
            lambda: als.fit(shop, now),
            lambda: raw_als(**options).fit(matrix, show_progress=False),
        ),
        "item_item_cosine": (
            lambda: ItemItem("cosine").fit(shop, now),
            lambda: raw_cosine(K=50, num_threads=1).fit(matrix, show_progress=False),
        ),
    }
    found: dict[str, list[list[float]]] = {}
    with threadpool_limits(limits=1, user_api="blas"):
        for name, sides in pairs.items():
            found[name] = [[], []]
            for _round in range(ROUNDS):
                for side, fit in enumerate(sides):
                    began = time.perf_counter()
                    fit()
                    found[name][side].append(time.perf_counter() - began)
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommend_training", description=__doc__)
    parser.add_argument("--products", type=int, default=4_000)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--fit", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fit:
        fit_both(given.fit)
        return
    shop = make_shop(given.products, given.customers)
    print(f"{shop.n_items:,} products, {shop.n_users:,} customers, {len(shop):,} purchases")
    with TemporaryDirectory() as name:
        data = Path(name) / "shop.npz"
        shop.save(data)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.recommend_training", "--fit", str(data)],
            env=environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        for algorithm, (ours, raw) in json.loads(done.stdout.splitlines()[-1]).items():
            print(
                f"{algorithm:18} ours {np.median(ours):6.2f} s   raw implicit {np.median(raw):6.2f} s   "
                f"share {np.median(ours) / np.median(raw):.2f}"
            )
        began = time.perf_counter()
        card = run_training(data, Path(name) / "model", algorithm="als")
        whole = time.perf_counter() - began
        print(
            f"als, whole: process started, read, compared, fitted, written {whole:.1f} s, "
            f"{card['peak_memory_bytes'] / 1e6:.0f} MB at most"
        )


if __name__ == "__main__":
    main()
