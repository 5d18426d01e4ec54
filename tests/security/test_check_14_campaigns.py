"""Checks 14, 21, 23 and 39 on campaigns: what marketers and customers write is text in mails, previews and lists."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default as modern
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import CampaignVersion
from campaigns.triggers import look_for_left_carts
from core.i18n import LOCALES
from core.mail.message import build
from core.settings import get_settings
from crm.identity.models import User
from tests.factories.campaigns import agree, leave_cart, make_campaign, sends_to
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.security.markup import MARK
from tests.security.markup import PAYLOADS as COMMON

PAYLOADS = [
    *(text for text in COMMON if "{{" not in text and "{%" not in text),  # the editor refuses those: see check 21
    f"</mj-text><mj-raw><script>{MARK}()</script></mj-raw>", f"<mj-include path=\"file:///etc/passwd\" />{MARK}",
    f"<mj-button href=\"javascript:{MARK}()\">x</mj-button>", f"<iframe src=file:///etc/passwd>{MARK}",
    f"<style>@import url(//{MARK}.example)</style>", f"]]><script>{MARK}()</script>", f"<td background=//{MARK}.example>",
]  # fmt: skip
ADDRESSES = {"href", "src", "action", "background", "data", "content", "formaction", "srcset"}


class Page(HTMLParser):
    """What of the marker became more than text."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.seen = False
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag if tag in {"script", "style"} else ""
        if tag.startswith("mj-") or MARK in tag:
            self.bad.append(f"<{tag}>")
        for name, value in attrs:
            text = value or ""
            self.seen = self.seen or MARK in text
            is_live = name in ADDRESSES and re.match(r"\s*(?:javascript:|data:|//|https?:)", text)
            if MARK in name or (MARK in text and (name.startswith("on") or is_live)):
                self.bad.append(f"<{tag} {name}={text}>")

    def handle_data(self, data: str) -> None:
        self.seen = self.seen or MARK in data
        if self._raw and MARK in data:
            self.bad.append(f"{self._raw}: {data[:80]}")

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""


def _look(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


def _texts(payload: str) -> dict[str, dict[str, str]]:
    line = " ".join(payload.split())  # the editor refuses a line break in these
    short = line[:38]
    return {
        locale: {
            "subject": line,
            "preheader": line,
            "heading": line,
            "body": f"{payload}\n\n{payload}",
            "button": short,
        }
        for locale in LOCALES
    }


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_written_stays_text_in_mails_and_previews(
    session: Session, client: FlaskClient, payload: str
) -> None:
    make_campaign(session, texts=_texts(payload))
    account = make_account(session, name=payload[:160])
    user = make_customer(session, account=account, name=payload[:120])
    product = make_product(session, names=dict.fromkeys(LOCALES, payload[:160]))
    make_product(session, names={"en": payload[:160]})
    agree(session, user)
    leave_cart(session, user, product)
    look_for_left_carts(session)
    session.flush()
    run_jobs()
    (mail,) = mails_to(user.email)
    html = mail.html or ""
    seen = _look(html)
    assert seen.seen
    assert seen.bad == []
    assert "root:" not in html
    assert "@import" not in re.sub(r"&lt;.*?&gt;", "", html) or "&lt;style&gt;@import" in html
    message = message_from_bytes(build(mail, get_settings().mail_from).as_bytes(), policy=modern)
    assert str(message["To"]) == user.email
    assert "\n" not in mail.subject

    (send,) = sends_to(user)
    sign_in(client, user)
    pages = [client.get("/account/mail").text, client.get(f"/account/mail/{send.id}").text]
    sign_in(client, make_staff(session, "marketer"))
    at = "/staff/campaigns/left-cart"
    for path in (
        f"{at}/preview?person={user.id}",
        f"{at}/preview/mail?person={user.id}",
        f"{at}/edit",
        at,
        "/staff/campaigns/decisions",
        f"/staff/customers/{account.id}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        pages.append(answer.text)
    assert [found for page in pages for found in _look(page).bad] == []


@pytest.mark.parametrize(
    "name",
    ["{{7*7}}", "{{config}}", "{% for i in (1..1000000000) %}x{% endfor %}", "{{ shop.name }}", "${7*7}"],
)
def test_a_customers_name_is_never_read_as_a_template(session: Session, name: str) -> None:
    texts = _texts("Hello {{ customer.name }}")
    make_campaign(session, texts=texts)
    user = make_customer(session, name=name)
    agree(session, user)
    leave_cart(session, user, make_product(session))
    look_for_left_carts(session)
    run_jobs()
    (mail,) = mails_to(user.email)
    assert mail.subject == f"Hello {name}"


@pytest.mark.parametrize(
    "name",
    [
        "A\r\nBcc: victim@example.test",
        "A\nBcc: victim@example.test",
        "A\u2028Bcc: victim@example.test",
        "A\x0bBcc: x@example.test",
    ],
)
def test_a_name_with_line_breaks_adds_no_header(session: Session, name: str) -> None:
    make_campaign(session, texts=_texts("Hello {{ customer.name }}"))
    user: User = make_customer(session, name=name)
    agree(session, user)
    leave_cart(session, user, make_product(session))
    look_for_left_carts(session)
    run_jobs()
    (mail,) = mails_to(user.email)
    message = message_from_bytes(build(mail, get_settings().mail_from).as_bytes(), policy=modern)
    assert message["Bcc"] is None
    assert str(message["To"]) == user.email
    assert len(message.get_all("Subject")) == 1


def test_the_frame_of_a_preview_runs_nothing(session: Session, client: FlaskClient) -> None:
    make_campaign(session, texts=_texts(PAYLOADS[0]))
    make_product(session)
    sign_in(client, make_staff(session, "marketer"))
    answer = client.get("/staff/campaigns/left-cart/preview/mail?person=sample")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.split(";")[0] == "sandbox allow-popups allow-popups-to-escape-sandbox"
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert session.scalars(select(CampaignVersion.id)).first() is not None
