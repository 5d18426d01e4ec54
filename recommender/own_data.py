"""Training on the installation's own data: signals out of the database, a model into RAPPORT_HOME."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import Conflict
from core.settings import get_settings
from core.transaction import reading
from recommender.artifacts import artifact_version
from recommender.process import run_training
from recommender.signals import gather

Report = Callable[[str, int, int], None]


def model_folder() -> Path:
    return get_settings().home / "models" / "products"


def has_model() -> bool:
    return artifact_version(model_folder()) is not None


def train(*, algorithm: str = "auto", report: Report | None = None) -> dict[str, Any]:
    """Trains in a process of its own and swaps the model in whole. Returns the model's card.

    Raises Conflict when nothing was bought yet, TrainingError when training fails; the old model stays then.
    """
    with reading() as session:
        signals = gather(session)
    if signals is None:
        raise Conflict("recommender.nothing_bought")
    folder = model_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="signals-") as workplace:
        path = Path(workplace) / "signals.npz"
        signals.save(path)
        return run_training(
            path, folder, algorithm=algorithm, report=report or (lambda _what, _done, _total: None)
        )
