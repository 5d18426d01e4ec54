"""Check 39: nothing that is typed adds a recipient or a header to a mail."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from core.mail.message import build
from core.settings import get_settings
from core.transaction import reading, transaction
from crm.customers.models import Account
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import PASSWORD, make_account, make_user, sign_in
from tests.factories.web import post

BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "%0d%0a", "\\r\\n"]
EXPECTED = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "content-language",
    "mime-version", "content-type",
}  # fmt: skip


def check_only_mail(address: str) -> None:
    (mail,) = mails_to(address)
    message = build(mail, get_settings().mail_from)
    assert [str(value) for value in message.get_all("To", [])] == [address]
    assert {name.lower() for name in message} <= EXPECTED
    assert len(message.get_all("Subject", [])) == 1
    head = message.as_bytes().partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head and b"\nbcc" not in head and b"\rBcc" not in head
    assert not any(character in mail.subject for character in "\r\n\x0b\x0c\x1c\x85\u2028\u2029")


@pytest.mark.parametrize("line_break", BREAKS)
def test_names_in_a_sign_up(client: FlaskClient, line_break: str) -> None:
    name = f"Person{line_break}Bcc: evil@example.test{line_break}Subject: Buy"
    form = {"kind": "company", "company": name, "name": name, "email": "n@example.test", "password": PASSWORD}
    assert post(client, "/sign-up", form).status_code == 303
    run_jobs()
    check_only_mail("n@example.test")
    assert mails_to("evil@example.test") == []


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("page", ["/forgot", "/sign-up"])
def test_addresses_are_refused(client: FlaskClient, page: str, line_break: str) -> None:
    address = f"n@example.test{line_break}Bcc: evil@example.test"
    form = {"kind": "person", "name": "N", "email": address, "password": PASSWORD}
    assert post(client, page, form).status_code == 422
    assert run_jobs() == 0


@pytest.mark.parametrize(
    "address",
    [
        "a@example.test,evil@example.test",
        "a@example.test;evil@example.test",
        "<a@example.test>",
        '"a b"@example.test\n',
        "a@example.test evil@example.test",
    ],
)
def test_several_addresses_are_no_address(client: FlaskClient, address: str) -> None:
    assert post(client, "/forgot", {"email": address}).status_code == 422


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_company_name_in_the_subject_of_an_invitation(client: FlaskClient, line_break: str) -> None:
    """Also when an import brought the name into the database as it was."""
    with transaction() as session:
        account = make_account(session, name=f"Firm{line_break}Bcc: evil@example.test")
        admin = make_user(session, account=account, role="company_administrator", scope="company")
    sign_in(client, admin)
    assert (
        post(client, "/account/colleagues/invite", {"email": "i@example.test", "access": "own"}).status_code
        == 303
    )
    run_jobs()
    check_only_mail("i@example.test")


def test_names_are_kept_as_one_line(client: FlaskClient) -> None:
    name = "Firm\u2028with\x85breaks \u202eand\u200b tricks"
    form = {"kind": "company", "company": name, "name": "N", "email": "n@example.test", "password": PASSWORD}
    assert post(client, "/sign-up", form).status_code == 303
    run_jobs()
    client.get(mails_to("n@example.test")[0].text.split(get_settings().url)[1].split()[0])
    assert post(client, "/verify").status_code == 303
    with reading() as session:
        assert [row.name for row in session.query(Account)] == ["Firm with breaks and tricks"]
