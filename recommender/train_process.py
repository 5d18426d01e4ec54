"""`python -m recommender.train_process`: reads interactions, trains, writes the artifact.

Tells its progress, its result or its error as one JSON object a line on standard output. Exit codes:
0 done, 1 it needed more memory than allowed, 2 the data cannot be used.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from recommender.algorithms.registry import AUTO, CHOICES
from recommender.artifacts import write_artifact
from recommender.interactions import Interactions
from recommender.memory import bound_memory, peak_memory_bytes
from recommender.training import train
from recommender.tsv import InteractionFileError, read_interactions


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--sessions", type=click.Path(path_type=Path))
@click.option("--algorithm", type=click.Choice(CHOICES), default=AUTO)
@click.option("--k", type=click.IntRange(1, 1000), default=20)
@click.option("--seed", type=int, default=0)
@click.option("--newest-by-source", default="{}")
@click.option("--memory-mb", type=click.IntRange(64))
def main(
    *,
    data: Path,
    folder: Path,
    sessions: Path | None,
    algorithm: str,
    k: int,
    seed: int,
    newest_by_source: str,
    memory_mb: int | None,
) -> None:
    if memory_mb is not None:
        bound_memory(memory_mb * 1024 * 1024)
        os.nice(10)  # whoever waits for a page comes first
    try:
        interactions = _read(data)
        visits = _read(sessions) if sessions is not None else None
        with threadpool_limits(limits=1, user_api="blas"):
            trained = train(
                interactions, algorithm=algorithm, k=k, seed=seed, sessions=visits,
                report=lambda what, done, total: _tell(step=what, done=done, total=total),
            )  # fmt: skip
    except (InteractionFileError, ValueError) as error:
        _tell(error=str(error), input=True)
        sys.exit(2)
    except MemoryError:
        _tell(error=f"the training needs more than the {memory_mb} MB that it may take")
        sys.exit(1)
    card = replace(
        trained.card, peak_memory_bytes=peak_memory_bytes(), newest_by_source=json.loads(newest_by_source)
    )
    write_artifact(folder, card, trained.arrays)
    _tell(card=card.to_json())


def _read(path: Path) -> Interactions:
    if path.suffix != ".npz":
        return read_interactions(path)
    try:
        return Interactions.load(path)
    except (OSError, KeyError, ValueError) as error:
        raise InteractionFileError(path, [(0, f"cannot be read ({error})")]) from None


def _tell(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
