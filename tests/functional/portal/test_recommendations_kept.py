"""What is kept of a customer between pages is never older than what happened: the next page already knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from clickstream import consent
from core import clock
from core.actor import SYSTEM
from crm.catalogue.models import Product
from crm.customers.actors import load_actor
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders.lifecycle import cancel_order
from crm.orders.returns import mark_returned, undo_returned
from recommender import knowledge
from recommender.dislikes import dislike, take_back
from recommender.evidence import Asker
from recommender.suggestions import answer, suggest
from tests.factories import models
from tests.factories.cases import make_case
from tests.factories.clicks import agree
from tests.factories.goods import make_category, make_product
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.factories.statements import statements

Goods = dict[str, Product]


@pytest.fixture
def goods(session: Session) -> Iterator[Goods]:
    models.forget_everything()
    knowledge.memory.clear()
    made = models.make_goods(session)
    models.train(session)
    yield made
    models.forget_everything()


@pytest.fixture
def account(session: Session, goods: Goods) -> Account:
    found = make_account(session, name="Customer")
    models.buy(session, found, goods["Machine"])
    return found


@pytest.fixture
def person(session: Session, account: Account) -> User:
    return make_customer(session, account=account, scope="company")


def _why(session: Session, account: Account, person: User, product: Product) -> str | None:
    """The product whose order, click or cart speaks for `product`; None: it is not offered for a reason."""
    for _page in range(2):  # the second is drawn from what the first one kept
        found = suggest(session, account_id=account.id, person_id=person.id, slot="home", limit=6)
    causes = {item.product.id: item.reason.cause.names["en"] for item in found if item.reason.cause}
    return causes.get(product.id)


def _statements(session: Session, asker: Asker) -> list[str]:
    with statements() as seen:
        answer(session, asker, slot="home", fill=False)
    return seen


def test_a_page_turned_reads_no_order_again(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    asker = Asker(account.id, person.id)
    first, second = _statements(session, asker), _statements(session, asker)
    assert len([text for text in first if "order_line" in text]) == 1
    assert not [text for text in second if "order_line" in text]
    assert len(second) == 2  # what may be another, and the products as they are


def test_an_order_acts_on_the_next_page_and_so_does_its_cancellation(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    assert _why(session, account, person, goods["Tea"]) is None
    order = models.buy(session, account, goods["Mug"], state="placed", days=0)
    assert _why(session, account, person, goods["Tea"]) == "Mug"
    cancel_order(session, actor=SYSTEM, order_id=order.id, reason="changed my mind")
    session.flush()
    assert _why(session, account, person, goods["Tea"]) is None
    known = answer(session, Asker(account.id, person.id), slot="home").evidence
    assert known.barred[goods["Mug"].id] == "cancelled"


def test_what_comes_back_acts_on_the_next_page_and_so_does_taking_that_back(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    order = models.buy(session, account, goods["Mug"], days=2)
    staff = load_actor(session, make_staff(session, "agent").id)
    assert staff is not None
    assert _why(session, account, person, goods["Tea"]) == "Mug"
    line_id = order.lines[0].id
    mark_returned(session, actor=staff, line_id=line_id, quantity=1, reason="damaged")
    session.flush()
    assert _why(session, account, person, goods["Tea"]) is None
    undo_returned(session, actor=staff, line_id=line_id)
    session.flush()
    assert _why(session, account, person, goods["Tea"]) == "Mug"


def test_a_complaint_acts_on_the_next_page_and_so_does_its_end(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    assert _why(session, account, person, goods["Filter"]) == "Machine"
    case = make_case(session, account=account, kind="complaint", product_id=goods["Filter"].id)
    assert _why(session, account, person, goods["Filter"]) is None
    case.state, case.closed_at = "closed", clock.now()
    session.flush()
    assert _why(session, account, person, goods["Filter"]) == "Machine"


def test_not_interested_acts_on_the_next_page_and_so_does_its_undoing(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    who = load_actor(session, person.id)
    assert who is not None
    assert _why(session, account, person, goods["Filter"]) == "Machine"
    dislike(session, actor=who, product_id=goods["Filter"].id)
    assert _why(session, account, person, goods["Filter"]) is None
    take_back(session, actor=who, product_id=goods["Filter"].id)
    assert _why(session, account, person, goods["Filter"]) == "Machine"


@pytest.mark.parametrize("change", ["sold out", "not for sale", "inactive"])
def test_what_cannot_be_had_is_gone_from_the_next_page_and_comes_back(
    session: Session, goods: Goods, account: Account, person: User, change: str
) -> None:
    wanted = goods["Filter"]
    assert wanted.stock is not None
    assert _why(session, account, person, wanted) == "Machine"
    wanted.stock.on_hand = 0 if change == "sold out" else 9
    wanted.is_sellable, wanted.is_active = change != "not for sale", change != "inactive"
    session.flush()
    assert _why(session, account, person, wanted) is None
    wanted.stock.on_hand, wanted.is_sellable, wanted.is_active = 5, True, True
    session.flush()
    assert _why(session, account, person, wanted) == "Machine"


def test_a_withdrawn_consent_silences_clicks_on_the_next_page(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    agree(session, person_id=person.id)
    assert _why(session, account, person, goods["Bulb"]) is None
    models.look_at(session, goods["Lamp"], person_id=person.id)
    assert _why(session, account, person, goods["Bulb"]) == "Lamp"
    consent.record(session, consent.PERSONALISATION, False, person_id=person.id, source="test")
    assert _why(session, account, person, goods["Bulb"]) is None
    consent.record(session, consent.PERSONALISATION, True, person_id=person.id, source="test")
    assert _why(session, account, person, goods["Bulb"]) == "Lamp"


def test_a_new_model_answers_the_next_page(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    lid = make_product(session, names={"en": "Lid"}, on_hand=50)
    assert _why(session, account, person, lid) is None
    for _number in range(12):
        models.buy(session, make_account(session, name="Others"), goods["Machine"], lid)
    models.train(session)
    assert _why(session, account, person, lid) == "Machine"
    models.forget_everything()
    assert _why(session, account, person, lid) is None


def test_two_people_of_one_account_share_nothing_that_only_one_may_see(
    session: Session, goods: Goods
) -> None:
    account = make_account(session)
    mine, theirs = (make_customer(session, account=account) for _person in range(2))
    models.buy(session, account, goods["Machine"], user=mine)
    models.buy(session, account, goods["Mug"], user=theirs)
    for _page in range(2):
        assert _why(session, account, mine, goods["Filter"]) == "Machine"
        assert _why(session, account, mine, goods["Tea"]) is None
        assert _why(session, account, theirs, goods["Tea"]) == "Mug"
        assert _why(session, account, theirs, goods["Filter"]) is None


def test_who_may_no_longer_see_the_company_sees_no_colleagues_order_on_the_next_page(
    session: Session, goods: Goods, account: Account, person: User
) -> None:
    assert _why(session, account, person, goods["Filter"]) == "Machine"
    session.execute(update(Contact).where(Contact.user_id == person.id).values(scope="own"))
    assert _why(session, account, person, goods["Filter"]) is None


def test_the_drawn_cards_follow_price_stock_and_language(
    session: Session, client: FlaskClient, goods: Goods, account: Account, person: User
) -> None:
    sign_in(client, person)
    assert "Because you ordered Machine in" in client.get("/").text
    goods["Filter"].price = goods["Filter"].price + 1_111
    session.flush()
    assert f"{goods['Filter'].price:,.2f}" in client.get("/").text
    person.locale = "zh-Hant"
    session.flush()
    page = client.get("/").text
    assert "Because you ordered" not in page
    assert "不感興趣" in page


def test_two_browsers_are_never_given_each_others_row(
    flask_app: Flask, session: Session, goods: Goods
) -> None:
    account = make_account(session)
    people = [make_customer(session, account=account) for _person in range(2)]
    orders = [
        models.buy(session, account, goods["Machine"], user=person, days=days)
        for days, person in enumerate(people)
    ]
    pages = []
    for person in people:
        client = sign_in(flask_app.test_client(), person)
        client.get("/")
        pages.append(client.get("/").text)
    for mine, other in ((0, 1), (1, 0)):
        assert f"#line-{orders[mine].lines[0].id}" in pages[mine]
        assert f"{orders[other].lines[0].id}" not in pages[mine]
    tokens = [page.split('name="csrf_token" value="')[1].split('"')[0] for page in pages]
    assert tokens[0] != tokens[1]


def test_the_home_list_is_not_four_times_the_same(session: Session) -> None:
    models.forget_everything()
    knowledge.memory.clear()
    beans, filters = make_category(session), make_category(session)
    first, second = (make_product(session, names={"en": name}, on_hand=50) for name in ("Mill", "Kettle"))
    alike = [make_product(session, names={"en": f"Bean {n}"}, on_hand=50, category=beans) for n in range(5)]
    others = [
        make_product(session, names={"en": f"Filter {n}"}, on_hand=50, category=filters) for n in range(2)
    ]
    for _number in range(9):
        models.buy(session, make_account(session, name="Others"), first, *alike)
        models.buy(session, make_account(session, name="Others"), second, *others)
    models.train(session)
    account = make_account(session)
    models.buy(session, account, first, days=1)
    models.buy(session, account, second, days=2)
    found = suggest(session, account_id=account.id, slot="home", limit=4)
    assert len(found) == 4
    assert sorted(str(item.product.category_id) for item in found) == sorted(
        [str(beans.id)] * 2 + [str(filters.id)] * 2
    )
    causes = [item.reason.cause.id for item in found if item.reason.cause]
    assert sorted(map(str, causes)) == sorted(map(str, [first.id] * 2 + [second.id] * 2))
    models.forget_everything()


def test_a_past_is_read_again_after_a_while_whatever_its_stamp_says(
    session: Session, goods: Goods, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker(account.id, uuid.uuid4())
    held = knowledge.gather(session, asker)
    assert knowledge.gather(session, asker) is held
    later = held.read_at + timedelta(minutes=10).total_seconds() + 1
    monkeypatch.setattr(knowledge.time, "monotonic", lambda: later)
    assert knowledge.gather(session, asker) is not held
