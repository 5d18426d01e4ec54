"""The one place of commits: nesting, undoing, what follows, and writers that take turns."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.mail.models import Suppression
from core.transaction import (
    HalfDoneError,
    after_commit,
    current_write_session,
    read_scope,
    reading,
    transaction,
)


def add(session: Session, name: str) -> None:
    session.add(Suppression(address=f"{name}@example.test", reason="a test"))
    session.flush()


def kept() -> list[str]:
    with reading() as session:
        found = session.scalars(select(Suppression.address).order_by(Suppression.address))
        return [address.partition("@")[0] for address in found]


def test_what_a_transaction_wrote_is_there_afterwards() -> None:
    with transaction() as session:
        add(session, "a")
    assert kept() == ["a"]
    assert current_write_session() is None


def test_an_error_undoes_everything() -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        add(session, "a")
        raise ZeroDivisionError
    assert kept() == []
    assert current_write_session() is None


def test_nested_transactions_join_the_outer_one() -> None:
    with pytest.raises(ZeroDivisionError), transaction() as outer:
        add(outer, "a")
        with transaction() as inner:
            assert inner is outer
            add(inner, "b")
        assert kept() == ["a", "b"]
        raise ZeroDivisionError
    assert kept() == []


def test_reading_inside_a_transaction_sees_its_writes() -> None:
    with transaction() as outer:
        add(outer, "a")
        with reading() as inner:
            assert inner is outer


def test_a_swallowed_error_of_a_nested_part_refuses_the_whole() -> None:
    with pytest.raises(HalfDoneError), transaction() as outer:
        add(outer, "a")
        try:
            with transaction() as inner:
                add(inner, "b")
                raise ZeroDivisionError
        except ZeroDivisionError:
            add(outer, "c")
    assert kept() == []


def test_what_follows_a_commit_finds_the_work_durable() -> None:
    seen: list[object] = []
    with transaction() as session:
        add(session, "a")
        with transaction() as inner:
            after_commit(inner, lambda: seen.append((kept(), current_write_session())))
        assert seen == []
    assert seen == [(["a"], None)]


def test_nothing_follows_an_undone_transaction() -> None:
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError), transaction() as session:
        after_commit(session, lambda: seen.append(1))
        raise ZeroDivisionError
    with transaction():
        pass
    assert seen == []


def test_a_failure_of_what_follows_neither_undoes_the_work_nor_stops_the_rest() -> None:
    seen: list[int] = []
    with transaction() as session:
        add(session, "a")
        after_commit(session, lambda: 1 // 0)
        after_commit(session, lambda: seen.append(2))
    assert (kept(), seen) == (["a"], [2])


def test_a_reading_session_refuses_to_write() -> None:
    with reading() as session:
        session.add(Suppression(address="a@example.test", reason="a test"))
        with pytest.raises(RuntimeError, match=r"use transaction\(\)"):
            session.flush()
        session.expunge_all()
    assert kept() == []


def test_a_request_has_one_reading_session_that_sees_what_was_just_written() -> None:
    with read_scope():
        with reading() as first, reading() as second:
            assert first is second
            assert first.scalar(select(func.count()).select_from(Suppression)) == 0
        with transaction() as session:
            add(session, "a")
        with reading() as third:
            assert third is first
            assert third.scalar(select(func.count()).select_from(Suppression)) == 1


@pytest.mark.usefixtures("real_transactions")
def test_twenty_writers_that_read_first_all_succeed() -> None:
    barrier, errors = threading.Barrier(20), []

    def write(number: int) -> None:
        barrier.wait()
        try:
            with transaction() as session:
                session.scalar(select(func.count()).select_from(Suppression))
                add(session, f"w{number:02}")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert kept() == [f"w{number:02}" for number in range(20)]


@pytest.mark.usefixtures("real_transactions")
def test_others_see_nothing_of_an_open_transaction() -> None:
    seen: list[list[str]] = []
    with transaction() as session:
        add(session, "a")
        other = threading.Thread(target=lambda: seen.append(kept()))
        other.start()
        other.join()
    assert seen == [[]]
    assert kept() == ["a"]
