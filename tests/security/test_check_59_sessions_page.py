"""Check 59: a person sees every device, ends one or all others; an administrator ends somebody's."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from core.transaction import transaction
from tests.factories.people import PASSWORD, make_customer, make_staff, sign_in
from tests.factories.web import csrf_token, post

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1"


def _enter(flask_app: Flask, email: str, agent: str, address: str) -> FlaskClient:
    client = flask_app.test_client()
    token = csrf_token(client)
    client.post(
        "/sign-in",
        data={"csrf_token": token, "email": email, "password": PASSWORD},
        headers={"User-Agent": agent},
        environ_overrides={"REMOTE_ADDR": address},
    )
    assert client.get("/account").status_code == 200
    return client


def _ids(page: str) -> list[str]:
    return re.findall(r"/account/sessions/([0-9a-f-]{36})/end", page)


def test_every_device_is_listed_in_words(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    desk = _enter(flask_app, user.email, FIREFOX, "192.0.2.10")
    _enter(flask_app, user.email, IPHONE, "192.0.2.20")
    page = desk.get("/account/sessions").text
    assert "Firefox on Linux" in page and "Safari on iPhone" in page
    assert "192.0.2.10" in page and "192.0.2.20" in page
    assert page.count("This device") == 1
    assert len(_ids(page)) == 2


def test_ending_one_leaves_the_others(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    desk, phone, tablet = (_enter(flask_app, user.email, FIREFOX, f"192.0.2.{n}") for n in (1, 2, 3))
    row = next(
        part
        for part in desk.get("/account/sessions").text.split("<li")
        if "192.0.2.2 " in part.replace("<", " <")
    )
    (victim,) = _ids(row)
    assert post(desk, f"/account/sessions/{victim}/end").status_code == 303
    assert [client.get("/account").status_code for client in (desk, phone, tablet)] == [200, 401, 200]


def test_ending_all_others_keeps_this_one(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    desk, phone, tablet = (_enter(flask_app, user.email, FIREFOX, f"192.0.2.{n}") for n in (1, 2, 3))
    assert post(desk, "/account/sessions/end-others").status_code == 303
    assert [client.get("/account").status_code for client in (desk, phone, tablet)] == [200, 401, 401]


def test_ending_this_one_is_signing_out(flask_app: Flask) -> None:
    with transaction() as session:
        user = make_customer(session)
    desk = _enter(flask_app, user.email, FIREFOX, "192.0.2.1")
    (own,) = _ids(desk.get("/account/sessions").text)
    assert post(desk, f"/account/sessions/{own}/end").location == "/sign-in"
    assert desk.get("/account").status_code == 401


def test_nobody_ends_the_session_of_somebody_else(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        user, other = make_customer(session), make_customer(session)
    victim = sign_in(flask_app.test_client(), user)
    (theirs,) = _ids(victim.get("/account/sessions").text)
    sign_in(client, other)
    assert post(client, f"/account/sessions/{theirs}/end").status_code == 404
    assert victim.get("/account").status_code == 200


def test_an_administrator_ends_all_of_a_member_of_staff(flask_app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        agent, admin = make_staff(session, "agent"), make_staff(session)
    first, second = (sign_in(flask_app.test_client(), agent) for _ in range(2))
    sign_in(client, admin)
    assert post(client, f"/staff/users/{agent.id}/sign-out").status_code == 303
    assert (first.get("/staff").status_code, second.get("/staff").status_code) == (401, 401)
    assert client.get("/staff").status_code == 200
