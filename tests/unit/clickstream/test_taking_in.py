"""Taking batches in: each message once, visits by half an hour of silence, order within a batch."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream import cookies, drops
from clickstream.collecting import Sender, take
from clickstream.models import ClickDrop, ClickEvent, ClickQuarantine, ClickSession, ClickSubject
from clickstream.schemas import BadEvent, Event, read_event
from clickstream.staff_queries import list_steps
from core.transaction import reading, transaction
from tests.factories.clicks import page, track

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _events(*raws: dict[str, Any]) -> list[Event]:
    found = [read_event(raw, NOON) for raw in raws]
    assert all(isinstance(item, Event) for item in found), found
    return found  # type: ignore[return-value]


def _visitor() -> Sender:
    return Sender(None, cookies.new_visitor())


def test_the_same_message_twice_is_one_row_and_counted(session: Session) -> None:
    sender = _visitor()
    first = page("home")
    taken = take(session, sender, _events(first, first, page("cart")), received_at=NOON)
    assert (taken.accepted, taken.duplicates) == (2, 1)
    again = take(session, sender, _events(first), received_at=NOON + timedelta(minutes=1))
    assert (again.accepted, again.duplicates) == (0, 1)
    visit = session.scalars(select(ClickSession).execution_options(populate_existing=True)).one()
    assert (visit.events, visit.pages) == (2, 2)
    counted = session.scalar(select(ClickDrop.count).where(ClickDrop.reason == drops.DUPLICATE))
    assert counted == 2


def test_half_an_hour_of_silence_ends_a_visit(session: Session) -> None:
    sender = _visitor()
    for minutes in (0, 29, 58, 89):
        take(session, sender, _events(page("home")), received_at=NOON + timedelta(minutes=minutes))
    visits = session.scalars(select(ClickSession).order_by(ClickSession.started_at)).all()
    assert [(visit.started_at - NOON, visit.pages) for visit in visits] == [
        (timedelta(0), 3), (timedelta(minutes=89), 1),
    ]  # fmt: skip


def test_leaving_a_page_late_begins_no_visit(session: Session) -> None:
    sender = _visitor()
    take(session, sender, _events(page("product", "p-1")), received_at=NOON)
    left = track("Page Left", dwell_ms=5_000, kind="product", id="p-1", path="/product")
    take(session, sender, _events(left), received_at=NOON + timedelta(hours=2))
    visit = session.scalars(select(ClickSession)).one()
    assert (visit.pages, visit.dwell_ms) == (1, 5_000)


def test_dwell_is_told_at_the_page(session: Session) -> None:
    sender = _visitor()
    raws = [
        page("home"),
        track("Page Left", dwell_ms=1_500, kind="home", path="/home"),
        track("Page Left", dwell_ms=500, kind="home", path="/home"),
        page("cart"),
    ]
    take(session, sender, _events(*raws), received_at=NOON)
    visit = session.scalars(select(ClickSession)).one()
    assert [(step.event.page_kind, step.dwell_ms) for step in list_steps(session, visit.id)] == [
        ("home", 2_000), ("cart", 0),
    ]  # fmt: skip


def test_signals_are_read_off_the_events(session: Session) -> None:
    raws = [
        page("product", "p-1"),
        track("Product Viewed", product_id="p-2"),
        track("Product Clicked", product_id="p-3", list_id="search"),
        track("Product Clicked", product_id="p-4", list_id="home-popular"),
        track("Product Added", product_id="p-5", quantity=2),
        track("Product Removed", product_id="p-6"),
        page("cart"),
    ]
    take(session, _visitor(), _events(*raws), received_at=NOON)
    rows = session.execute(
        select(ClickEvent.product_id, ClickEvent.signal).where(ClickEvent.signal.is_not(None))
    )
    assert {tuple(row) for row in rows} == {
        ("p-1", "click"), ("p-2", "click"), ("p-3", "search"), ("p-4", "list"), ("p-5", "cart"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "reason", "field"),
    [
        (5, "not_object", ""),
        ({}, "message_id", "messageId"),
        ({"messageId": "a:b:c:d:e:f"}, "message_id", "messageId"),
        ({"messageId": "x" * 81}, "message_id", "messageId"),
        ({"messageId": "abcdefgh", "type": "alias"}, "type", "type"),
        ({"messageId": "abcdefgh", "type": "track", "event": "Boiled"}, "event", "event"),
        ({"messageId": "abcdefgh", "type": "track", "event": ["Cart Viewed"]}, "event", "event"),
        ({"messageId": "abcdefgh", "type": "page", "surprise": 1}, "unknown_field", "surprise"),
        ({"messageId": "abcdefgh", "type": "page", "properties": []}, "not_object", "properties"),
        ({"messageId": "abcdefgh", "type": "page", "properties": {"path": 3}}, "value", "properties.path"),
        ({"messageId": "abcdefgh", "type": "page", "properties": {"x": 3}}, "unknown_field", "properties.x"),
        ({"messageId": "abcdefgh", "type": "page", "timestamp": "soon"}, "timestamp", "timestamp"),
        ({"messageId": "abcdefgh", "type": "page", "timestamp": 12}, "timestamp", "timestamp"),
        (track("Product Added", quantity=1) | {"messageId": "abcdefgh"}, "missing", "properties.product_id"),
        (track("Product Added", product_id="p", quantity=True), "value", "properties.quantity"),
        (track("Product Added", product_id="p", quantity=-1), "value", "properties.quantity"),
        (track("Product Added", product_id="p", quantity=10**30), "value", "properties.quantity"),
        (track("Page Left", dwell_ms=10**9), "value", "properties.dwell_ms"),
        (page("product"), "value", "properties.id"),
    ],
)
def test_what_is_wrong_is_named(raw: Any, reason: str, field: str) -> None:
    bad = read_event(raw)
    assert isinstance(bad, BadEvent)
    assert (bad.reason, bad.field) == (reason, field)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/product/x?token=secret#a", "/product/x"),
        ("/o/Zk3sGq9LrT8vQ2wY5xB1nM7c", "/o/…"),
        ("/account/person@example.test/x", "/account/…/x"),
        ("/orders/SO-100042-9", "/orders/SO-100042-9"),
        ("/shop/bean-to-cup-and-filter-machines", "/shop/bean-to-cup-and-filter-machines"),
    ],
)
def test_secrets_and_addresses_in_paths_are_not_kept(given: str, kept: str) -> None:
    found = read_event(page(properties={"path": given}))
    assert isinstance(found, Event) and found.path == kept


def test_mail_addresses_in_searches_are_not_kept() -> None:
    found = read_event(track("Products Searched", query=" order of  person@example.test "))
    assert isinstance(found, Event) and found.properties["query"] == "order of …"


def test_a_program_is_marked(session: Session) -> None:
    take(session, _visitor()._replace(is_bot=True), _events(page("home")), received_at=NOON)
    assert session.scalars(select(ClickEvent.is_bot)).all() == [True]
    assert session.scalars(select(ClickSession.is_bot)).all() == [True]


def _together(*works: Any) -> list[BaseException]:
    """Runs all at once in threads, and gives back what failed."""
    gate = threading.Barrier(len(works))
    failed: list[BaseException] = []

    def run(work: Any) -> None:
        gate.wait()
        try:
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_the_same_batch_many_times_at_once_is_stored_once(real_transactions: None) -> None:
    batch = [page("home", messageId=f"race-{number:03d}-x") for number in range(40)]
    senders = [_visitor(), _visitor()]
    accepted: list[int] = []

    def work(number: int) -> Any:
        def run() -> None:
            # One sender's batch in one order, the other's in the other: neither may wait for the other in a circle.
            raws = batch if number % 2 else list(reversed(batch))
            with transaction() as session:
                taken = take(session, senders[number % 2], _events(*raws), received_at=NOON)
            accepted.append(taken.accepted)

        return run

    assert _together(*(work(number) for number in range(8))) == []
    assert sum(accepted) == 40
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ClickEvent)) == 40
        assert session.scalar(select(func.sum(ClickSession.events))) == 40
        dropped = session.scalar(select(ClickDrop.count).where(ClickDrop.reason == drops.DUPLICATE))
        assert dropped == 7 * 40


def test_first_batches_at_once_make_one_visit(real_transactions: None) -> None:
    sender = _visitor()

    def run() -> None:
        with transaction() as session:
            take(session, sender, _events(page("home")), received_at=NOON)

    assert _together(*[run] * 6) == []
    with reading() as session:
        visit = session.scalars(select(ClickSession)).one()
        assert visit.events == 6
        assert session.scalars(select(ClickSubject.window_count)).one() == 6


def test_bad_events_keep_who_sent_them(session: Session) -> None:
    sender = Sender(uuid.uuid4(), None)
    take(session, sender, [read_event({"type": "track"})], received_at=NOON)
    row = session.scalars(select(ClickQuarantine)).one()
    assert (row.person_id, row.visitor_id, row.received_at) == (sender.person_id, None, NOON)
