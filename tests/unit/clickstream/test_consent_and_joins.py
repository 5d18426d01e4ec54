"""The ledger of consent, what signals it lets through, joining and parting, erasing, and what is kept how long."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clickstream import consent, cookies, services
from clickstream.collecting import Sender, take
from clickstream.models import (
    ClickEvent,
    ClickJoin,
    ClickQuarantine,
    ClickSession,
    ClickSubject,
    ConsentRecord,
)
from clickstream.queries import list_product_signals, list_product_signals_for_training, list_trail
from clickstream.retention import OF_PERSONS, OF_PROGRAMS, OF_VISITORS, keep_no_longer
from clickstream.schemas import read_event
from core import clock
from core.errors import Invalid
from core.transaction import reading, transaction
from tests.factories.clicks import agree, make_visitor, page, track

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _take(session: Session, sender: Sender, *raws: dict[str, object], at: datetime = NOON) -> None:
    take(session, sender, [read_event(raw) for raw in raws], received_at=at)


def test_nothing_is_granted_until_somebody_grants_it(session: Session) -> None:
    person_id = uuid.uuid4()
    assert not any(consent.has(session, purpose, person_id=person_id) for purpose in consent.PURPOSES)
    assert consent.find_decision(session, "clicks", person_id=person_id) is None
    with pytest.raises(Invalid):
        consent.has(session, "everything", person_id=person_id)


def test_the_newest_decision_counts_and_the_others_are_history(session: Session) -> None:
    person_id = uuid.uuid4()
    for granted, version in ((True, "1"), (False, "1"), (True, "2")):
        consent.record(session, "marketing", granted, person_id=person_id, source="test", version=version)
    assert consent.has(session, "marketing", person_id=person_id)
    assert [(row.granted, row.version) for row in consent.history(session, person_id)] == [
        (True, "2"), (False, "1"), (True, "1"),
    ]  # fmt: skip
    assert session.scalars(consent.granted_persons("marketing")).all() == [person_id]
    consent.record(session, "marketing", False, person_id=person_id, source="test")
    assert session.scalars(consent.granted_persons("marketing")).all() == []


def test_a_decision_that_changes_nothing_is_not_written_again(session: Session) -> None:
    person_id = uuid.uuid4()
    assert consent.decide(session, {"clicks": True}, person_id=person_id, source="test") == ["clicks"]
    assert consent.decide(session, {"clicks": True}, person_id=person_id, source="test") == []


def test_signals_need_consent_to_personalisation(session: Session) -> None:
    visitor_id = make_visitor(session)
    sender = Sender(None, visitor_id)
    _take(session, sender, page("product", "p-1"))
    _take(session, sender, track("Product Added", product_id="p-2"), at=NOON + timedelta(seconds=1))
    found = list_product_signals(session, visitor_id=visitor_id)
    assert [(signal.product_id, signal.kind) for signal in found] == [("p-2", "cart"), ("p-1", "click")]
    assert (
        list_product_signals(session, visitor_id=visitor_id, since=NOON + timedelta(seconds=1)) == found[:1]
    )
    assert [signal.subject for signal in list_product_signals_for_training(session)] == [str(visitor_id)] * 2
    consent.record(session, "personalisation", False, visitor_id=visitor_id, source="test")
    assert list_product_signals(session, visitor_id=visitor_id) == []
    assert list(list_product_signals_for_training(session)) == []


def test_programs_teach_nothing(session: Session) -> None:
    visitor_id = make_visitor(session)
    _take(session, Sender(None, visitor_id, True), page("product", "p-1"))
    assert list(list_product_signals_for_training(session)) == []


def test_a_join_takes_over_undecided_purposes_only(session: Session) -> None:
    person_id, visitor_id = uuid.uuid4(), make_visitor(session)
    consent.record(session, "personalisation", False, person_id=person_id, source="test")
    _take(session, Sender(None, visitor_id), page("product", "p-1"))
    assert services.join(session, visitor_id, person_id)
    assert consent.decisions(session, person_id=person_id) == {"personalisation": False, "clicks": True}
    assert [row.person_id for row in list_trail(session, person_id, 5)] == [person_id]
    assert list_product_signals(session, visitor_id=visitor_id) == []


def test_a_visitor_joins_one_person_for_ever(session: Session) -> None:
    first, second, visitor_id = uuid.uuid4(), uuid.uuid4(), make_visitor(session)
    _take(session, Sender(None, visitor_id), page("home"))
    assert services.join(session, visitor_id, first)
    assert services.join(session, visitor_id, first)
    assert not services.join(session, visitor_id, second)
    assert services.undo_join(session, visitor_id, first)
    assert not services.undo_join(session, visitor_id, first)
    assert not services.join(session, visitor_id, second)
    assert not services.join(session, visitor_id, first)
    session.expire_all()
    assert session.scalars(select(ClickEvent.person_id)).all() == [None]


def test_a_batch_that_comes_after_the_join_is_the_persons(session: Session) -> None:
    person_id, visitor_id = uuid.uuid4(), make_visitor(session)
    _take(session, Sender(None, visitor_id), page("home"))
    services.join(session, visitor_id, person_id)
    _take(session, Sender(None, visitor_id), page("cart"), at=NOON + timedelta(seconds=1))
    rows = session.execute(select(ClickEvent.person_id, ClickEvent.visitor_id)).all()
    assert {tuple(row) for row in rows} == {(person_id, visitor_id)}
    assert session.scalar(select(func.count()).select_from(ClickSession)) == 1
    assert session.scalars(select(ClickSubject.id)).all() == [person_id]


def test_the_visit_goes_on_through_signing_in(session: Session) -> None:
    person_id, visitor_id = uuid.uuid4(), make_visitor(session)
    _take(session, Sender(None, visitor_id), page("home"))
    services.join(session, visitor_id, person_id)
    _take(session, Sender(person_id, None), page("cart"), at=NOON + timedelta(minutes=2))
    session.expire_all()
    visit = session.scalars(select(ClickSession)).one()
    assert (visit.person_id, visit.visitor_id, visit.pages, visit.entry_kind) == (
        person_id, visitor_id, 2, "home",
    )  # fmt: skip


def test_joining_while_batches_arrive_loses_none(real_transactions: None) -> None:
    person_id = uuid.uuid4()
    with transaction() as session:
        visitor_id = make_visitor(session)
    gate = threading.Barrier(7)
    failed: list[BaseException] = []

    def run(work) -> None:  # type: ignore[no-untyped-def]
        gate.wait()
        try:
            with transaction() as session:
                work(session)
        except BaseException as error:
            failed.append(error)

    works = [lambda session: _take(session, Sender(None, visitor_id), page("home"))] * 6
    works.append(lambda session: services.join(session, visitor_id, person_id))
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with reading() as session:
        assert session.scalars(select(ClickEvent.person_id)).all() == [person_id] * 6
        assert session.scalars(select(ClickSubject.id)).all() == [person_id]


def test_the_houses_own_events_join_the_visit_once(session: Session) -> None:
    person_id = uuid.uuid4()
    told = {
        "message_id": "order.placed:1", "name": "Order Completed", "person_id": person_id,
        "properties": {"page_kind": "order", "page_id": "o-1"},
    }  # fmt: skip
    assert not services.record_server_event(session, at=NOON, **told)
    agree(session, person_id=person_id)
    _take(session, Sender(person_id, None), page("cart"))
    assert services.record_server_event(session, at=NOON + timedelta(minutes=3), **told)
    assert not services.record_server_event(session, at=NOON + timedelta(minutes=4), **told)
    session.expire_all()
    visit = session.scalars(select(ClickSession)).one()
    row = session.scalars(select(ClickEvent).where(ClickEvent.is_server)).one()
    assert (visit.has_order, visit.events, row.session_id, row.page_id) == (True, 2, visit.id, "o-1")


def test_erasing_takes_everything_but_the_proof_of_consent(session: Session) -> None:
    person_id, visitor_id, other = uuid.uuid4(), make_visitor(session), uuid.uuid4()
    for subject in (person_id, other):
        agree(session, person_id=subject)
        _take(session, Sender(subject, None), page("home"), {"type": "track"})  # type: ignore[arg-type]
    _take(session, Sender(None, visitor_id), page("home"))
    services.join(session, visitor_id, person_id)
    assert services.erase(session, person_id=person_id) == 2
    assert services.erase(session, person_id=person_id) == 0
    for table in (ClickEvent, ClickSession, ClickQuarantine):
        assert session.scalars(select(table.person_id)).all() == [other]  # type: ignore[attr-defined]
    assert session.scalars(select(ClickSubject.id)).all() == [other]
    assert session.scalars(select(ClickJoin.visitor_id)).all() == []
    assert consent.has(session, "clicks", person_id=person_id)
    consent.erase(session, person_id=person_id)
    assert consent.history(session, person_id) == []


def test_each_class_is_kept_as_long_as_it_may_be(session: Session) -> None:
    person_id = uuid.uuid4()
    now = clock.now()
    kept = []
    for sender, age in (
        (Sender(person_id, None), OF_PERSONS),
        (Sender(None, cookies.new_visitor()), OF_VISITORS),
        (Sender(None, cookies.new_visitor(), True), OF_PROGRAMS),
    ):
        young, old = page("home"), page("home")
        _take(session, sender, old, at=now - age - timedelta(hours=1))
        _take(session, sender, young, at=now - age + timedelta(hours=1))
        kept.append(young["messageId"])
    keep_no_longer(session)
    assert sorted(session.scalars(select(ClickEvent.message_id))) == sorted(kept)
    assert session.scalar(select(func.count()).select_from(ClickSession)) == 3


def test_a_persons_ledger_outlives_a_visitors(session: Session) -> None:
    person_id, visitor_id = uuid.uuid4(), make_visitor(session)
    agree(session, person_id=person_id)
    with clock.frozen(clock.now() + timedelta(days=400)):
        keep_no_longer(session)
    assert consent.history(session, visitor_id=visitor_id) == []
    assert session.scalar(select(func.count()).select_from(ConsentRecord)) == 2
