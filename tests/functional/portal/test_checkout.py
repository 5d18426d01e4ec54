"""From the cart to an order, by forms alone."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from core import clock
from core.jobs.models import PENDING, Job
from core.jobs.runner import run_job
from core.transaction import reading, transaction
from crm.catalogue.models import Product, Stock
from crm.customers.models import Account, Address
from crm.identity.models import User
from crm.orders import payments
from crm.orders.models import Order
from tests.factories.goods import make_product
from tests.factories.people import make_account, make_address, make_user, sign_in
from tests.factories.programs import ADDRESS
from tests.factories.web import post

NEW = {"address": "new", **ADDRESS, "delivery": "standard", "payment": "account"}


class Shopper:
    """A signed-in customer with two units of a product at 30 EUR in the cart."""

    def __init__(self, client: FlaskClient, *, on_account: bool = True) -> None:
        with transaction() as session:
            self.account: Account = make_account(session, pays_on_account=on_account)
            self.user: User = make_user(session, account=self.account)
            self.product: Product = make_product(session, price="30", on_hand=9, names={"en": "Grinder"})
        self.client = sign_in(client, self.user)
        post(client, "/cart/items", {"product_id": self.product.id, "quantity": 2})

    def choose(self, **values: str) -> None:
        answer = post(self.client, "/checkout", {**NEW, **values})
        assert (answer.status_code, answer.location) == (303, "/checkout/review"), answer.text

    def form(self) -> dict[str, str]:
        """The hidden fields of the review page."""
        page = self.client.get("/checkout/review").text
        return {name: hidden(page, name) for name in ("key", "total", "seen")}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def orders() -> list[Order]:
    with reading() as session:
        return list(session.scalars(select(Order).order_by(Order.placed_at)))


def run_due(name: str) -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.name == name).values(run_at=clock.now()))
        waiting = session.scalars(select(Job.id).where(Job.name == name, Job.state == PENDING)).all()
    for job_id in waiting:
        run_job(job_id)


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client: FlaskClient) -> None:
    page = client.get("/checkout")
    assert page.status_code == 401
    assert 'name="next"' in page.text
    assert "/checkout" in hidden(page.text, "next")


def test_address_delivery_and_payment_then_a_look_then_the_order(client: FlaskClient) -> None:
    shopper = Shopper(client)
    assert client.get("/checkout").status_code == 200
    shopper.choose(note="Back door")
    page = client.get("/checkout/review").text
    for told in ("Hafenstrasse 1", "Germany", "Grinder", "€60.00", "Back door", "Order on account"):
        assert told in page
    answer = post(client, "/checkout/review", shopper.form())
    (order,) = orders()
    assert answer.location == f"/checkout/done/{order.number}"
    assert (order.state, order.total, order.customer_note) == ("placed", Decimal(60), "Back door")
    assert (order.delivery_address["city"], order.email) == ("Hamburg", shopper.user.email)
    done = client.get(answer.location).text
    assert order.number in done
    assert "Your order stands" in done
    assert client.get("/cart").text.count("Your cart is empty") == 1


@pytest.mark.parametrize("locale, label", [("en", "Products"), ("zh-Hant", "商品"), ("zh-Hans", "商品")])
def test_the_sum_of_the_products_is_called_alike_from_the_cart_to_the_order(
    client: FlaskClient, locale: str, label: str
) -> None:
    shopper = Shopper(client)
    with transaction() as session:
        session.execute(update(User).where(User.id == shopper.user.id).values(locale=locale))
    shopper.choose()
    pages = [client.get(path).text for path in ("/cart", "/checkout/review")]
    post(client, "/checkout/review", shopper.form())
    pages.append(client.get(f"/orders/{orders()[0].number}").text)
    sums = [re.search(r"<dt>([^<]*)</dt><dd[^>]*>(?:<span[^>]*>)?([^<]*60\.00)", page) for page in pages]
    assert [found and found[1] for found in sums] == [label] * 3


def test_the_typed_address_is_kept_for_next_time(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose(save_address="y")
    with reading() as session:
        saved = session.scalars(select(Address).where(Address.account_id == shopper.account.id)).one()
    assert (saved.line1, saved.is_default) == ("Hafenstrasse 1", True)
    assert f'value="{saved.id}"' in client.get("/checkout").text


def test_a_saved_address_of_others_cannot_be_chosen(client: FlaskClient) -> None:
    shopper = Shopper(client)
    with transaction() as session:
        mine = make_address(session, shopper.account, city="Kiel").id
        theirs = make_address(session, make_account(session), city="Secret City").id
    assert "Secret City" not in client.get("/checkout").text
    refused = post(client, "/checkout", {**NEW, "address": str(theirs)})
    assert refused.status_code == 422
    assert "Secret City" not in refused.text
    shopper.choose(address=str(mine))
    post(client, "/checkout/review", shopper.form())
    assert orders()[0].delivery_address["city"] == "Kiel"


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(client: FlaskClient) -> None:
    Shopper(client)
    answer = post(client, "/checkout", {**NEW, "line1": "", "city": " ", "note": "Keep me"})
    assert answer.status_code == 422
    assert 'id="line1-error"' in answer.text
    assert 'id="city-error"' in answer.text
    assert "Keep me" in answer.text
    nothing = post(client, "/checkout", {})
    assert nothing.status_code == 422
    assert 'id="delivery-error"' in nothing.text or "delivery" in nothing.text


def test_pressing_twice_is_one_order(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose()
    form = shopper.form()
    first = post(client, "/checkout/review", form)
    second = post(client, "/checkout/review", form)
    assert first.location == second.location
    assert len(orders()) == 1
    with reading() as session:
        assert session.scalars(select(Stock.on_hand).where(Stock.product_id == shopper.product.id)).one() == 7


def test_a_second_order_has_a_key_of_its_own(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose()
    post(client, "/checkout/review", shopper.form())
    post(client, "/cart/items", {"product_id": shopper.product.id, "quantity": 1})
    shopper.choose()
    post(client, "/checkout/review", shopper.form())
    assert [order.total for order in orders()] == [Decimal(60), Decimal("34.90")]


def test_a_price_that_rose_since_the_look_is_shown_first(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose()
    form = shopper.form()
    with transaction() as session:
        session.execute(update(Product).where(Product.id == shopper.product.id).values(price=Decimal(40)))
    answer = post(client, "/checkout/review", form)
    assert answer.location == "/checkout/review"
    page = client.get("/checkout/review").text
    assert "A price changed while you were ordering." in page
    assert "€80.00" in page
    assert orders() == []
    post(client, "/checkout/review", shopper.form())
    assert orders()[0].total == Decimal(80)


def test_choices_changed_in_another_window_are_shown_first(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose()
    form = shopper.form()
    shopper.choose(city="Kiel")
    assert post(client, "/checkout/review", form).location == "/checkout/review"
    assert orders() == []


def test_what_sold_out_meanwhile_leads_back_to_the_cart(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose()
    form = shopper.form()
    with transaction() as session:
        session.execute(update(Stock).where(Stock.product_id == shopper.product.id).values(on_hand=1))
    answer = post(client, "/checkout/review", form)
    assert answer.location == "/cart"
    page = client.get("/cart").text
    assert "Of Grinder only 1 are left." in page
    assert orders() == []


def test_on_account_is_offered_only_to_those_who_may(client: FlaskClient) -> None:
    Shopper(client, on_account=False)
    assert 'value="account"' not in client.get("/checkout").text
    assert post(client, "/checkout", NEW).status_code == 422


def test_a_declined_card_can_be_replaced_on_the_same_page(client: FlaskClient) -> None:
    shopper = Shopper(client, on_account=False)
    shopper.choose(payment="card:demo_declines")
    done = post(client, "/checkout/review", shopper.form()).location
    number = done.rsplit("/", 1)[1]
    assert "We are asking the bank" in client.get(done).text
    run_due(payments.AUTHORISE)
    page = client.get(done).text
    assert "The bank declined the card." in page
    again = post(client, f"/checkout/done/{number}/payment", {"payment": "card:demo_approves"})
    assert again.location == done
    waiting = client.get(f"{done}/payment", headers={"HX-Request": "true"}).text
    assert 'hx-trigger="load delay:2s"' in waiting
    run_due(payments.AUTHORISE)
    assert "Paid. Thank you." in client.get(f"{done}/payment", headers={"HX-Request": "true"}).text
    assert orders()[0].state == "placed"


def test_fetching_from_a_dealer_is_free_and_names_the_dealer(client: FlaskClient) -> None:
    with transaction() as session:
        dealer = make_account(session, name="Nordlicht Dealers", is_partner=True)
        make_address(session, dealer, city="Bremen", is_default=True)
    shopper = Shopper(client)
    shopper.choose(delivery="pickup", pickup=str(dealer.id))
    post(client, "/checkout/review", shopper.form())
    (order,) = orders()
    assert (order.delivery_total, order.delivery_address["recipient"]) == (Decimal(0), "Nordlicht Dealers")
    for wrong in ("", "x", str(uuid.uuid4())):
        post(client, "/cart/items", {"product_id": shopper.product.id})
        assert post(client, "/checkout", {**NEW, "delivery": "pickup", "pickup": wrong}).status_code == 422


def test_somebody_elses_order_is_not_shown(client: FlaskClient) -> None:
    shopper = Shopper(client)
    shopper.choose()
    done = post(client, "/checkout/review", shopper.form()).location
    with transaction() as session:
        stranger = make_user(session, account=make_account(session, pays_on_account=True))
    sign_in(client, stranger)
    assert client.get(done).status_code == 404
    assert client.get(f"{done}/payment", headers={"HX-Request": "true"}).status_code == 404
    assert post(client, f"{done}/payment", {"payment": "account"}).status_code == 404


@pytest.mark.parametrize("path", ["/checkout", "/checkout/review"])
def test_without_anything_in_the_cart_there_is_no_checkout(client: FlaskClient, path: str) -> None:
    with transaction() as session:
        sign_in(client, make_user(session, account=make_account(session)))
    assert client.get(path).location == "/cart"
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 0
