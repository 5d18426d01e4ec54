"""Check 14 on what people have: markup in names is text on the customer's pages and on the staff's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.transaction import transaction
from tests.factories.orders import make_line, make_order
from tests.factories.owned import make_owned
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.web import post
from tests.security.markup import PAYLOADS, Page


@pytest.fixture
def session() -> Iterator[Session]:
    """As everywhere, for pages that refuse: a browser's request is a transaction of its own, here it is nested."""
    with transaction() as found:
        yield found
        found.info.pop("half_done", None)
        found.flush()


def _look(text: str) -> None:
    page = Page()
    page.feed(text)
    assert page.bad == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markup_in_a_name_stays_text(client: FlaskClient, session: Session, payload: str) -> None:
    account = make_account(session, name=payload[:160])
    user = make_user(session, account=account, name=payload[:120])
    owned = make_owned(session, user, account.id, name=payload[:160], nickname=payload[:60])
    order = make_order(
        session,
        user=user,
        account=account,
        state="delivered",
        lines=[make_line(names={"en": payload}, sku="X-1")],
    )
    staff = make_staff(session, "administrator")
    sign_in(client, user)
    for path in (
        "/products",
        f"/products/{owned.id}",
        f"/products/new?q={payload}",
        f"/products/new?other=1&name={payload}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        _look(answer.text)
    sent = post(client, f"/products/{owned.id}", {"serial_number": payload[:60], "nickname": payload[:60]})
    _look(sent.text)
    post(client, "/sign-out")
    sign_in(client, staff)
    data = {"version": order.version, "quantity": "1", "reason": "other", "note_text": payload[:300]}
    assert (
        post(client, f"/staff/orders/{order.number}/lines/{order.lines[0].id}/returned", data).status_code
        == 303
    )
    for path in ("/staff", f"/staff/customers/{account.id}", f"/staff/orders/{order.number}"):
        _look(client.get(path).text)
