"""The trainings so far."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from recommender.models import TrainingRun


def list_runs(session: Session, limit: int = 20) -> Sequence[TrainingRun]:
    """Newest first, failed ones too."""
    query = select(TrainingRun).order_by(TrainingRun.ended_at.desc(), TrainingRun.id.desc()).limit(limit)
    return session.scalars(query).all()


def find_run_of(session: Session, version: str) -> TrainingRun | None:
    """The training that made this version; None for a model that came from elsewhere."""
    query = select(TrainingRun).where(TrainingRun.version == version).order_by(TrainingRun.ended_at.desc())
    return session.scalars(query.limit(1)).first()
