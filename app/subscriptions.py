"""Who listens to what. Each subscriber becomes a job of its own, written with the event."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from core.events import Event, subscribe

SUBSCRIPTIONS: dict[type[Event], list[Callable[..., Any]]] = {}


@cache
def connect() -> None:
    """Registers everything once per process."""
    for kind, subscribers in SUBSCRIPTIONS.items():
        subscribe(kind, subscribers)
