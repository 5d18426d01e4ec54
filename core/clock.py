"""The one place that knows what time it is, so that a test can say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


def today(timezone: str = "UTC") -> date:
    """The calendar day that people in `timezone` have now."""
    return now().astimezone(ZoneInfo(timezone)).date()


@contextmanager
def frozen(moment: datetime, *, step: timedelta = timedelta(0)) -> Iterator[None]:
    """For tests: now() answers `moment`, moved on by `step` at each call."""
    global _source
    if moment.tzinfo is None:
        raise ValueError("a frozen moment must be aware")
    at = moment.astimezone(UTC)

    def answer() -> datetime:
        nonlocal at
        result, at = at, at + step
        return result

    before, _source = _source, answer
    try:
        yield
    finally:
        _source = before
