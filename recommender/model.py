"""The newest whole model, shared by all requests of a process, and what state it is in."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from core import clock
from core.settings import get_settings
from recommender.artifacts import ArtifactError, artifact_stamp
from recommender.card import ModelCard
from recommender.serving import Recommender

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 5.0


def model_folder() -> Path:
    return get_settings().home / "models" / "products"


@dataclass(frozen=True)
class ModelState:
    """`kind`: ready, stale (older than the settings allow), missing, unreadable, altered or unfit. The model
    itself only when it may be served."""

    kind: str
    model: Recommender | None = None
    card: ModelCard | None = None
    version: str | None = None


class _Holder:
    """Looks for a newer model every few seconds; a newer one is opened beside the old one, which serves on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._stamp: tuple[str, str] | None = None
        self._model: Recommender | None = None
        self._trouble = "missing"

    def get(self) -> tuple[Recommender | None, str]:
        if time.monotonic() - self._looked_at > LOOK_EVERY_SECONDS and self._lock.acquire(
            blocking=self._model is None
        ):
            try:
                if time.monotonic() - self._looked_at > LOOK_EVERY_SECONDS:
                    self._reload()
                    self._looked_at = time.monotonic()
            finally:
                self._lock.release()
        return self._model, self._trouble

    def forget(self) -> None:
        with self._lock:
            self._looked_at, self._stamp, self._model = float("-inf"), None, None
            self._trouble = "missing"

    def _reload(self) -> None:
        stamp = artifact_stamp(model_folder())
        if stamp is not None and stamp == self._stamp:
            return
        try:
            model = Recommender.load(model_folder())
            model.warm()
            self._model, self._trouble = model, ""
        except ArtifactError as error:
            if error.reason != self._trouble or stamp != self._stamp:
                log.warning("model_unusable", reason=error.reason)
            self._model, self._trouble = None, error.reason
        self._stamp = stamp


_holder = _Holder()


def forget_model() -> None:
    """Looks for the model afresh at the next request."""
    _holder.forget()


def current_model() -> ModelState:
    """The model and whether it may be served; never raises for a model that is not there or broken."""
    model, trouble = _holder.get()
    if model is None:
        return ModelState(trouble)
    kind = "stale" if is_stale(model.card) else "ready"
    return ModelState(kind, model, model.card, model.version)


def is_stale(card: ModelCard) -> bool:
    """Whether the model was trained longer ago than the settings allow."""
    age = clock.now() - datetime.fromisoformat(card.created_at)
    return age > timedelta(days=get_settings().recommender_max_age_days)
