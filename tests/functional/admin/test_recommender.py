"""The model's page: card, history, training now, and what one customer is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin.customers.panel import Chosen
from admin.recommender import panels
from core import clock
from core.audit import AuditEntry
from core.jobs.models import Job
from crm.customers.actors import load_actor
from recommender import jobs, own_data
from recommender.artifacts import MANIFEST
from recommender.dislikes import dislike
from recommender.history import list_runs
from recommender.jobs import TRAIN, Training, due
from recommender.model import current_model, forget_model, model_folder
from recommender.process import TrainingError
from recommender.signals import SignalCounts
from tests.factories import models
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.factories.web import post


@pytest.fixture(autouse=True)
def _own_model() -> Iterator[None]:
    models.forget_everything()
    yield
    models.forget_everything()


def _run_training(session: Session, **payload: object) -> None:
    work = Training()
    state = work.prepare(session, dict(payload))
    work.record(session, dict(payload), work.effect(state))
    session.flush()
    forget_model()


def test_an_analyst_reads_the_card_and_may_not_train(session: Session, client: FlaskClient) -> None:
    models.make_goods(session)
    _run_training(session, cause="schedule")
    sign_in(client, make_staff(session, "analyst"))
    page = client.get("/staff/recommender").text
    card = current_model().card
    assert card is not None
    for text in (
        "In service",
        "Item to item (Jaccard)",
        "Nightly",
        str(card.items),
        current_model().version[:8],
    ):  # type: ignore[index]
        assert text in page
    assert "Train now" not in page
    assert post(client, "/staff/recommender/train").status_code == 403


def test_train_now_is_a_job_of_which_there_is_one(session: Session, client: FlaskClient) -> None:
    marketer = make_staff(session, "marketer")
    sign_in(client, marketer)
    assert "No model is served" in client.get("/staff/recommender").text
    for _time in range(2):
        assert post(client, "/staff/recommender/train").status_code == 303
    waiting = session.scalars(select(Job).where(Job.name == TRAIN)).all()
    assert [(job.payload["cause"], job.payload["started_by"]) for job in waiting] == [
        ("staff", str(marketer.id))
    ]
    audited = session.scalars(select(AuditEntry).where(AuditEntry.action == "recommender.train")).all()
    assert len(audited) == 1
    assert "A training is under way" in client.get("/staff/recommender").text


def test_others_have_no_way_in(session: Session, client: FlaskClient) -> None:
    for role in ("agent", "supervisor", "editor", "partner_manager"):
        sign_in(client, make_staff(session, role))
        assert client.get("/staff/recommender").status_code == 403
    account = make_account(session)
    sign_in(client, make_customer(session, account=account))
    assert client.get("/staff/recommender").status_code == 404
    assert client.get(f"/staff/recommender/customers/{account.id}").status_code == 404


def test_a_training_that_fails_is_kept_and_the_old_model_serves_on(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.make_goods(session)
    _run_training(session, cause="first")
    version = current_model().version

    def fails(**_options: object) -> None:
        raise TrainingError("the training needs more than the 512 MB that it may take")

    monkeypatch.setattr(own_data, "fit", fails)
    _run_training(session, cause="signals")
    assert current_model().version == version
    assert [(run.cause, bool(run.version)) for run in list_runs(session)] == [
        ("signals", False),
        ("first", True),
    ]
    sign_in(client, make_staff(session, "analyst"))
    page = client.get("/staff/recommender").text
    assert "more than the 512 MB" in page
    assert "In service" in page
    assert due(session, clock.now() + timedelta(hours=1)) is None


def test_a_training_that_finds_nothing_new_keeps_the_model_fresh(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.make_goods(session)
    _run_training(session, cause="schedule")
    first = current_model()
    manifest = model_folder() / MANIFEST
    told = json.loads(manifest.read_text())
    told["card"]["created_at"] = (clock.now() - timedelta(days=99)).isoformat()
    manifest.write_text(json.dumps(told))
    forget_model()
    assert current_model().kind == "stale"

    monkeypatch.setattr("recommender.model.LOOK_EVERY_SECONDS", -1.0)
    work = Training()
    state = work.prepare(session, {"cause": "schedule"})
    work.record(session, {"cause": "schedule"}, work.effect(state))
    session.flush()

    assert (current_model().kind, current_model().version) == ("ready", first.version)
    sign_in(client, make_staff(session, "analyst"))
    page = client.get("/staff/recommender").text
    assert page.count(first.version[:8] + "</span>") == 2  # type: ignore[index]
    assert page.count("in service") == 1


def test_the_history_of_cards_is_bounded(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_data, "RUNS_KEPT", 3)
    for number in range(5):
        own_data.note_failure(session, "schedule", f"failure {number}")
        session.flush()
    assert [run.error for run in list_runs(session)] == ["failure 4", "failure 3", "failure 2"]


def test_a_training_is_due_at_night_by_age_and_when_much_is_new(session: Session) -> None:
    goods = models.make_goods(session)
    noon = clock.now().replace(hour=12, minute=0)
    assert due(session, noon) == "first"
    _run_training(session, cause="first")
    trained_at = clock.now()
    assert due(session, trained_at + timedelta(minutes=5)) is None
    night = (trained_at + timedelta(days=1)).replace(hour=1, minute=30)
    assert (
        due(session, night if night - trained_at > timedelta(hours=13) else night + timedelta(days=1))
        == "schedule"
    )
    assert due(session, trained_at + timedelta(days=3)) == "schedule"
    account = make_account(session)
    for _order in range(100):
        order = models.buy(session, account, goods["Mug"], goods["Tea"], days=0)
        order.created_at = trained_at + timedelta(minutes=30)
    session.flush()
    later = trained_at + timedelta(hours=2)
    assert due(session, later) in {"signals", "schedule"}
    assert due(session, trained_at + timedelta(minutes=50)) is None


def test_looking_starts_a_training_once(session: Session) -> None:
    models.make_goods(session)
    jobs.look(session)
    jobs.look(session)
    assert session.scalars(select(Job.payload).where(Job.name == TRAIN)).all() == [{"cause": "first"}]


def test_without_orders_nothing_starts_and_training_says_why(session: Session) -> None:
    assert due(session, clock.now()) is None
    _run_training(session, cause="staff")
    run = list_runs(session)[0]
    assert (run.version, run.signals) == (None, {})
    assert run.error


def test_staff_see_what_a_customer_is_shown_and_what_is_left_out(
    session: Session, client: FlaskClient
) -> None:
    goods = models.make_goods(session)
    account = make_account(session, name="Office")
    person = make_customer(session, account=account)
    order = models.buy(session, account, goods["Machine"], user=person)
    _run_training(session, cause="command")
    from_person = client.application.test_client()
    sign_in(from_person, person)
    form = {"product_id": str(goods["Tea"].id), "next": "/"}
    assert post(from_person, "/recommendations/not-interested", form).status_code == 303
    sign_in(client, make_staff(session, "administrator"))
    page = client.get(f"/staff/recommender/customers/{account.id}").text
    assert "Because you ordered Machine in" in page
    assert f"/staff/orders/{order.number}" in page
    assert "Not interested, said the customer" in page
    assert "Has it already; one is enough" in page
    everybody = client.get(f"/staff/recommender/customers/{account.id}?person=all").text
    assert "Not interested, said the customer" not in everybody
    agent = load_actor(session, make_staff(session, "agent").id)
    assert agent is not None
    panel = panels.recommendations(session, Chosen(account, [person.id]), agent)
    assert panel is not None
    assert next(name for name, _why in panel.context["offers"]) == "Filter"
    assert panel.url is None  # agents may not open the model's pages
    found = client.get("/staff/recommender?q=Office").text
    assert f"/staff/recommender/customers/{account.id}" in found


@pytest.mark.parametrize("damage", [b"", b"rubbish", b'{"format": 1}'])
def test_a_damaged_model_is_said_and_the_page_stands(
    session: Session, client: FlaskClient, damage: bytes
) -> None:
    models.make_goods(session)
    _run_training(session, cause="first")
    (model_folder() / "manifest.json").write_bytes(damage)
    forget_model()
    sign_in(client, make_staff(session, "analyst"))
    page = client.get("/staff/recommender")
    assert page.status_code == 200
    assert "popular products" in page.text
    assert "In service" not in page.text
    analyst = load_actor(session, make_staff(session, "analyst").id)
    assert analyst is not None
    assert [(item.tone, item.count) for item in panels.work(session, analyst)] == [("warning", 1)]


def test_counts_are_told(session: Session) -> None:
    assert SignalCounts(orders=3, carts=2, clicks=1, visits=1).total == 6
    assert dislike.__doc__
