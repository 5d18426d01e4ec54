"""How a lower package tells a higher one something: a job per subscriber, in the caller's own transaction."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar, get_type_hints

from sqlalchemy.orm import Session

from core.db import JSONMap
from core.jobs.registry import job
from core.jobs.services import enqueue


@dataclasses.dataclass(frozen=True)
class Event:
    """Base of events: frozen, of ids and plain values; `name` is its stored name."""

    name: ClassVar[str]


E = TypeVar("E", bound=Event)
Subscriber = Callable[[Session, Any], None]

_subscribers: dict[type[Event], list[str]] = {}


def _encode(event: Event) -> JSONMap:
    def plain(value: object) -> object:
        if isinstance(value, uuid.UUID):
            return str(value)
        if isinstance(value, datetime):
            return value.isoformat()
        return value

    return {field.name: plain(getattr(event, field.name)) for field in dataclasses.fields(event)}


def _decode(kind: type[E], payload: Mapping[str, Any]) -> E:
    hints = get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):
        value, hint = payload.get(field.name), str(hints[field.name])
        if isinstance(value, str) and "UUID" in hint:
            value = uuid.UUID(value)
        elif isinstance(value, str) and "datetime" in hint:
            value = datetime.fromisoformat(value)
        values[field.name] = value
    return kind(**values)


def subscribe(kind: type[E], subscribers: Iterable[Subscriber]) -> None:
    """Called by app/subscriptions.py alone. Each subscriber becomes a job of its own: idempotent, retried."""
    for subscriber in subscribers:
        job_name = f"on.{kind.name}.{subscriber.__module__}.{subscriber.__name__}"[:80]

        def handle(session: Session, payload: JSONMap, subscriber: Subscriber = subscriber) -> None:
            subscriber(session, _decode(kind, payload))

        job(job_name)(handle)
        _subscribers.setdefault(kind, []).append(job_name)


def emit(session: Session, event: Event) -> None:
    """Writes one job per subscriber of the event in the caller's transaction."""
    for job_name in _subscribers.get(type(event), ()):
        enqueue(session, job_name, _encode(event))


def list_subscriptions() -> dict[str, list[str]]:
    return {kind.name: list(names) for kind, names in _subscribers.items()}
