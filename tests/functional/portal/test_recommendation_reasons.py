"""Each recommendation names the order line or click that it comes from, and nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core import clock
from core.i18n import speaking
from crm.catalogue.models import Product
from recommender.suggestions import Suggestion, suggest
from recommender.words import why
from tests.factories import models
from tests.factories.clicks import agree, make_visitor
from tests.factories.people import make_account, make_customer, sign_in
from tests.factories.statements import statements

Goods = dict[str, Product]


@pytest.fixture
def goods(session: Session) -> Iterator[Goods]:
    models.forget_everything()
    made = models.make_goods(session)
    models.train(session)
    yield made
    models.forget_everything()


def _of(found: list[Suggestion], product: Product) -> Suggestion:
    return next(item for item in found if item.product.id == product.id)


def test_an_order_speaks_with_its_line_and_the_page_leads_there(
    session: Session, client: FlaskClient, goods: Goods
) -> None:
    account = make_account(session)
    person = make_customer(session, account=account)
    order = models.buy(session, account, goods["Machine"], user=person, days=1)
    found = suggest(session, account_id=account.id, person_id=person.id, slot="home")
    reason = _of(found, goods["Filter"]).reason
    assert (reason.kind, reason.line_id, reason.order_number) == ("order", order.lines[0].id, order.number)
    assert reason.cause is not None and reason.cause.id == goods["Machine"].id
    sign_in(client, person)
    page = client.get("/").text
    assert "Because you ordered Machine in" in page
    assert f"/orders/{order.number}?lines=all#line-{order.lines[0].id}" in page
    assert f'id="line-{order.lines[0].id}"' in client.get(f"/orders/{order.number}?lines=all").text


def test_the_next_page_reflects_the_last_click_of_a_visitor_who_agreed(
    session: Session, client: FlaskClient, goods: Goods
) -> None:
    visitor_id = make_visitor(session, client)
    assert "Recommended for you" not in client.get("/").text
    click = models.look_at(session, goods["Lamp"], visitor_id=visitor_id)
    reason = _of(suggest(session, visitor_id=visitor_id, slot="home"), goods["Bulb"]).reason
    assert (reason.kind, reason.event_id) == ("click", click.id)
    assert "Because you looked at Lamp today" in client.get("/").text
    models.look_at(session, goods["Mug"], visitor_id=visitor_id, minutes=0.5)
    first = suggest(session, visitor_id=visitor_id, slot="home")[0]
    assert first.product.id == goods["Tea"].id


def test_a_click_counts_at_once_beside_many_orders(session: Session, goods: Goods) -> None:
    account = make_account(session)
    person = make_customer(session, account=account)
    agree(session, person_id=person.id)
    for days in range(1, 20):
        models.buy(session, account, goods["Machine"], user=person, days=days)
    click = models.look_at(session, goods["Mug"], person_id=person.id)
    found = suggest(session, account_id=account.id, person_id=person.id, slot="home", limit=3)
    assert _of(found, goods["Tea"]).reason.event_id == click.id


@pytest.mark.parametrize("agreed", [{}, {"clicks": True, "personalisation": False}])
def test_clicks_without_consent_to_personalisation_say_nothing(
    session: Session, goods: Goods, agreed: dict[str, bool]
) -> None:
    visitor_id = uuid.uuid4()
    if agreed:
        agree(session, visitor_id=visitor_id, **agreed)
    models.look_at(session, goods["Lamp"], visitor_id=visitor_id)
    found = suggest(session, visitor_id=visitor_id, slot="home")
    assert {item.reason.kind for item in found} == {"popular"}


def test_the_cart_and_a_product_speak_for_what_goes_with_them(session: Session, goods: Goods) -> None:
    here = [goods["Mug"].id]
    beside = suggest(session, slot="product", context_product_ids=here)
    assert [(item.product.id, item.reason.kind) for item in beside] == [(goods["Tea"].id, "together")]
    cart = suggest(session, slot="cart", context_product_ids=here)
    with speaking("en"):
        assert [why(item) for item in cart] == ["Often bought with Mug, which is in your cart"]
        assert [why(item) for item in beside] == ["Often bought together with Mug"]


def test_a_reason_never_names_another_customers_or_an_unseen_colleagues_order(
    session: Session, goods: Goods
) -> None:
    account = make_account(session)
    person = make_customer(session, account=account)
    colleague = make_customer(session, account=account)
    manager = make_customer(session, account=account, scope="company")
    order = models.buy(session, account, goods["Machine"], user=colleague)
    stranger = make_account(session, name="Competitor")
    models.buy(session, stranger, goods["Lamp"])

    def lines(who: uuid.UUID) -> set[uuid.UUID | None]:
        found = suggest(session, account_id=account.id, person_id=who, slot="home", limit=6)
        return {item.reason.line_id for item in found if item.reason.kind != "popular"}

    assert lines(person.id) == set()
    assert lines(colleague.id) == {order.lines[0].id}
    assert lines(manager.id) == {order.lines[0].id}
    for slot in ("cart", "product", "order"):
        beside = suggest(
            session, account_id=account.id, person_id=person.id, slot=slot, context_product_ids=[goods["Machine"].id]
        )  # fmt: skip
        assert {item.reason.order_number for item in beside} == {None}


def test_someone_who_moved_to_another_company_takes_no_order_along(session: Session, goods: Goods) -> None:
    old, new = make_account(session, name="Old"), make_account(session, name="New")
    person = make_customer(session, account=new, scope="company")
    models.buy(session, old, goods["Machine"], user=person)
    found = suggest(session, account_id=new.id, person_id=person.id, slot="home")
    assert {item.reason.kind for item in found} == {"popular"}


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "Because you looked at Machine yesterday"),
        ("zh-Hant", "因為您昨天看過「Machine」"),
        ("zh-Hans", "因为您昨天看过“Machine”"),
    ],
)
def test_sentences_are_true_in_each_language(
    session: Session, goods: Goods, locale: str, sentence: str
) -> None:
    visitor_id = make_visitor(session)
    models.look_at(session, goods["Machine"], visitor_id=visitor_id, minutes=24 * 60)
    found = suggest(session, visitor_id=visitor_id, slot="home")
    with speaking(locale, "UTC"):
        assert sentence in {why(item) for item in found}


def test_a_consumable_comes_back_when_it_is_used_up_and_not_before(session: Session, goods: Goods) -> None:
    filters = goods["Filter"]
    filters.consumable_days = 60
    session.flush()
    for days, expected in ((20, False), (68, True)):
        account = make_account(session)
        order = models.buy(session, account, filters, days=days)
        found = suggest(session, account_id=account.id, slot="home")
        again = [item for item in found if item.is_again]
        assert [item.product.id for item in again] == ([filters.id] if expected else [])
        if expected:
            assert again[0].reason.line_id == order.lines[0].id
            with speaking("en"):
                assert why(again[0]).startswith("You last ordered this in")
    twice = make_account(session)
    models.buy(session, twice, filters, days=68, quantity=2)
    assert not any(item.is_again for item in suggest(session, account_id=twice.id, slot="home"))


def test_an_imported_past_counts_from_its_own_end(session: Session, goods: Goods) -> None:
    """Years lie between the import and today's orders: what was used up then is due now."""
    tea = goods["Tea"]
    tea.consumable_days = 30
    old = make_account(session)
    for days in (4_000, 4_029):
        order = models.buy(session, make_account(session) if days == 4_000 else old, tea, days=days)
        order.source = "old-shop"
    models.train(session)
    again = [item for item in suggest(session, account_id=old.id, slot="home") if item.is_again]
    assert [item.product.id for item in again] == [tea.id]


