"""What people do with their account, from the first form to the last mail."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.transaction import reading, transaction
from crm.customers.actors import load_token
from crm.customers.models import Account, Address, Contact
from crm.identity.models import ApiToken, User
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to
from tests.factories.people import PASSWORD, make_account, make_address, make_customer, make_user, sign_in
from tests.factories.web import post


def audited(action: str) -> list[AuditEntry]:
    with reading() as session:
        return list(
            session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq))
        )


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("en", "Please confirm your email address"),
        ("zh-Hant", "請確認您的電子郵件地址"),
        ("zh-Hans", "请确认您的邮箱地址"),
    ],
)
def test_a_company_signs_up_confirms_and_signs_in(client: FlaskClient, locale: str, subject: str) -> None:
    client.set_cookie("rapport_lang", locale, domain="localhost")
    form = {
        "kind": "company",
        "company": "Café Süd",
        "name": "Purchasing",
        "email": "P@Cafe-Sued.example",
        "password": PASSWORD,
    }
    assert post(client, "/sign-up", form).location == "/sign-up/sent"
    assert "p@cafe-sued.example" in client.get("/sign-up/sent").text
    assert post(client, "/sign-in", {"email": "p@cafe-sued.example", "password": PASSWORD}).status_code == 422
    run_jobs()
    (mail,) = mails_to("p@cafe-sued.example")
    assert (mail.subject, mail.locale, mail.sensitive, mail.kind) == (subject, locale, True, "account.verify")
    assert mail.html is not None and link_in(mail).replace("&", "&amp;") in mail.html
    client.get(link_in(mail))
    assert post(client, "/verify").location == "/sign-in"
    assert (
        post(client, "/sign-in", {"email": "p@cafe-sued.example", "password": PASSWORD}).location
        == "/account"
    )
    with reading() as session:
        user = session.scalars(select(User).where(User.email == "p@cafe-sued.example")).one()
        contact = session.scalars(select(Contact).where(Contact.user_id == user.id)).one()
        account = session.get_one(Account, contact.account_id)
    assert (account.name, account.kind, contact.role, contact.scope) == (
        "Café Süd", "company", "company_administrator", "company",
    )  # fmt: skip
    assert (user.locale, user.email_verified_at is not None, user.last_sign_in_at is not None) == (
        locale,
        True,
        True,
    )
    assert account.search_text == f"cafe sud {account.number}"
    assert [len(audited(action)) for action in ("sign_up.asked", "account.opened", "sign_in.succeeded")] == [
        1,
        1,
        1,
    ]


def test_numbers_of_customers_go_up_by_one(client: FlaskClient) -> None:
    numbers = []
    for n in range(2):
        visitor = client.application.test_client()
        form = {"kind": "person", "name": f"Person {n}", "email": f"p{n}@example.test", "password": PASSWORD}
        post(visitor, "/sign-up", form)
        run_jobs()
        visitor.get(link_in(mails_to(f"p{n}@example.test")[0]))
        post(visitor, "/verify")
        with reading() as session:
            account = session.scalars(select(Account).where(Account.name == f"Person {n}")).one()
        assert account.kind == "consumer"
        numbers.append(account.number)
    assert numbers[1] == numbers[0] + 1


def test_the_mail_can_be_sent_again_to_the_address_of_this_browser_only(client: FlaskClient) -> None:
    assert post(client, "/sign-up/again", {"email": "x@example.test"}).status_code == 400
    form = {"kind": "person", "name": "P", "email": "p@example.test", "password": PASSWORD}
    post(client, "/sign-up", form)
    run_jobs()
    post(client, "/sign-up/again", {"email": "x@example.test"})
    run_jobs()
    first, second = mails_to("p@example.test")
    assert mails_to("x@example.test") == []
    assert client.get(link_in(first)).status_code == 400
    assert client.get(link_in(second)).status_code == 303


def test_a_bad_password_at_sign_up_keeps_what_else_was_typed(client: FlaskClient) -> None:
    form = {
        "kind": "company",
        "company": "Firm",
        "name": "Purchasing",
        "email": "p@example.test",
        "password": "password123",
    }
    response = post(client, "/sign-up", form)
    assert response.status_code == 422
    assert 'value="Firm"' in response.text and 'value="p@example.test"' in response.text
    assert "Many people use this password" in response.text
    assert "password123" not in response.text
    assert run_jobs() == 0


def test_a_forgotten_password_is_replaced_and_both_mails_come(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session, locale="zh-Hans")
    post(client, "/forgot", {"email": user.email.upper()})
    run_jobs()
    client.get(link_in(mails_to(user.email)[0]))
    assert post(client, "/reset", {"password": "short"}).status_code == 422
    assert post(client, "/reset", {"password": "another good password"}).status_code == 303
    run_jobs()
    assert [mail.subject for mail in mails_to(user.email)] == ["设置新密码", "您的密码已修改"]
    assert post(client, "/sign-in", {"email": user.email, "password": PASSWORD}).status_code == 422
    assert (
        post(client, "/sign-in", {"email": user.email, "password": "another good password"}).status_code
        == 303
    )
    assert [
        len(audited(action)) for action in ("password_reset.asked", "password.reset", "sign_in.failed")
    ] == [1, 1, 1]


def test_an_unknown_address_gets_no_mail(client: FlaskClient) -> None:
    assert post(client, "/forgot", {"email": "nobody@example.test"}).status_code == 303
    run_jobs()
    assert mails_to("nobody@example.test") == []


def test_changing_the_email_address(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    sign_in(client, user)
    old = user.email
    wrong = post(client, "/account/email", {"email": "new@example.test", "current": "not the password"})
    assert wrong.status_code == 422 and "This is not your present password." in wrong.text
    assert post(client, "/account/email", {"email": old, "current": PASSWORD}).status_code == 422
    assert (
        post(client, "/account/email", {"email": "new@example.test", "current": PASSWORD}).status_code == 303
    )
    run_jobs()
    assert [mail.kind for mail in mails_to(old)] == ["account.email_notice"]
    assert "token=" not in mails_to(old)[0].text
    assert client.get("/account/security").text.count(old) >= 1, "nothing changes before the link"
    client.get(link_in(mails_to("new@example.test")[0]))
    assert post(client, "/email/confirm").location == "/account/security"
    run_jobs()
    assert [mail.kind for mail in mails_to(old)] == ["account.email_notice", "account.email_changed"]
    assert (
        post(client.application.test_client(), "/sign-in", {"email": old, "password": PASSWORD}).status_code
        == 422
    )
    anew = {"email": "new@example.test", "password": PASSWORD}
    assert post(client.application.test_client(), "/sign-in", anew).status_code == 303
    (entry,) = audited("email.changed")
    assert (entry.before, entry.after) == ({"email": old}, {"email": "new@example.test"})


def test_an_address_that_somebody_took_meanwhile_is_not_taken_away(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    sign_in(client, user)
    post(client, "/account/email", {"email": "new@example.test", "current": PASSWORD})
    run_jobs()
    client.get(link_in(mails_to("new@example.test")[0]))
    with transaction() as session:
        other = make_customer(session, email="new@example.test")
    assert post(client, "/email/confirm").status_code == 400
    with reading() as session:
        assert session.get_one(User, user.id).email != "new@example.test"
        assert session.get_one(User, other.id).email == "new@example.test"


PROFILE = {
    "name": "Purchasing", "phone": "+49 40 1234567", "preferred_channel": "phone", "locale": "zh-Hant",
    "timezone": "Asia/Taipei", "currency": "TWD",
}  # fmt: skip


def test_the_profile_is_kept_and_speaks_at_once(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session, name="Before")
    sign_in(client, user)
    assert post(client, "/account/profile", PROFILE).status_code == 303
    page = client.get("/account/profile").text
    assert '<html lang="zh-Hant"' in page and "個人資料已儲存。" in page
    with reading() as session:
        row = session.get_one(User, user.id)
        assert {key: getattr(row, key) for key in PROFILE} == PROFILE
    (entry,) = audited("profile.changed")
    assert entry.before is not None and entry.before["name"] == "Before"
    assert post(client, "/account/profile", PROFILE).status_code == 303
    assert len(audited("profile.changed")) == 1, "nothing changed, nothing is written"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", " \u200b "), ("name", "x" * 121), ("phone", "call me"), ("phone", "+" * 30),
        ("locale", "fr"), ("timezone", "Mars/Olympus"), ("timezone", "../etc/passwd"), ("currency", "XXX"),
        ("preferred_channel", "pigeon"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_kept(client: FlaskClient, field: str, value: str) -> None:
    with transaction() as session:
        user = make_customer(session, name="Before")
    sign_in(client, user)
    response = post(client, "/account/profile", {**PROFILE, field: value})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    with reading() as session:
        assert session.get_one(User, user.id).name == "Before"


def test_calls_need_a_number(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    response = post(sign_in(client, user), "/account/profile", {**PROFILE, "phone": "", "locale": "en"})
    assert response.status_code == 422


def test_the_language_switch_is_remembered_in_the_account(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    assert (
        post(sign_in(client, user), "/language", {"locale": "zh-Hans", "next": "/account"}).location
        == "/account"
    )
    elsewhere = sign_in(flask_app.test_client(), user)
    assert '<html lang="zh-Hans"' in elsewhere.get("/account").text


ADDRESS = {"recipient": "Café Süd", "line1": "Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT"}


def test_addresses_are_added_changed_made_the_default_and_deleted(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    sign_in(client, user)
    assert post(client, "/account/addresses/new", ADDRESS).location == "/account/addresses"
    assert (
        post(
            client, "/account/addresses/new", {**ADDRESS, "label": "Warehouse", "next": "/checkout"}
        ).location
        == "/checkout"
    )
    with reading() as session:
        first, second = session.scalars(select(Address).order_by(Address.created_at)).all()
    assert (first.is_default, second.is_default, second.user_id) == (True, False, user.id)
    assert "Austria" in client.get("/account/addresses").text
    assert post(client, f"/account/addresses/{second.id}/default").status_code == 303
    assert post(client, f"/account/addresses/{first.id}", {**ADDRESS, "city": "Graz"}).status_code == 303
    with reading() as session:
        rows = {row.id: row for row in session.scalars(select(Address))}
        assert (rows[first.id].is_default, rows[second.id].is_default, rows[first.id].city) == (
            False,
            True,
            "Graz",
        )
    assert post(client, f"/account/addresses/{second.id}/delete").status_code == 303
    assert post(client, f"/account/addresses/{second.id}/delete").status_code == 404
    (entry,) = audited("address.changed")
    assert (entry.before, entry.after) == ({"city": "Wien"}, {"city": "Graz"})
    assert [len(audited(f"address.{what}")) for what in ("added", "made_default", "deleted")] == [2, 2, 1]


@pytest.mark.parametrize("field", ["recipient", "line1", "city", "country", "phone"])
def test_a_wrong_line_of_an_address_is_named(client: FlaskClient, field: str) -> None:
    with transaction() as session:
        user = make_customer(session)
    value = {"country": "EU", "phone": "none"}.get(field, " \u200b")
    response = post(sign_in(client, user), "/account/addresses/new", {**ADDRESS, field: value})
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text


def test_whose_address_is_whose(flask_app: Flask) -> None:
    with transaction() as session:
        account = make_account(session)
        one, two = make_user(session, account=account), make_user(session, account=account)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
        shared = make_address(session, account, city="Shared town")
        own = make_address(session, account, city="Own town", user_id=one.id)
    seen = {
        user.id: client.get("/account/addresses").text
        for user in (one, two, admin)
        for client in [sign_in(flask_app.test_client(), user)]
    }
    assert all("Shared town" in page for page in seen.values())
    assert ["Own town" in seen[user.id] for user in (one, two, admin)] == [True, False, True]
    other = sign_in(flask_app.test_client(), two)
    assert post(other, f"/account/addresses/{own.id}/delete").status_code == 404
    assert other.get(f"/account/addresses/{shared.id}").status_code == 200


def test_colleagues_are_invited_get_other_access_and_leave(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session, name="Café Süd")
        admin = make_user(session, account=account, role="company_administrator", scope="company")
    sign_in(client, admin)
    assert (
        post(
            client, "/account/colleagues/invite", {"email": "New@example.test", "access": "company"}
        ).status_code
        == 303
    )
    run_jobs()
    (mail,) = mails_to("new@example.test")
    assert mail.subject == "Café Süd invited you to their account"
    guest = flask_app.test_client()
    guest.get(link_in(mail))
    assert "Join Café Süd" in guest.get("/invitation").text
    assert (
        post(guest, "/invitation", {"name": "Barista", "password": "a brand new one"}).location == "/sign-in"
    )
    assert (
        post(guest, "/sign-in", {"email": "new@example.test", "password": "a brand new one"}).status_code
        == 303
    )
    with reading() as session:
        user = session.scalars(select(User).where(User.email == "new@example.test")).one()
        contact = session.scalars(select(Contact).where(Contact.user_id == user.id)).one()
    assert (contact.account_id, contact.role, contact.scope) == (account.id, "customer", "company")
    assert (
        post(client, f"/account/colleagues/{contact.id}/access", {"access": "administrator"}).status_code
        == 303
    )
    assert guest.get("/account/colleagues").status_code == 200, "other access holds at once"
    assert post(client, f"/account/colleagues/{contact.id}/remove").status_code == 303
    assert guest.get("/account").status_code == 401
    for action in (
        "colleague.invited",
        "invitation.accepted",
        "colleague.access_changed",
        "colleague.removed",
    ):
        assert len(audited(action)) == 1, action
    # A colleague who comes back gets the same user with a new password.
    post(client, "/account/colleagues/invite", {"email": "new@example.test", "access": "own"})
    run_jobs()
    guest.get(link_in(mails_to("new@example.test")[-1]))
    assert post(guest, "/invitation", {"name": "Barista", "password": "yet another one"}).status_code == 303
    with reading() as session:
        assert session.get_one(User, user.id).is_active


def test_an_administrator_keeps_out_of_other_companies_and_of_their_own_place(client: FlaskClient) -> None:
    with transaction() as session:
        mine, theirs = make_account(session), make_account(session)
        admin = make_user(session, account=mine, role="company_administrator", scope="company")
        foreign = make_user(session, account=theirs)
        contacts = {c.user_id: c.id for c in session.scalars(select(Contact))}
    sign_in(client, admin)
    for path in ("access", "remove"):
        assert (
            post(client, f"/account/colleagues/{contacts[foreign.id]}/{path}", {"access": "own"}).status_code
            == 404
        )
        assert (
            post(client, f"/account/colleagues/{contacts[admin.id]}/{path}", {"access": "own"}).status_code
            == 422
        )


def test_an_invitation_can_be_withdrawn(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")
    sign_in(client, admin)
    post(client, "/account/colleagues/invite", {"email": "new@example.test", "access": "own"})
    run_jobs()
    found = re.search(
        r"/account/colleagues/invitations/[0-9a-f-]+/withdraw", client.get("/account/colleagues").text
    )
    assert found
    assert post(client, found[0]).status_code == 303
    assert client.application.test_client().get(link_in(mails_to("new@example.test")[0])).status_code == 400


def test_an_api_token_is_shown_once_and_works_within_its_scopes(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    sign_in(client, user)
    page = post(client, "/account/tokens", {"name": "Shop system", "scopes": ["orders:read", "orders:write"]})
    found = re.search(r"data-fresh-token>(rpt_[\w-]{43})<", page.text)
    assert found
    assert found[1] not in client.get("/account/tokens").text
    actor = load_token(found[1])
    assert actor is not None
    assert (actor.kind, actor.user_id, actor.scope) == ("api", user.id, "own")
    assert actor.can("orders:write") and actor.can("shop.order") and not actor.can("catalogue:read")
    assert not actor.can("orders.manage"), "a scope gives nothing that the owner may not do"
    assert load_token(found[1] + "x") is None
    with reading() as session:
        row = session.scalars(select(ApiToken)).one()
        first_use = row.last_used_at
    assert first_use is not None and found[1] not in row.digest
    load_token(found[1])
    with reading() as session:
        assert session.scalars(select(ApiToken.last_used_at)).one() == first_use, (
            "noted every few minutes only"
        )
    assert len(audited("api_token.created")) == 1


def test_every_audit_entry_tells_who_where_and_what(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    post(client, "/sign-in", {"email": user.email, "password": PASSWORD})
    post(client, "/sign-out")
    (came,), (went,) = audited("sign_in.succeeded"), audited("sign_out")
    for entry in (came, went):
        assert (entry.actor_id, entry.actor_name, entry.address, entry.object_id) == (
            user.id, user.email, "127.0.0.1", str(user.id),
        )  # fmt: skip


def test_what_was_typed_as_an_address_is_not_logged_when_it_may_be_a_password(client: FlaskClient) -> None:
    post(client, "/sign-in", {"email": "my secret password", "password": "x"})
    (entry,) = audited("sign_in.failed")
    assert entry.after == {"email": "(no address)"}
