"""Training on the installation's own data: signals out of the database, a model into RAPPORT_HOME."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import Conflict
from core.settings import get_settings
from core.transaction import reading, transaction
from recommender.artifacts import artifact_version
from recommender.model import model_folder
from recommender.models import TrainingRun
from recommender.process import TrainingError, run_training
from recommender.signals import SignalCounts, find_pasts, write_signals

Report = Callable[[str, int, int], None]
RUNS_KEPT = 60  # two months of nights


def has_model() -> bool:
    return artifact_version(model_folder()) is not None


def train(*, cause: str = "command", algorithm: str = "auto", report: Report | None = None) -> dict[str, Any]:
    """Trains in a process of its own, swaps the model in whole and keeps its card. Returns the card.

    Raises Conflict when nothing was bought yet, TrainingError when training fails; the old model stays then.
    """
    try:
        card, counts = fit(algorithm=algorithm, report=report)
    except TrainingError as error:
        with transaction() as session:
            note_failure(session, cause, str(error))
        raise
    with transaction() as session:
        note_model(session, cause, card, counts)
    return card


def fit(*, algorithm: str = "auto", report: Report | None = None) -> tuple[dict[str, Any], SignalCounts]:
    """The training alone, without a word in the database; outside of any transaction. Raises as `train`."""
    folder = model_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="signals-") as workplace:
        signals, visits = Path(workplace) / "signals.tsv.gz", Path(workplace) / "visits.tsv.gz"
        with reading() as session:
            pasts = find_pasts(session)
            counts = write_signals(session, signals, visits, pasts)
        if not counts.total:
            raise Conflict("recommender.nothing_bought")
        card = run_training(
            signals,
            folder,
            algorithm=algorithm,
            sessions=visits if counts.clicks else None,
            newest_by_source=pasts,
            memory_mb=get_settings().recommender_memory_mb,
            report=report or (lambda _what, _done, _total: None),
        )
        return card, counts


def note_model(
    session: Session,
    cause: str,
    card: dict[str, Any],
    counts: SignalCounts,
    started_by: uuid.UUID | None = None,
) -> None:
    """Keeps the card of the model that stands in the folder now."""
    version = artifact_version(model_folder())
    session.add(
        TrainingRun(cause=cause, started_by=started_by, version=version, card=card, signals=counts.to_json())
    )
    _prune(session)


def note_failure(session: Session, cause: str, error: str, started_by: uuid.UUID | None = None) -> None:
    """Keeps why a training made no model; the old one serves on."""
    session.add(TrainingRun(cause=cause, started_by=started_by, error=error[:500], ended_at=clock.now()))
    _prune(session)


def _prune(session: Session) -> None:
    session.flush()
    kept = (
        select(TrainingRun.id).order_by(TrainingRun.ended_at.desc(), TrainingRun.id.desc()).limit(RUNS_KEPT)
    )
    session.execute(
        delete(TrainingRun)
        .where(TrainingRun.id.not_in(kept.scalar_subquery()))
        .execution_options(synchronize_session=False)
    )