def test_a_list_costs_a_fixed_number_of_queries(session: Session, goods: Goods) -> None:
    counts = []
    for orders in (1, 30):
        account = make_account(session)
        person = make_customer(session, account=account)
        agree(session, person_id=person.id)
        for days in range(orders):
            models.buy(session, account, goods["Machine"], user=person, days=days)
        models.look_at(session, goods["Mug"], person_id=person.id)
        with statements() as seen:
            suggest(session, account_id=account.id, person_id=person.id, slot="home", limit=2)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


def test_a_visitor_of_whom_nothing_is_known_costs_nothing_but_the_popular_list(
    session: Session, goods: Goods
) -> None:
    found = suggest(session, slot="home", limit=3)
    assert len(found) == 3
    assert {item.reason.kind for item in found} == {"popular"}


def test_an_unknown_slot_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="unknown slot"):
        suggest(session, slot="nowhere")


def test_old_clicks_are_forgotten(session: Session, goods: Goods) -> None:
    visitor_id = make_visitor(session)
    minutes = timedelta(days=31) / timedelta(minutes=1)
    models.look_at(session, goods["Lamp"], visitor_id=visitor_id, minutes=minutes)
    assert clock.now()
    found = suggest(session, visitor_id=visitor_id, slot="home")
    assert {item.reason.kind for item in found} == {"popular"}
