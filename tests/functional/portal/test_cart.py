"""The cart: for visitors and people, on every device, with what went wrong in words."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from core.transaction import reading, transaction
from crm.catalogue.models import Product, Stock
from crm.identity.models import User
from crm.orders import carts
from crm.orders.carts import Owner
from crm.orders.models import Cart, CartLine
from tests.factories.goods import make_product
from tests.factories.people import PASSWORD, make_account, make_user, sign_in
from tests.factories.web import csrf_token, post


def product_of(**values: object) -> Product:
    with transaction() as session:
        return make_product(session, **values)  # type: ignore[arg-type]


def customer() -> User:
    with transaction() as session:
        return make_user(session, account=make_account(session))


def units(user: User) -> dict[str, int]:
    with reading() as session:
        view = carts.view(session, Owner(user_id=user.id))
        return {item.product.sku: item.quantity for item in view.items}


def test_an_empty_cart_offers_the_first_step(client: FlaskClient) -> None:
    page = client.get("/cart")
    assert page.status_code == 200
    assert "Your cart is empty" in page.text
    assert 'href="/shop"' in page.text
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Cart)) == 0


def test_a_visitor_adds_and_sees_the_sum(client: FlaskClient) -> None:
    product = product_of(price="12.50", names={"en": "Filter A"}, weight_g=300)
    answer = post(client, "/cart/items", {"product_id": product.id, "quantity": 2})
    assert (answer.status_code, answer.location) == (303, "/cart")
    page = client.get("/cart").text
    assert "Filter A" in page
    assert "€25.00" in page
    assert "€4.90" in page
    assert "€29.90" in page
    assert "Filter A is in your cart." in page


def test_adding_goes_back_to_where_the_person_was(client: FlaskClient) -> None:
    product = product_of()
    token = csrf_token(client)
    data = {"csrf_token": token, "product_id": str(product.id)}
    home = "http://localhost/shop?sort=price"
    assert client.post("/cart/items", data=data, headers={"Referer": home}).location == "/shop?sort=price"
    for foreign in ("http://evil.example/x", "http://localhost.evil.example/", "javascript:alert(1)"):
        assert client.post("/cart/items", data=data, headers={"Referer": foreign}).location == "/cart"
    assert client.post("/cart/items", data={**data, "next": "//evil.example"}).status_code == 400


def test_the_same_product_adds_up_to_a_limit(client: FlaskClient) -> None:
    user, product = customer(), product_of()
    sign_in(client, user)
    post(client, "/cart/items", {"product_id": product.id, "quantity": 600})
    post(client, "/cart/items", {"product_id": product.id, "quantity": 600})
    assert units(user) == {product.sku: 999}


def test_a_person_finds_the_cart_on_another_device(flask_app: Flask) -> None:
    user, product = customer(), product_of(names={"en": "Grinder"})
    post(sign_in(flask_app.test_client(), user), "/cart/items", {"product_id": product.id, "quantity": 3})
    assert "Grinder" in sign_in(flask_app.test_client(), user).get("/cart").text


def test_signing_in_brings_the_visitors_cart_along(client: FlaskClient) -> None:
    user, both, only = customer(), product_of(), product_of()
    with transaction() as session:
        carts.add(session, Owner(user_id=user.id), both.id, 998)
    post(client, "/cart/items", {"product_id": both.id, "quantity": 5})
    post(client, "/cart/items", {"product_id": only.id, "quantity": 2})
    assert post(client, "/sign-in", {"email": user.email, "password": PASSWORD}).status_code == 303
    assert units(user) == {both.sku: 999, only.sku: 2}
    with reading() as session:
        assert (
            session.scalar(select(func.count()).select_from(Cart).where(Cart.visitor_key.is_not(None))) == 0
        )


def test_a_cart_stays_with_its_person_after_signing_out(client: FlaskClient) -> None:
    user, product = customer(), product_of(names={"en": "Grinder"})
    sign_in(client, user)
    post(client, "/cart/items", {"product_id": product.id})
    post(client, "/sign-out")
    assert "Grinder" not in client.get("/cart").text
    assert units(user) == {product.sku: 1}


def test_changing_and_removing_with_a_way_back(client: FlaskClient) -> None:
    user, product = customer(), product_of(names={"en": "Grinder"})
    sign_in(client, user)
    post(client, "/cart/items", {"product_id": product.id, "quantity": 2})
    post(client, f"/cart/items/{product.id}", {"quantity": 7})
    assert units(user) == {product.sku: 7}
    gone = post(client, f"/cart/items/{product.id}/remove")
    assert units(user) == {}
    page = client.get(gone.location).text
    assert "Grinder is no longer in your cart." in page
    assert f'name="product_id" value="{product.id}"' in page
    assert 'name="quantity" value="7"' in page
    post(client, "/cart/items", {"product_id": product.id, "quantity": 7, "next": "/cart"})
    assert units(user) == {product.sku: 7}


def test_htmx_gets_the_part_that_changes(client: FlaskClient) -> None:
    user, product = customer(), product_of(price="10")
    sign_in(client, user)
    post(client, "/cart/items", {"product_id": product.id, "quantity": 1})
    part = post(client, f"/cart/items/{product.id}", {"quantity": 4}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<div id="cart"')
    assert "€40.00" in part.text
    assert 'hx-swap-oob="true"' in part.text
    wrong = post(client, f"/cart/items/{product.id}", {"quantity": "x"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "Please give a whole number from 1 to 999." in wrong.text) == (422, True)
    assert units(user) == {product.sku: 4}


def test_stock_problems_are_said_in_words_and_stop_the_checkout(client: FlaskClient) -> None:
    user = customer()
    few, none, gone = (product_of(on_hand=9, names={"en": name}) for name in ("Few", "None", "Gone"))
    sign_in(client, user)
    for product in (few, none, gone):
        post(client, "/cart/items", {"product_id": product.id, "quantity": 3})
    with transaction() as session:
        session.execute(update(Stock).where(Stock.product_id == few.id).values(on_hand=2))
        session.execute(update(Stock).where(Stock.product_id == none.id).values(on_hand=0))
        session.execute(update(Product).where(Product.id == gone.id).values(is_active=False))
    page = client.get("/cart").text
    assert "Only 2 are left." in page
    assert "Sold out at the moment." in page
    assert "We do not sell this any more." in page
    assert "/checkout" not in page
    assert client.get("/checkout").location == "/cart"


def test_a_price_that_changed_is_told_until_it_was_seen(client: FlaskClient) -> None:
    product = product_of(price="10", names={"en": "Grinder"})
    sign_in(client, customer())
    post(client, "/cart/items", {"product_id": product.id})
    with transaction() as session:
        session.execute(update(Product).where(Product.id == product.id).values(price=12))
    for _ in range(2):
        assert "Grinder: now €12.00, before €10.00" in client.get("/cart").text
    post(client, "/cart/prices")
    assert "before" not in client.get("/cart").text


def test_what_is_not_sold_does_not_get_in(client: FlaskClient) -> None:
    hidden, old = product_of(is_active=False), product_of(is_sellable=False)
    assert post(client, "/cart/items", {"product_id": hidden.id}).status_code == 404
    assert post(client, "/cart/items", {"product_id": old.id}).status_code == 422
    assert post(client, "/cart/items", {"product_id": "x"}).status_code == 422
    assert post(client, f"/cart/items/{old.id}", {"quantity": 2}).status_code == 404


def test_a_frame_counts_units_with_one_query(client: FlaskClient) -> None:
    product = product_of()
    sign_in(client, customer())
    post(client, "/cart/items", {"product_id": product.id, "quantity": 3})
    page = client.get("/cart").text
    assert 'id="cart-link"' in page
    badge = page.split('id="cart-link"')[1].split("</a>")[0]
    assert ">3<" in badge.replace(" ", "")


@pytest.mark.usefixtures("real_transactions")
@pytest.mark.parametrize("signed_in", [True, False])
def test_additions_at_the_same_moment_are_all_counted(flask_app: Flask, signed_in: bool) -> None:
    product = product_of()
    first = flask_app.test_client()
    if signed_in:
        sign_in(first, customer())
    token = csrf_token(first)
    cookies = first.get("/cart").request.headers["Cookie"]
    statuses: list[int] = []
    barrier = threading.Barrier(12)

    def add() -> None:
        client = flask_app.test_client(use_cookies=False)
        barrier.wait()
        answer = client.post(
            "/cart/items",
            data={"csrf_token": token, "product_id": str(product.id), "quantity": "2"},
            headers={"Cookie": cookies},
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=add) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 12
    with reading() as session:
        assert session.scalars(select(CartLine.quantity)).all() == [24]


@pytest.mark.parametrize("is_known", [False, True])
def test_the_frame_counts_what_is_in_the_cart_on_every_page(client: FlaskClient, is_known: bool) -> None:
    product = product_of()
    if is_known:
        sign_in(client, customer())

    def badge() -> str:
        return client.get("/shop").text.split('id="cart-link"')[1].split("</a>")[0]

    assert "count" not in badge()
    for quantity in (2, 1):
        post(client, "/cart/items", {"product_id": product.id, "quantity": quantity})
    assert ">3<" in badge().replace("\n", "").replace(" ", "")
