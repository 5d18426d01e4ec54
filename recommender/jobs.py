"""Training without being asked: at night, when much is new, and when a member of staff wants it now."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.db import JSONMap
from core.errors import Conflict, Forbidden
from core.jobs import effect_job, enqueue, recurring
from core.jobs.models import PENDING, RUNNING, Job
from core.settings import get_settings
from crm.orders.models import Order
from recommender import own_data
from recommender.artifacts import ArtifactError, read_card
from recommender.model import model_folder
from recommender.models import TrainingRun
from recommender.process import TrainingError
from recommender.signals import SignalCounts, count_new

log = structlog.get_logger()

TRAIN = "recommender.train"
NIGHT = range(1, 5)  # o'clock in the default time zone
NIGHTLY_AGE = timedelta(hours=12)
OLDEST = timedelta(hours=26)  # a house that sleeps at night trains by day
MANY_NEW, MANY_SHARE = 200, 0.05  # order lines, and as a share of what the model learned from
PAUSE = timedelta(hours=1)  # between trainings that new signals ask for
PAUSE_AFTER_FAILURE = timedelta(hours=6)


@dataclass(frozen=True)
class _Wanted:
    cause: str
    started_by: uuid.UUID | None


@dataclass(frozen=True)
class _Ended:
    wanted: _Wanted
    card: dict[str, Any] | None
    counts: SignalCounts
    error: str = ""


@effect_job(TRAIN, max_attempts=2, backoff=timedelta(minutes=5))
class Training:
    """The work is done by a process of its own, with bounded memory and at low priority."""

    def prepare(self, _session: Session, payload: JSONMap) -> _Wanted:
        by = payload.get("started_by")
        return _Wanted(str(payload.get("cause", "schedule")), uuid.UUID(by) if by else None)

    def effect(self, state: _Wanted) -> _Ended:
        try:
            card, counts = own_data.fit()
        except (TrainingError, Conflict) as error:
            log.warning("training_failed", error=str(error))
            return _Ended(state, None, SignalCounts(), str(error))
        return _Ended(state, card, counts)

    def record(self, session: Session, _payload: JSONMap, result: _Ended) -> None:
        wanted = result.wanted
        if result.card is None:
            own_data.note_failure(session, wanted.cause, result.error, wanted.started_by)
        else:
            own_data.note_model(session, wanted.cause, result.card, result.counts, wanted.started_by)


@recurring("recommender.look", every=timedelta(minutes=20))
def look(session: Session) -> None:
    """Starts a training when one is due."""
    if cause := due(session, clock.now()):
        enqueue(session, TRAIN, {"cause": cause}, key=TRAIN)


def due(session: Session, now: datetime) -> str | None:
    """Why a training should start now: first, signals or schedule; None when the model is fresh enough."""
    failed_at = session.scalar(select(func.max(TrainingRun.ended_at)).where(TrainingRun.version.is_(None)))
    if failed_at is not None and now - failed_at < PAUSE_AFTER_FAILURE:
        return None
    try:
        card = read_card(model_folder())
    except ArtifactError:
        return "first" if session.scalar(select(Order.id).limit(1)) is not None else None
    trained_at = datetime.fromisoformat(card.created_at)
    age = now - trained_at
    hour = now.astimezone(ZoneInfo(get_settings().default_timezone)).hour
    if (hour in NIGHT and age > NIGHTLY_AGE) or age > OLDEST:
        return "schedule"
    if age > PAUSE and count_new(session, trained_at) >= max(MANY_NEW, card.interactions * MANY_SHARE):
        return "signals"
    return None


def train_now(session: Session, *, actor: Actor) -> bool:
    """A member of staff asks for a training; False when one is waiting or running. Raises Forbidden."""
    if not actor.can("recommender.manage"):
        raise Forbidden
    if is_under_way(session):
        return False
    payload = {"cause": "staff", "started_by": str(actor.user_id) if actor.user_id else None}
    enqueue(session, TRAIN, payload, key=TRAIN)
    audit.record(session, actor, "recommender.train", "recommender", "products", after={"cause": "staff"})
    return True


def is_under_way(session: Session) -> bool:
    found = select(Job.id).where(Job.name == TRAIN, Job.state.in_((PENDING, RUNNING))).limit(1)
    return session.scalar(found) is not None
