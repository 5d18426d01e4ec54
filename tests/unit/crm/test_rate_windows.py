"""Windows of rate limits begin with the first use, can be given back and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import clock, limits
from core.errors import RateLimited

START = datetime(2026, 3, 1, 12, 4, 59, tzinfo=UTC)  # one second before an aligned window would end


def test_a_window_begins_with_the_first_use() -> None:
    with clock.frozen(START):
        limits.hit("2 per 5 minutes", "t", "a")
    with clock.frozen(START + timedelta(minutes=4)):
        limits.hit("2 per 5 minutes", "t", "a")
        with pytest.raises(RateLimited) as told:
            limits.hit("2 per 5 minutes", "t", "a")
        assert told.value.retry_after == 61
    with clock.frozen(START + timedelta(minutes=5)):
        limits.hit("2 per 5 minutes", "t", "a")


def test_subjects_names_and_rules_are_counted_apart() -> None:
    limits.hit("1 per minute", "t", "a")
    limits.hit("1 per minute", "t", "b")
    limits.hit("1 per minute", "u", "a")
    limits.hit("1 per hour", "t", "a")
    with pytest.raises(RateLimited):
        limits.hit("1 per minute", "t", "a")


def test_giving_back_and_forgetting() -> None:
    limits.hit("1 per minute", "t", "a")
    limits.give_back("1 per minute", "t", "a")
    limits.hit("1 per minute", "t", "a")
    limits.forget("1 per minute", "t", "a")
    limits.give_back("1 per minute", "t", "a")
    limits.hit("1 per minute", "t", "a")
    with pytest.raises(RateLimited):
        limits.hit("1 per minute", "t", "a")
