"""Rate limits: a window per rule and subject, counted in the database, alike for every process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.errors import RateLimited
from core.limits import RateCounter, forget, give_back, hit, prune_rate_counters
from core.transaction import transaction
from tests.source import ROOT

RULE, START = "3 per 5 minutes", datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)


def uses(count: int, subject: str = "a", name: str = "sign_in") -> int:
    """How many of `count` uses were let through."""
    passed = 0
    for _ in range(count):
        try:
            hit(RULE, name, subject)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_what_is_over_the_rule_is_told_when_to_come_again() -> None:
    with clock.frozen(START):
        assert uses(3) == 3
    with clock.frozen(START + timedelta(seconds=200)), pytest.raises(RateLimited) as told:
        hit(RULE, "sign_in", "a")
    assert told.value.retry_after == 101
    assert told.value.status == 429


def test_the_window_begins_with_the_first_use_and_ends() -> None:
    with clock.frozen(START):
        assert uses(5) == 3
    with clock.frozen(START + timedelta(seconds=299)):
        assert uses(1) == 0
    with clock.frozen(START + timedelta(seconds=300)):
        assert uses(5) == 3


def test_trying_on_does_not_prolong_the_window() -> None:
    for second in range(0, 300, 10):
        with clock.frozen(START + timedelta(seconds=second)):
            uses(1)
    with clock.frozen(START + timedelta(seconds=301)):
        assert uses(1) == 1


def test_subjects_names_and_rules_are_counted_apart() -> None:
    with clock.frozen(START):
        assert uses(4, "a") == 3
        assert uses(4, "b") == 3
        assert uses(4, "a", "reset") == 3
        hit("4 per 5 minutes", "sign_in", "a")


def test_what_is_forgotten_or_given_back_counts_no_more() -> None:
    with clock.frozen(START):
        assert uses(3) == 3
        give_back(RULE, "sign_in", "a")
        assert uses(2) == 1
        forget(RULE, "sign_in", "a")
        assert uses(4) == 3
        give_back(RULE, "sign_in", "never seen")


def test_no_subject_can_be_read_or_breaks_the_count(session: Session) -> None:
    for subject in ("person@example.test", "x" * 10_000, "\x00\ud800", ""):
        hit(RULE, "sign_in", subject)
    keys = session.scalars(select(RateCounter.key)).all()
    assert len(keys) == 4
    assert all(len(key) == 64 and "person" not in key for key in keys)


def test_ended_windows_are_swept_away(session: Session) -> None:
    with clock.frozen(START):
        uses(1, "old")
    with clock.frozen(START + timedelta(minutes=4)):
        uses(1, "new")
    with clock.frozen(START + timedelta(minutes=6)):
        prune_rate_counters(session)
    assert session.scalar(select(func.count()).select_from(RateCounter)) == 1


@pytest.mark.usefixtures("real_transactions")
def test_the_count_stays_whatever_becomes_of_the_request() -> None:
    hit(RULE, "sign_in", "a")
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    assert uses(5) == 2


@pytest.mark.usefixtures("real_transactions")
def test_thirty_at_once_get_no_more_than_the_rule_allows() -> None:
    barrier, passed = threading.Barrier(30), []

    def use() -> None:
        barrier.wait()
        passed.append(uses(1))

    threads = [threading.Thread(target=use) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), sum(passed)) == (30, 3)


@pytest.mark.usefixtures("real_transactions")
def test_the_limit_holds_across_processes() -> None:
    program = (
        "from core import limits\nfrom core.errors import RateLimited\npassed = 0\n"
        "for _ in range(3):\n    try:\n        limits.hit('3 per 5 minutes', 'sign_in', 'a')\n        passed += 1\n"
        "    except RateLimited:\n        pass\nprint(passed)\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    passed = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(passed) == 3
    assert uses(1) == 0
