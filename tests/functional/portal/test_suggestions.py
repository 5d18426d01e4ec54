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
from recommender import own_data
from recommender.model import forget_model, model_folder
from recommender.suggestions import suggest
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
    session.flush()
    own_data.fit(algorithm="item_item_jaccard")
    forget_model()


def test_home_recommends_with_the_purchase_that_speaks_for_it(
    session: Session, client: FlaskClient, goods: dict[str, Product]
) -> None:
    account = make_account(session, name="New office")
    _buy(session, account, goods["Machine"])
    _train(session)
    found = suggest(session, account_id=account.id, slot="home", limit=2)
    assert next((item.product.id, item.reason.cause and item.reason.cause.id) for item in found) == (
        goods["Filter"].id,
        goods["Machine"].id,
    )
    sign_in(client, make_customer(session, account=account, scope="company"))
    page = client.get("/").text
    assert "Recommended for you" in page
    assert "Because you ordered Machine in" in page


def test_what_was_bought_or_cancelled_or_is_sold_out_does_not_appear(
    session: Session, goods: dict[str, Product]
) -> None:
    account = make_account(session, name="Office with a cancelled filter")
    _buy(session, account, goods["Machine"])
    _buy(session, account, goods["Filter"], state="cancelled", days=5)
    _train(session)
    shown = {item.product.id for item in suggest(session, account_id=account.id, slot="home")}
    assert goods["Machine"].id not in shown
    assert goods["Filter"].id not in shown
    other = make_account(session, name="Another office")
    _buy(session, other, goods["Machine"])
    assert goods["Filter"].stock is not None
    goods["Filter"].stock.on_hand = 0
    session.flush()
    assert goods["Filter"].id not in {
        item.product.id for item in suggest(session, account_id=other.id, slot="home")
    }


def test_product_page_shows_what_is_bought_together(
    session: Session, client: FlaskClient, goods: dict[str, Product]
) -> None:
    _train(session)
    assert [
        item.product.id for item in suggest(session, slot="product", context_product_ids=[goods["Mug"].id])
    ] == [goods["Tea"].id]
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
    found = suggest(session, account_id=account.id, slot="home", limit=2)
    assert next(item.product.id for item in found) == goods["Lamp"].id
    assert found[0].reason.kind == "popular"
    sign_in(client, make_customer(session, account=account, scope="company"))
    assert client.get("/").status_code == 200
