"""Which code does which job. Names are explicit, so that moving a function loses no stored job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from core.db import JSONMap

Handler = Callable[[Session, JSONMap], None]
State = TypeVar("State")
Result = TypeVar("Result")


class EffectJob(Protocol, Generic[State, Result]):
    """A job that acts on the world outside the database, in three steps.

    prepare: in a transaction: load, decide, write the ledger row with its key; None means nothing to do.
    effect: without a transaction; may run again after a crash, with the same key.
    record: in a transaction: the result, together with the job's end.
    """

    def prepare(self, session: Session, payload: JSONMap) -> State | None: ...
    def effect(self, state: State) -> Result: ...
    def record(self, session: Session, payload: JSONMap, result: Result) -> None: ...


@dataclass(frozen=True)
class Definition:
    name: str
    handler: Handler | None
    effect: EffectJob[Any, Any] | None
    max_attempts: int
    backoff: timedelta
    longest_backoff: timedelta
    turn: threading.Lock | None = None  # held from prepare to record: one at a time in each worker process


class Retry(Exception):
    """Raised by a handler: try again after `delay`; counts as an attempt unless `free`."""

    def __init__(self, reason: str, delay: timedelta | None = None) -> None:
        super().__init__(reason)
        self.delay = delay


class GiveUp(Exception):
    """Raised by a handler: trying again cannot help; the job is dead at once."""


_jobs: dict[str, Definition] = {}
_recurring: dict[str, tuple[timedelta, Callable[[Session], None]]] = {}


def _register(definition: Definition) -> None:
    if definition.name in _jobs:
        raise ValueError(f"two jobs are named {definition.name}")
    _jobs[definition.name] = definition


def job(
    name: str,
    *,
    max_attempts: int = 8,
    backoff: timedelta = timedelta(seconds=5),
    longest_backoff: timedelta = timedelta(hours=1),
) -> Callable[[Handler], Handler]:
    """A job that only touches the database: it runs and is marked done in one transaction."""

    def decorate(handler: Handler) -> Handler:
        _register(Definition(name, handler, None, max_attempts, backoff, longest_backoff))
        return handler

    return decorate


EffectClass = TypeVar("EffectClass", bound=type)


def effect_job(
    name: str,
    *,
    max_attempts: int = 8,
    backoff: timedelta = timedelta(seconds=5),
    longest_backoff: timedelta = timedelta(hours=1),
    one_at_a_time: bool = False,
) -> Callable[[EffectClass], EffectClass]:
    """A job with an outside effect: the decorated class has prepare, effect and record.

    `one_at_a_time`: a worker process is never in the middle of two of them, so killing it repeats at most one effect.
    """

    def decorate(cls: EffectClass) -> EffectClass:
        turn = threading.Lock() if one_at_a_time else None
        _register(Definition(name, None, cls(), max_attempts, backoff, longest_backoff, turn))
        return cls

    return decorate


def recurring(
    name: str, *, every: timedelta
) -> Callable[[Callable[[Session], None]], Callable[[Session], None]]:
    """Work done once per slot of `every`, however many schedulers run. It is an ordinary job."""

    def decorate(handler: Callable[[Session], None]) -> Callable[[Session], None]:
        _recurring[name] = (every, handler)
        _register(
            Definition(
                name, lambda session, _payload: handler(session), None, 3, timedelta(seconds=30), every
            )
        )
        return handler

    return decorate


def get_definition(name: str) -> Definition | None:
    return _jobs.get(name)


def list_recurring() -> dict[str, timedelta]:
    return {name: every for name, (every, _) in _recurring.items()}


def list_names() -> list[str]:
    return sorted(_jobs)
