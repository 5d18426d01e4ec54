"""Parts of pages are drawn once and shown to many: nobody sees another's, and what changes shows at once."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.web.fragments import shelf
from crm.catalogue.models import Product
from tests.factories.goods import make_category, make_product
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_user, sign_in
from tests.factories.web import csrf_token

_TOKENS = re.compile(r'(?:name="csrf_token" value|name="csrf-token" content)="([^"]+)"')
_NONCES = re.compile(r'<script[^>]* nonce="([^"]+)"')


@pytest.fixture(autouse=True)
def _empty_shelf() -> None:
    shelf.clear()


def _card(page: str, product: Product) -> str:
    found = re.search(rf'<article(?:(?!</article>).)*/product/{product.slug}".*?</article>', page, re.S)
    assert found, f"no card of {product.slug}"
    return found[0]


def test_two_people_each_see_their_own_name_address_and_cart(flask_app: Flask, session: Session) -> None:
    clients, people = [], []
    for number in range(2):
        account = make_account(session, name=f"Office {number}")
        people.append(
            make_user(session, account=account, name=f"Buyer-{number}", email=f"buyer{number}@example.test")
        )
        clients.append(sign_in(flask_app.test_client(), people[-1]))
    for _round in range(2):
        for mine, client in enumerate(clients):
            for address in ("/", "/shop", "/orders"):
                page = client.get(address).text
                assert f"Buyer-{mine}" in page
                assert f"buyer{mine}@example.test" in page
                assert f"Buyer-{1 - mine}" not in page
                assert f"buyer{1 - mine}@example.test" not in page


def test_a_visitor_is_not_shown_the_menu_of_who_was_there_before(flask_app: Flask, session: Session) -> None:
    client = sign_in(flask_app.test_client(), make_user(session, account=make_account(session)))
    assert 'action="/sign-out"' in client.get("/shop").text
    page = flask_app.test_client().get("/shop").text
    assert 'action="/sign-out"' not in page
    assert 'href="/sign-in"' in page


def test_every_form_carries_the_token_of_its_own_browser(flask_app: Flask, session: Session) -> None:
    make_product(session)
    pages = [flask_app.test_client() for _ in range(2)]
    seen = []
    for client in pages:
        tokens = _TOKENS.findall(client.get("/shop").text)
        assert len(tokens) >= 3  # the head, the language and a card
        assert len(set(tokens)) == 1
        seen.append(tokens[0])
    assert seen[0] != seen[1]
    for client, own, foreign in ((pages[0], *seen), (pages[1], *reversed(seen))):
        assert client.post("/language", data={"locale": "en", "csrf_token": foreign}).status_code == 400
        assert client.post("/language", data={"locale": "en", "csrf_token": own}).status_code == 303
        assert csrf_token(client)


def test_each_answer_has_a_nonce_of_its_own(client: FlaskClient) -> None:
    seen = set()
    for _ in range(3):
        answer = client.get("/shop")
        nonces = set(_NONCES.findall(answer.text))
        assert len(nonces) == 1
        assert f"'nonce-{nonces.copy().pop()}'" in answer.headers["Content-Security-Policy"]
        seen |= nonces
    assert len(seen) == 3


def test_no_mark_is_left_in_a_page(client: FlaskClient, session: Session) -> None:
    make_product(session)
    for address in ("/", "/shop", "/no-such-page"):
        assert "mark-" not in client.get(address).text, address


def test_each_language_has_its_own_cards_menus_and_filters(client: FlaskClient, session: Session) -> None:
    names = {"en": "Filter A", "zh-Hant": "濾心甲", "zh-Hans": "滤芯甲"}
    product = make_product(session, names=names)
    pages = {
        tag: client.get("/shop", headers={"Accept-Language": tag}).text for tag in (*names, *reversed(names))
    }
    for tag, page in pages.items():
        assert names[tag] in _card(page, product)
        for other in names.keys() - {tag}:
            assert names[other] not in page
    assert len({_card(page, product).count("<") for page in pages.values()}) == 1
    assert len({re.search(r'for="filter-from">([^<]+)', page)[1] for page in pages.values()}) == 3  # type: ignore[index]


def test_a_changed_name_price_currency_or_stock_shows_at_once(client: FlaskClient, session: Session) -> None:
    product = make_product(session, price="12.50", on_hand=50, names={"en": "Old name"})
    card = _card(client.get("/shop").text, product)
    assert "Old name" in card
    assert "€12.50" in card
    assert "In stock" in card
    product.names = {"en": "New name"}
    session.flush()
    card = _card(client.get("/shop").text, product)
    assert "New name" in card
    assert "Old name" not in card
    product.price = Decimal("13.75")
    session.flush()
    assert "€13.75" in _card(client.get("/shop").text, product)
    product.currency = "GBP"
    session.flush()
    assert "£13.75" in _card(client.get("/shop").text, product)
    assert product.stock is not None
    product.stock.on_hand = 2
    session.flush()
    assert "Only a few left" in _card(client.get("/shop").text, product)
    product.stock.on_hand = 0
    session.flush()
    card = _card(client.get("/shop").text, product)
    assert "Out of stock" in card
    assert "/cart/add" not in card


def test_what_is_no_longer_sold_is_gone_at_once(client: FlaskClient, session: Session) -> None:
    product = make_product(session)
    assert product.slug in client.get("/shop").text
    product.is_active = False
    session.flush()
    assert product.slug not in client.get("/shop").text


def test_a_renamed_category_shows_at_once(client: FlaskClient, session: Session) -> None:
    category = make_category(session, names={"en": "Old kind"})
    make_product(session, category=category)
    assert "Old kind" in client.get("/").text
    category.names = {"en": "New kind"}
    session.flush()
    page = client.get("/").text
    assert "New kind" in page
    assert "Old kind" not in page


def test_the_order_list_shows_a_new_state_and_a_new_picture_at_once(
    client: FlaskClient, session: Session
) -> None:
    account = make_account(session)
    user = make_user(session, account=account)
    product = make_product(session)
    order = make_order(session, user=user, account=account, lines=[make_line(product)])
    sign_in(client, user)
    before = client.get("/orders").text
    assert "state-info" in before
    address = re.search(r'src="(/pictures/product/[^"]+)"', before)
    assert address
    product.names = {**product.names, "en": "Quite another"}
    order.state = "cancelled"
    session.flush()
    after = client.get("/orders").text
    assert "state-neutral" in after
    assert address[1] not in after
    assert "/pictures/product/" in after


def test_colleagues_are_offered_only_to_who_may_see_their_orders(flask_app: Flask, session: Session) -> None:
    account = make_account(session)
    boss = make_user(session, account=account, role="company_administrator", scope="company", name="Boss")
    clerk = make_user(session, account=account, name="Clerk")
    for user in (boss, clerk):
        make_order(session, user=user, account=account, lines=[make_line(make_product(session))])
    first = sign_in(flask_app.test_client(), boss).get("/orders").text
    second = sign_in(flask_app.test_client(), clerk).get("/orders").text
    assert 'id="filter-person"' in first
    assert 'id="filter-person"' not in second
    assert "Boss" not in second


def test_an_order_page_shows_at_once_what_came_back_and_what_a_product_is_now(
    client: FlaskClient, session: Session
) -> None:
    account = make_account(session)
    person = make_user(session, account=account)
    product = make_product(session, names={"en": "Kettle"})
    order = make_order(session, account=account, user=person, lines=[make_line(product)], state="delivered")
    sign_in(client, person)
    address, link = f"/orders/{order.number}", f'href="/product/{product.slug}"'
    for _drawn_then_kept in range(2):
        page = client.get(address).text
        assert "Returned: 1" not in page
        assert link in page
    order.lines[0].returned_quantity = 1
    product.is_sellable = False
    session.flush()
    page = client.get(address).text
    assert "Returned: 1" in page
    assert link not in page
    order.customer_note = "Please ring twice"
    session.flush()
    assert "Please ring twice" in client.get(address).text
