"""Checks 44, 48 and 56: unsubscribing works for programs and people, at once, and marketing mail carries its headers."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.choices import find_leaver
from campaigns.models import CampaignSend, Suppression
from campaigns.triggers import look_for_left_carts
from clickstream import consent
from core import clock
from core.mail import Mail
from core.mail.message import build
from core.settings import get_settings
from crm.identity.models import User
from tests.factories.campaigns import agree, leave_cart, make_campaign, sends_to, set_aside
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import make_customer

TOKEN = re.compile(r"/unsubscribe/([A-Za-z0-9_-]+)")


@pytest.fixture
def mailed(session: Session) -> User:
    user = make_customer(session)
    make_campaign(session)
    agree(session, user)
    leave_cart(session, user, make_product(session))
    look_for_left_carts(session)
    session.flush()
    run_jobs()
    return user


def _token(user: User) -> str:
    found = TOKEN.search(mails_to(user.email)[0].text)
    assert found
    return found[1]


def _agrees(session: Session, user: User) -> bool:
    return consent.has(session, consent.MARKETING, person_id=user.id)


def test_marketing_mail_carries_its_headers(mailed: User) -> None:
    (mail,) = mails_to(mailed.email)
    message = message_from_bytes(build(mail, get_settings().mail_from).as_bytes(), policy=modern)
    assert message["List-Unsubscribe"] == f"<{get_settings().url}/unsubscribe/{_token(mailed)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["Message-ID"] == mail.message_id
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_mail_asks_nobody_else_for_anything(mailed: User) -> None:
    """Check 23 and 56: no picture, style or link leads elsewhere, and nothing reports that it was opened."""
    (mail,) = mails_to(mailed.email)
    html = mail.html or ""
    addresses = re.findall(r"""(?:src|href|background)\s*=\s*["']([^"']+)["']""", html) + re.findall(
        r"url\(([^)]+)\)", html
    )
    assert addresses
    assert [address for address in addresses if not address.startswith(f"{get_settings().url}/")] == []
    assert "@import" not in html
    assert all("width" in tag for tag in re.findall(r"<img\b[^>]*>", html))
    assert not re.search(r'(?:width|height)="?1(?:px)?"', html)


def test_the_token_is_opaque_and_only_its_digest_is_kept(session: Session, mailed: User) -> None:
    token = _token(mailed)
    (send,) = sends_to(mailed)
    assert len(token) >= 43
    assert send.digest is not None
    assert token not in repr(
        {column.name: getattr(send, column.name) for column in CampaignSend.__table__.columns}
    )
    for known in (send.id, mailed.id):
        assert known.hex not in token


def test_opening_the_link_changes_nothing(session: Session, client: FlaskClient, mailed: User) -> None:
    for method in ("get", "head"):
        answer = getattr(client, method)(f"/unsubscribe/{_token(mailed)}")
        assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers or "rapport_visitor" not in answer.headers["Set-Cookie"]
    assert _agrees(session, mailed)
    assert session.scalars(select(Suppression)).all() == []


def test_a_program_unsubscribes_with_one_post(flask_app: Flask, session: Session, mailed: User) -> None:
    bare = flask_app.test_client(use_cookies=False)
    for _ in range(3):
        answer = bare.post(
            f"/unsubscribe/{_token(mailed)}",
            data={"List-Unsubscribe": "One-Click"},
            headers={"Origin": "https://mail.example", "User-Agent": "mail program"},
        )
        assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert not _agrees(session, mailed)
    rows = consent.history(session, mailed.id)
    assert [(row.granted, row.source) for row in rows] == [(False, "unsubscribe_link"), (True, "test")]
    assert [row.reason for row in session.scalars(select(Suppression))] == ["unsubscribed"]


def test_multipart_works_as_well(flask_app: Flask, session: Session, mailed: User) -> None:
    bare = flask_app.test_client(use_cookies=False)
    answer = bare.post(
        f"/unsubscribe/{_token(mailed)}",
        data={"List-Unsubscribe": "One-Click"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200
    assert not _agrees(session, mailed)


def test_what_is_queued_and_what_waits_stops_at_once(
    session: Session, client: FlaskClient, mailed: User
) -> None:
    token = _token(mailed)
    set_aside(session, mailed, clock.now() - timedelta(minutes=90))
    look_for_left_carts(session)
    run_jobs(rounds=1)
    set_aside(session, mailed, clock.now() - timedelta(minutes=70))
    look_for_left_carts(session)
    assert [send.outcome for send in sends_to(mailed)] == ["sent", "sent", "waiting"]
    assert [mail.state for mail in mails_to(mailed.email)] == ["sent", "queued"]

    assert client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}).status_code == 200

    session.expire_all()
    assert [send.outcome for send in sends_to(mailed)] == ["sent", "skipped", "skipped"]
    assert [mail.state for mail in mails_to(mailed.email)] == ["sent", "suppressed"]
    run_jobs()
    assert [mail.state for mail in mails_to(mailed.email)] == ["sent", "suppressed"]


@pytest.mark.parametrize("change", ["case", "shorter", "longer", "last", "other", "empty"])
def test_an_altered_token_is_unknown(
    session: Session, client: FlaskClient, mailed: User, change: str
) -> None:
    token = _token(mailed)
    altered = {
        "case": token.swapcase(),
        "shorter": token[:-1],
        "longer": f"{token}A",
        "last": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "other": secrets.token_urlsafe(32),
        "empty": "%20",
    }[change]
    assert client.get(f"/unsubscribe/{altered}").status_code == 404
    assert client.post(f"/unsubscribe/{altered}", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert _agrees(session, mailed)


def test_a_person_chooses_only_this_kind(session: Session, client: FlaskClient, mailed: User) -> None:
    token = _token(mailed)
    answer = client.post(f"/unsubscribe/{token}", data={"scope": "kind"})
    assert answer.status_code == 303
    leaver = find_leaver(session, token)
    assert (leaver.is_out, leaver.is_out_of_kind) == (False, True)
    assert _agrees(session, mailed)
    assert "does not come any more" in client.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "No more promotion mail?"), ("zh-TW", "不再收到行銷郵件？"), ("zh-CN", "不再接收营销邮件？")],
)
def test_the_page_speaks_three_languages_signed_out(
    client: FlaskClient, mailed: User, language: str, words: str
) -> None:
    answer = client.get(f"/unsubscribe/{_token(mailed)}", headers={"Accept-Language": language})
    assert words in answer.text
    assert mailed.email not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]


def test_no_other_address_is_open_to_requests_without_a_form_token(flask_app: Flask) -> None:
    rules = [str(rule) for rule in flask_app.url_map.iter_rules() if str(rule).startswith("/unsubscribe")]
    assert set(rules) == {"/unsubscribe/<token>"}


def test_a_suppressed_mail_shows_no_token_any_more(
    session: Session, client: FlaskClient, mailed: User
) -> None:
    token = _token(mailed)
    set_aside(session, mailed, clock.now() - timedelta(minutes=90))
    look_for_left_carts(session)
    run_jobs(rounds=1)
    client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    session.expire_all()
    last = session.scalars(
        select(Mail).where(Mail.recipient == mailed.email).order_by(Mail.created_at.desc())
    ).first()
    assert last is not None
    assert (last.state, last.headers, last.html) == ("suppressed", {}, None)
