"""Recommendations on home and product pages: true reasons, what may not appear, and no model at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core import clock
from crm.catalogue.models import Product
from crm.customers.models import Account
from recommender.interactions import Interactions
from recommender.own_data import model_folder
from recommender.process import run_training
from recommender.signals import gather
from recommender.suggestions import forget_model, suggest_beside, suggest_for_account
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_customer, sign_in


@pytest.fixture(autouse=True)
def _own_model() -> Iterator[None]:
    shutil.rmtree(model_folder(), ignore_errors=True)
    forget_model()
    yield
    shutil.rmtree(model_folder(), ignore_errors=True)
    forget_model()


def _buy(
    session: Session, account: Account, *products: Product, state: str = "delivered", days: int = 10
) -> None:
    moment = clock.now() - timedelta(days=days)
    lines = [make_line(product) for product in products]
    make_order(session, account=account, lines=lines, state=state, placed_at=moment)
    session.flush()


@pytest.fixture
def goods(session: Session) -> dict[str, Product]:
    """Machines are bought with filters, mugs with tea; ten customers each."""
    made = {
        name: make_product(session, names={"en": name}, on_hand=50)
        for name in ("Machine", "Filter", "Mug", "Tea", "Lamp")
    }
    for _number in range(10):
        _buy(session, make_account(session, name="Office"), made["Machine"], made["Filter"])
        _buy(session, make_account(session, name="Home"), made["Mug"], made["Tea"])
    return made


def _train(session: Session) -> None:
    signals = gather(session)
    assert isinstance(signals, Interactions)
    path = model_folder().parent / "signals.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    signals.save(path)
    run_training(path, model_folder(), algorithm="item_item_jaccard", report=lambda *_step: None)
    forget_model()


def test_home_recommends_with_the_purchase_that_speaks_for_it(
    session: Session, client: FlaskClient, goods: dict[str, Product]
) -> None:
    account = make_account(session, name="New office")
    _buy(session, account, goods["Machine"])
    _train(session)
    found = suggest_for_account(session, account.id, 2)
    assert next((item.product.id, item.because and item.because.id) for item in found) == (
        goods["Filter"].id,
        goods["Machine"].id,
    )
    sign_in(client, make_customer(session, account=account))
    page = client.get("/").text
    assert "Recommended for you" in page
    assert "Because you bought Machine" in page


def test_what_was_bought_or_cancelled_or_is_sold_out_does_not_appear(
    session: Session, goods: dict[str, Product]
) -> None:
    account = make_account(session, name="Office with a cancelled filter")
    _buy(session, account, goods["Machine"])
    _buy(session, account, goods["Filter"], state="cancelled", days=5)
    _train(session)
    shown = {item.product.id for item in suggest_for_account(session, account.id, 4)}
    assert goods["Machine"].id not in shown
    assert goods["Filter"].id not in shown
    other = make_account(session, name="Another office")
    _buy(session, other, goods["Machine"])
    assert goods["Filter"].stock is not None
    goods["Filter"].stock.on_hand = 0
    session.flush()
    assert goods["Filter"].id not in {item.product.id for item in suggest_for_account(session, other.id, 4)}


def test_product_page_shows_what_is_bought_together(
    session: Session, client: FlaskClient, goods: dict[str, Product]
) -> None:
    _train(session)
    assert [item.product.id for item in suggest_beside(session, [goods["Mug"].id])] == [goods["Tea"].id]
    page = client.get(f"/product/{goods['Mug'].slug}")
    assert page.status_code == 200
    assert "Often bought by the same customers" in page.text


@pytest.mark.parametrize("damage", ["missing", "cut off", "rubbish"])
def test_without_a_usable_model_what_sells_most_is_shown(
    session: Session, client: FlaskClient, goods: dict[str, Product], damage: str
) -> None:
    account = make_account(session, name="Office")
    _buy(session, account, goods["Machine"])
    goods["Lamp"].popularity = 99
    session.flush()
    if damage != "missing":
        _train(session)
        for path in model_folder().rglob("*"):
            if path.is_file():
                path.write_bytes(path.read_bytes()[:20] if damage == "cut off" else b"rubbish")
        forget_model()
    found = suggest_for_account(session, account.id, 2)
    assert next(item.product.id for item in found) == goods["Lamp"].id
    assert found[0].because is None
    sign_in(client, make_customer(session, account=account))
    assert client.get("/").status_code == 200
