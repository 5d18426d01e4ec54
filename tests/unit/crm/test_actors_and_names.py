"""Who somebody is to the rest of the house, in one query; and names that are safe everywhere."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Forbidden, Invalid
from core.ids import new_id
from crm.customers import colleagues
from crm.customers.actors import load_actor, load_token
from crm.identity import services, staff
from crm.identity.names import clean_name, clean_phone
from portal.account.devices import describe
from tests.factories.people import make_account, make_customer, make_staff, make_user


def actor(session: Session, user_id: object) -> Actor:
    found = load_actor(session, user_id)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("role", "scope", "expected"),
    [
        ("customer", "own", "own"),
        ("customer", "company", "company"),
        ("company_administrator", "own", "company"),
    ],
)
def test_a_contacts_scope(session: Session, role: str, scope: str, expected: str) -> None:
    account = make_account(session)
    user = make_user(session, account=account, role=role, scope=scope)
    found = actor(session, user.id)
    assert (found.kind, found.scope, found.account_id, found.roles) == (
        "customer",
        expected,
        account.id,
        {role},
    )
    assert found.can("shop.order") and not found.can("staff")


def test_staff_see_all_and_may_do_what_their_roles_add_up_to(session: Session) -> None:
    found = actor(session, make_staff(session, "agent", "editor").id)
    assert (found.scope, found.account_id) == ("all", None)
    assert found.can("cases.work") and found.can("catalogue.manage") and not found.can("users.manage")


def test_somebody_without_an_account_sees_nothing(session: Session) -> None:
    assert actor(session, make_user(session).id).scope == "none"


def test_unknown_and_disabled_people_are_nobody(session: Session) -> None:
    assert load_actor(session, new_id()) is None
    assert load_actor(session, make_customer(session, is_active=False).id) is None
    assert load_token("rpt_unknown") is None


def test_one_query_for_a_person_and_two_for_a_token(session: Session) -> None:
    user = make_customer(session)
    _row, plain = services.create_api_token(
        session, actor(session, user.id), name="x", scopes=["orders:read"]
    )
    load_token(plain)  # notes the use
    user_id = user.id
    session.expire_all()
    seen: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: seen.append(args[2]))
    load_actor(session, user_id)
    assert len(seen) == 1, seen
    seen.clear()
    assert load_token(plain) is not None
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Purchasing,\tCafé  ", "Purchasing, Café"), ("採購部", "採購部"), ("a\r\nBcc: b", "a Bcc: b"),
        ("x\u202ey", "xy"), ("e\u0301", "é"), ("O'Neil-Smith & Söhne <b>", "O'Neil-Smith & Söhne <b>"),
    ],
)  # fmt: skip
def test_names_become_one_clean_line(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200b", "---", "\x00", "x" * 121])
def test_what_is_no_name(typed: str) -> None:
    with pytest.raises(Invalid):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["+49 (40) 123-456", "02 1234 5678", "+886.2.1234.5678"])
def test_phone_numbers_stay_as_typed(typed: str) -> None:
    assert clean_phone(f" {typed} ") == typed
    assert clean_phone("") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            ("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/19.0 Safari/605",
            ("Safari", "macOS"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit Chrome/140.0 Mobile Safari/537.36",
            ("Chrome", "Android"),
        ),
        ("<script>", (None, None)),
        (None, (None, None)),
    ],
)
def test_devices_in_words(text: str | None, words: tuple[str | None, str | None]) -> None:
    assert describe(text) == words


def test_services_ask_who_is_asking(session: Session) -> None:
    agent = actor(session, make_staff(session, "supervisor").id)
    with pytest.raises(Forbidden):
        staff.create_staff(session, agent, email="x@example.test", name="X", roles=["administrator"])
    customer = actor(session, make_customer(session).id)
    with pytest.raises(Forbidden):
        colleagues.invite(session, customer, email="x@example.test", access="own", locale="en")
    with pytest.raises(Forbidden):
        staff.change_roles(session, customer, new_id(), ["administrator"])
