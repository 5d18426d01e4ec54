"""What the database tells the models: weights, visits, and whose time counts."""

from __future__ import annotations

import gzip
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from core import clock
from crm.orders.models import Cart, CartLine
from recommender.interactions import Interactions
from recommender.process import TrainingError, run_training
from recommender.signals import count_new, find_pasts, write_signals
from tests.factories import models
from tests.factories.clicks import agree
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_customer

Row = tuple[str, str, float, float]


def _rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        header, *lines = file.read().splitlines()
    assert header == "user\titem\tweight\ttime"
    cells = [line.split("\t") for line in lines]
    return [(user, item, float(weight), float(at)) for user, item, weight, at in cells]


def _write(session: Session, folder: Path) -> tuple[list[Row], list[Row]]:
    session.flush()
    signals, visits = folder / "s.tsv.gz", folder / "v.tsv.gz"
    write_signals(session, signals, visits, find_pasts(session))
    return _rows(signals), _rows(visits)


def test_orders_weigh_one_carts_half_and_clicks_a_fifth(session: Session, tmp_path: Path) -> None:
    account, product = make_account(session), make_product(session)
    person = make_customer(session, account=account)
    agree(session, person_id=person.id)
    models.buy(session, account, product, days=3)
    cart = Cart(user_id=person.id)
    cart.lines = [CartLine(product_id=product.id, quantity=2)]
    session.add(cart)
    models.look_at(session, product, person_id=person.id)
    signals, visits = _write(session, tmp_path)
    assert sorted((user, item, weight) for user, item, weight, _at in signals) == [
        (str(account.id), str(product.id), weight) for weight in (0.2, 0.5, 1.0)
    ]
    assert [(item, weight) for _visit, item, weight, _at in visits] == [(str(product.id), 1.0)]
    # The newest order is "now": neither the click nor the cart makes it three days old.
    assert len({at for *_rest, at in signals}) == 1


def test_clicks_without_consent_and_those_of_programs_teach_nothing(session: Session, tmp_path: Path) -> None:
    product = make_product(session)
    agreed, silent, program = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    agree(session, visitor_id=agreed)
    agree(session, visitor_id=program)
    models.look_at(session, product, visitor_id=agreed)
    models.look_at(session, product, visitor_id=silent)
    models.look_at(session, product, visitor_id=program, is_bot=True)
    signals, _visits = _write(session, tmp_path)
    assert [user for user, *_rest in signals] == [str(agreed)]


def test_half_an_hour_of_silence_ends_a_visit(session: Session, tmp_path: Path) -> None:
    product, visitor_id = make_product(session), uuid.uuid4()
    agree(session, visitor_id=visitor_id)
    for minutes in (100, 80, 10):
        models.look_at(session, product, visitor_id=visitor_id, minutes=minutes)
    _signals, visits = _write(session, tmp_path)
    assert [visit for visit, *_rest in visits] == ["1", "1", "2"]


@pytest.mark.parametrize("column", ["cancelled_quantity", "returned_quantity"])
def test_what_was_cancelled_or_returned_is_no_signal(session: Session, tmp_path: Path, column: str) -> None:
    account, product = make_account(session), make_product(session)
    order = models.buy(session, account, product)
    setattr(order.lines[0], column, 1)
    models.buy(session, account, product, state="cancelled")
    models.buy(session, account, product, state="awaiting_payment")
    signals, _visits = _write(session, tmp_path)
    assert signals == []


def test_an_imported_past_is_moved_up_to_now(session: Session, tmp_path: Path) -> None:
    account, product = make_account(session), make_product(session)
    models.buy(session, account, product, days=1)
    for days in (4_000, 4_010):
        models.buy(session, account, product, days=days).source = "old-shop"
    signals, _visits = _write(session, tmp_path)
    times = sorted(at for *_rest, at in signals)
    assert times[2] - times[1] == pytest.approx(0, abs=5)
    assert times[1] - times[0] == pytest.approx(10 * 86_400, abs=5)  # bought one after the other
    assert set(find_pasts(session)) == {"old-shop"}


def test_new_lines_are_counted_from_when_they_were_written(session: Session) -> None:
    account, product = make_account(session), make_product(session)
    order = models.buy(session, account, product, product, days=400)
    session.flush()
    assert count_new(session, clock.now() - timedelta(minutes=5)) == len(order.lines)
    assert count_new(session, clock.now() + timedelta(minutes=5)) == 0


def test_a_training_that_needs_more_memory_than_allowed_ends_and_leaves_no_model(tmp_path: Path) -> None:
    count = 40_000
    signals = Interactions.of(
        [f"u{number % 4_000}" for number in range(count)],
        [f"i{number * 7 % 3_000}" for number in range(count)],
        None,
        [float(number) for number in range(count)],
    )
    signals.save(tmp_path / "s.npz")
    with pytest.raises(TrainingError, match=r"more than the 64 MB|code"):
        run_training(tmp_path / "s.npz", tmp_path / "model", algorithm="ease", memory_mb=64)
    assert not (tmp_path / "model" / "manifest.json").exists()
