"""Check 7: links of reset, verification, new address and invitation work once, briefly, for one person."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, text

from core import clock
from core.transaction import reading, transaction
from crm.customers import colleagues
from crm.customers.actors import load_actor
from crm.identity import staff
from crm.identity.models import OneTimeToken, User
from tests.factories.jobs import run_jobs
from tests.factories.mails import link_in, mails_to, token_in
from tests.factories.people import PASSWORD, make_account, make_customer, make_staff, make_user, sign_in
from tests.factories.web import post

NEW = "another good password"


@dataclass
class Issued:
    """A live link: where it leads, the form that uses it, how long it lives and who may not be signed in."""

    link: str
    path: str
    form: dict[str, str]
    lifetime: timedelta
    again: Callable[[], object]

    @property
    def token(self) -> str:
        return self.link.partition("token=")[2]


def reset(client: FlaskClient) -> Issued:
    with transaction() as session:
        user = make_customer(session)

    def ask() -> None:
        post(client, "/forgot", {"email": user.email})
        run_jobs()

    ask()
    return Issued(link_in(mails_to(user.email)[0]), "/reset", {"password": NEW}, timedelta(minutes=60), ask)


def verify(client: FlaskClient) -> Issued:
    form = {"kind": "person", "name": "New person", "email": "new@example.test", "password": PASSWORD}

    def ask() -> None:
        post(client, "/sign-up", form)
        run_jobs()

    ask()
    return Issued(link_in(mails_to("new@example.test")[0]), "/verify", {}, timedelta(minutes=60), ask)


def change_email(client: FlaskClient) -> Issued:
    with transaction() as session:
        user = make_customer(session)
    own = client.application.test_client()
    sign_in(own, user)

    def ask() -> None:
        response = post(own, "/account/email", {"email": "moved@example.test", "current": PASSWORD})
        assert response.status_code == 303
        run_jobs()

    ask()
    return Issued(
        link_in(mails_to("moved@example.test")[0]), "/email/confirm", {}, timedelta(minutes=60), ask
    )


def invitation(client: FlaskClient) -> Issued:
    with transaction() as session:
        account = make_account(session)
        admin = make_user(session, account=account, role="company_administrator", scope="company")

    def ask() -> None:
        with transaction() as session:
            actor = load_actor(session, admin.id)
            assert actor is not None
            colleagues.invite(session, actor, email="colleague@example.test", access="own", locale="en")
        run_jobs()

    ask()
    link = link_in(mails_to("colleague@example.test")[0])
    return Issued(link, "/invitation", {"name": "Colleague", "password": NEW}, timedelta(hours=72), ask)


def staff_invitation(client: FlaskClient) -> Issued:
    with transaction() as session:
        admin = make_staff(session)
        actor = load_actor(session, admin.id)
        assert actor is not None
        user = staff.create_staff(session, actor, email="agent@example.test", name="Agent", roles=["agent"])

    def ask() -> None:
        with transaction() as session:
            staff.invite_again(session, actor, user.id)
        run_jobs()

    run_jobs()
    link = link_in(mails_to("agent@example.test")[0])
    return Issued(link, "/invitation", {"password": NEW}, timedelta(hours=72), ask)


KINDS = [reset, verify, change_email, invitation, staff_invitation]
every_kind = pytest.mark.parametrize("issue", KINDS, ids=lambda kind: kind.__name__)
Issue = Callable[[FlaskClient], Issued]


@every_kind
def test_the_token_has_256_random_bits_and_is_kept_as_a_digest(client: FlaskClient, issue: Issue) -> None:
    token = issue(client).token
    assert len(base64.urlsafe_b64decode(token + "=")) == 32
    with reading() as session:
        for table in inspect(session.get_bind()).get_table_names():
            if table == "mail":
                continue  # the mail itself is what carries it
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                assert token not in str(tuple(row)), table


@every_kind
def test_a_link_leads_to_a_clean_address_and_works_once(
    flask_app: Flask, client: FlaskClient, issue: Issue
) -> None:
    issued = issue(client)
    opened = client.get(issued.link)
    assert (opened.status_code, opened.location) == (303, issued.path)
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    page = client.get(issued.path)
    assert page.status_code == 200
    assert issued.token not in page.text + str(page.headers) + str(opened.headers) + opened.text
    done = post(client, issued.path, issued.form)
    assert done.status_code == 303
    assert issued.token not in str(done.headers)
    assert client.get("/account").status_code == 401, "a link signs nobody in"
    assert post(client, issued.path, issued.form).status_code == 400
    assert client.get(issued.link).status_code == 400
    assert flask_app.test_client().get(issued.link).status_code == 400


@every_kind
def test_opening_a_link_changes_nothing(client: FlaskClient, issue: Issue) -> None:
    issued = issue(client)
    for _ in range(2):  # a mail scanner, then the person
        visitor = client.application.test_client()
        visitor.get(issued.link)
        assert visitor.get(issued.path).status_code == 200


@every_kind
def test_it_is_dead_after_its_time_but_not_before(client: FlaskClient, issue: Issue) -> None:
    issued = issue(client)
    start = clock.now()
    with clock.frozen(start + issued.lifetime - timedelta(seconds=30)):
        assert client.get(issued.link).status_code == 303
    with clock.frozen(start + issued.lifetime + timedelta(seconds=5)):
        assert client.get(issued.link).status_code == 400
        assert post(client, issued.path, issued.form).status_code == 400


@every_kind
def test_a_newer_request_makes_it_useless(client: FlaskClient, issue: Issue) -> None:
    issued = issue(client)
    client.get(issued.link)
    issued.again()
    assert client.get(issued.link).status_code == 400
    assert post(client, issued.path, issued.form).status_code == 400


@every_kind
@pytest.mark.parametrize(
    "query",
    ["token=", "token=null", "token=None", "token=[]", "token={token}&token={token}", "token={swapped}", "token={token}=",
     "token=%20{token}", "token={token}a", "token=%00", "token=' OR 1=1 --", "token[]={token}", "token=0", ""],
)  # fmt: skip
def test_anything_else_is_refused(client: FlaskClient, issue: Issue, query: str) -> None:
    issued = issue(client)
    filled = query.format(token=issued.token, swapped=issued.token.swapcase())
    stranger = client.application.test_client()
    assert stranger.get(f"{issued.path}?{filled}").status_code == 400
    assert post(stranger, issued.path, {**issued.form, "token": issued.token}).status_code == 400


@every_kind
def test_it_does_nothing_for_who_is_signed_in_to_another_account(client: FlaskClient, issue: Issue) -> None:
    issued = issue(client)
    with transaction() as session:
        other = make_customer(session)
    stranger = sign_in(client.application.test_client(), other)
    assert stranger.get(issued.link).status_code == 400


def test_a_link_of_one_kind_is_no_link_of_another(client: FlaskClient) -> None:
    token = reset(client).token
    for path in ("/verify", "/email/confirm", "/invitation"):
        assert client.get(f"{path}?token={token}").status_code == 400


def _live_reset(client: FlaskClient) -> tuple[User, str]:
    with transaction() as session:
        user = make_customer(session)
    post(client, "/forgot", {"email": user.email})
    run_jobs()
    return user, link_in(mails_to(user.email)[0])


def test_changing_the_password_kills_a_reset_link(client: FlaskClient) -> None:
    user, link = _live_reset(client)
    own = sign_in(client.application.test_client(), user)
    assert post(own, "/account/password", {"current": PASSWORD, "password": NEW}).status_code == 303
    assert client.get(link).status_code == 400


def test_changing_the_address_kills_a_reset_link(client: FlaskClient) -> None:
    user, link = _live_reset(client)
    own = sign_in(client.application.test_client(), user)
    post(own, "/account/email", {"email": "moved@example.test", "current": PASSWORD})
    run_jobs()
    own.get(link_in(mails_to("moved@example.test")[0]))
    assert post(own, "/email/confirm").status_code == 303
    assert client.get(link).status_code == 400
    with reading() as session:
        assert session.get_one(User, user.id).email == "moved@example.test"


def test_a_link_of_a_deactivated_person_is_dead(client: FlaskClient) -> None:
    user, link = _live_reset(client)
    with transaction() as session:
        session.get_one(User, user.id).is_active = False
    assert client.get(link).status_code == 400


def test_the_token_is_in_no_log_and_no_job(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    issued = reset(client)
    client.get(issued.link)
    post(client, "/reset", issued.form)
    told = capsys.readouterr()
    assert issued.token not in caplog.text + told.out + told.err
    with reading() as session:
        payloads = session.execute(text("SELECT payload FROM job")).scalars()
        assert all(issued.token not in str(payload) and NEW not in str(payload) for payload in payloads)
        assert session.scalar(select(OneTimeToken.used_at)) is not None


def test_each_mail_carries_another_token(client: FlaskClient) -> None:
    with transaction() as session:
        user = make_customer(session)
    for _ in range(3):
        post(client, "/forgot", {"email": user.email})
        run_jobs()
    assert len({token_in(mail) for mail in mails_to(user.email, "account.reset")}) == 3
