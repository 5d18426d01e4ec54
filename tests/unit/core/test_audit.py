"""The audit log: append-only by the database itself, chained, whole per event."""

from __future__ import annotations

import json
import logging
import threading
from decimal import Decimal

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.audit import AuditEntry, find_broken_link, list_entries, record
from core.ids import new_id
from core.telemetry import configure_logging
from core.transaction import reading, transaction

ACTOR = Actor(kind="staff", user_id=new_id(), email="editor@example.test")


def fill(session: Session, count: int = 3) -> None:
    for number in range(1, count + 1):
        record(
            session,
            ACTOR,
            "order.shipped",
            "order",
            f"SO-{number}",
            before={"state": "paid"},
            after={"n": number},
        )


def without_triggers(session: Session, statement: str) -> None:
    """What somebody with the keys of the database could do."""
    if session.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER audit_entry_no_{verb}"))
    else:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"))
    session.execute(text(statement))
    session.expire_all()


def test_an_entry_says_who_what_when_and_what_changed(session: Session) -> None:
    made = record(
        session, ACTOR, "product.changed", "product", 7, address="203.0.113.9",
        before={"price": Decimal("12.50"), "tags": {"a"}}, after={"price": Decimal("13.50")},
    )  # fmt: skip
    session.expire_all()
    (found,) = list_entries(session, object_kind="product", object_id="7")
    assert (found.seq, found.actor_id, found.actor_name) == (made.seq, ACTOR.user_id, "editor@example.test")
    assert (found.action, found.address) == ("product.changed", "203.0.113.9")
    assert (found.before, found.after) == ({"price": "12.50", "tags": ["a"]}, {"price": "13.50"})
    assert found.at.tzinfo is not None
    assert find_broken_link(session) is None


def test_an_undone_transaction_leaves_no_entry_and_no_gap(session: Session) -> None:
    fill(session, 1)
    with pytest.raises(ZeroDivisionError), session.begin_nested():
        fill(session, 2)
        raise ZeroDivisionError
    fill(session, 1)
    assert [entry.seq for entry in list_entries(session)] == [2, 1]
    assert find_broken_link(session) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET action = 'nothing.happened' WHERE seq = 2", "DELETE FROM audit_entry WHERE seq = 2",
     "DELETE FROM audit_entry", "UPDATE audit_entry SET digest = digest", "TRUNCATE audit_entry"],
)  # fmt: skip
def test_the_database_refuses_to_change_or_delete_an_entry(session: Session, statement: str) -> None:
    fill(session)
    if statement.startswith("TRUNCATE") and session.get_bind().dialect.name == "sqlite":
        statement = "DELETE FROM audit_entry WHERE 1"  # what SQLite has for it
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(text(statement))
    assert [(entry.seq, entry.action) for entry in list_entries(session)] == [
        (3, "order.shipped"), (2, "order.shipped"), (1, "order.shipped"),
    ]  # fmt: skip
    assert find_broken_link(session) is None


@pytest.mark.parametrize(
    "change",
    ["action = 'order.shippeD'", "object_id = 'SO-3'", "actor_name = 'editor@example.tesT'", "address = '::1'",
     "actor_id = NULL", "before = NULL", "after = '{\"n\": 3}'", "at = '2020-01-01 00:00:00.000000'",
     "digest = 'f' || substr(digest, 2)", "object_kind = 'Order'"],
)  # fmt: skip
def test_the_chain_finds_any_changed_entry(session: Session, change: str) -> None:
    fill(session)
    assert find_broken_link(session) is None
    without_triggers(session, f"UPDATE audit_entry SET {change} WHERE seq = 2")
    broken = find_broken_link(session)
    # Where the first character of the digest happened to be f already, the entry is unchanged.
    assert broken == 2 or (change.startswith("digest") and broken is None)


def test_the_chain_finds_a_single_changed_byte(session: Session) -> None:
    fill(session)
    without_triggers(session, "UPDATE audit_entry SET object_id = 'SO-9' WHERE seq = 1")
    assert find_broken_link(session) == 1


def test_the_chain_finds_a_missing_entry(session: Session) -> None:
    fill(session)
    without_triggers(session, "DELETE FROM audit_entry WHERE seq = 2")
    assert find_broken_link(session) == 3


@pytest.mark.usefixtures("real_transactions")
def test_writers_at_once_make_one_chain() -> None:
    barrier, errors = threading.Barrier(12), []

    def write(number: int) -> None:
        barrier.wait()
        try:
            with transaction() as session:
                record(session, ACTOR, "order.shipped", "order", number)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with reading() as session:
        assert [entry.seq for entry in list_entries(session)] == list(range(12, 0, -1))
        assert find_broken_link(session) is None


def test_line_breaks_make_no_second_entry_and_no_second_line(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = "SO-1\r\n2026-01-01 admin signed_in\u2028x\x1b[31m"
    record(session, ACTOR, "order.shipped", "order", forged, after={"note": forged})
    session.expire_all()
    (entry,) = list_entries(session)
    assert find_broken_link(session) is None
    assert len(entry.line().splitlines()) == 1
    assert "SO-1\\r\\n2026-01-01 admin signed_in\\u2028x\\u001b[31m" in entry.line()


@pytest.mark.parametrize("json_lines", [True, False])
def test_line_breaks_in_a_log_value_stay_in_its_line(
    capsys: pytest.CaptureFixture[str], json_lines: bool
) -> None:
    forged = 'x\r\n{"event": "forged"}\u2028\x1b[31m\x85'
    configure_logging("INFO", json_lines=json_lines)
    structlog.get_logger().info("told", subject=forged)
    logging.getLogger("library").warning("told %s", forged)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert not any(character in line for line in lines for character in "\x1b\r\x85\u2028")
    if json_lines:
        assert json.loads(lines[0])["subject"] == forged


def test_only_named_filters_narrow_the_list(session: Session) -> None:
    fill(session, 3)
    record(session, ACTOR, "order_x.shipped", "order", "SO-9")
    assert [entry.seq for entry in list_entries(session, action="order.")] == [3, 2, 1]
    assert [entry.seq for entry in list_entries(session, action="order_")] == [4]  # _ is no wildcard
    assert [entry.seq for entry in list_entries(session, before_seq=3, limit=1)] == [2]
    assert audit.GENESIS == "0" * 64
    assert session.get_one(AuditEntry, 1).digest != audit.GENESIS
