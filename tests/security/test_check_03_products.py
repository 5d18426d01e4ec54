"""Check 3 on what people have: foreign ids inside forms and queries name nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.transaction import reading, transaction
from crm.identity.models import User
from crm.ownership.models import OwnedProduct
from crm.service.models import Case
from tests.factories.goods import make_product
from tests.factories.owned import make_owned
from tests.factories.people import make_account, make_customer, make_user, sign_in
from tests.factories.web import post

DAY = "2026-01-15"


@pytest.fixture
def session() -> Iterator[Session]:
    """As everywhere, for pages that refuse: a browser's request is a transaction of its own, here it is nested."""
    with transaction() as found:
        yield found
        found.info.pop("half_done", None)
        found.flush()


def _count(model: type[OwnedProduct] | type[Case]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def _stranger(session: Session) -> tuple[User, OwnedProduct]:
    account = make_account(session)
    user = make_user(session, account=account)
    return user, make_owned(session, user, account.id, name="ZEBRAMARKER", serial_number="ZEBRA-12345")


def test_account_owner_and_source_are_never_taken_from_a_form(client: FlaskClient, session: Session) -> None:
    me = make_customer(session)
    stranger, theirs = _stranger(session)
    sign_in(client, me)
    sent = post(
        client, "/products/new",
        {"name": "Kettle", "acquired_on": DAY, "account_id": theirs.account_id, "user_id": stranger.id,
         "order_line_id": uuid.uuid4(), "unit": "1", "source": "order", "warranty_until": "2099-01-01",
         "id": theirs.id, "removed_at": DAY},
    )  # fmt: skip
    assert sent.status_code == 303
    mine = session.scalars(select(OwnedProduct).where(OwnedProduct.name == "Kettle")).one()
    assert (mine.user_id, mine.source, mine.order_line_id, mine.warranty_until) == (
        me.id,
        "registered",
        None,
        None,
    )
    assert mine.account_id != theirs.account_id and mine.id != theirs.id


def test_hidden_product_cannot_be_registered(client: FlaskClient, session: Session) -> None:
    hidden = make_product(session, is_active=False, names={"en": "ZEBRAMARKER"})
    sign_in(client, make_customer(session))
    assert "ZEBRAMARKER" not in client.get(f"/products/new?product={hidden.id}").text
    sent = post(client, "/products/new", {"product": hidden.id, "acquired_on": DAY})
    assert sent.status_code == 422
    assert "ZEBRAMARKER" not in sent.text
    assert _count(OwnedProduct) == 0


def test_serial_number_of_another_account_is_not_betrayed(client: FlaskClient, session: Session) -> None:
    _stranger(session)
    sign_in(client, make_customer(session))
    sent = post(
        client, "/products/new", {"name": "Kettle", "acquired_on": DAY, "serial_number": "ZEBRA-12345"}
    )
    assert sent.status_code == 303
    assert "ZEBRAMARKER" not in client.get(sent.location).text


def test_request_about_a_foreign_unit_is_not_filed(client: FlaskClient, session: Session) -> None:
    _user, theirs = _stranger(session)
    sign_in(client, make_customer(session))
    sent = post(
        client, "/requests/new?kind=question",
        {"kind": "question", "about": f"owned:{theirs.id}", "owned": theirs.id, "subject": "Mine", "text": "Is it mine?"},
    )  # fmt: skip
    assert "ZEBRAMARKER" not in sent.text
    with reading() as fresh:
        assert fresh.scalars(select(Case).where(Case.owned_product_id == theirs.id)).all() == []


def test_wrong_ids_in_the_address_are_no_error(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_customer(session))
    for query in (
        "product=1",
        "product=%00",
        f"product={uuid.uuid4()}",
        "after=%F0%9F",
        "q=%25_%27%22",
        "q=" + "x" * 5000,
    ):
        assert client.get(f"/products/new?{query}").status_code in {200, 400, 414}, query
    assert client.get("/products/not-an-id").status_code == 404
