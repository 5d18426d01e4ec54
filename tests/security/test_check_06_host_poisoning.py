"""Check 6: mailed links carry the configured host, whatever a request claims."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from core.settings import get_settings
from core.transaction import transaction
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import make_customer
from tests.factories.web import csrf_token


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "http://evil.example/forgot"},
        {"Host": "evil.example"},
        {"Host": "localhost@evil.example"},
        {"Host": "evil.example:80#localhost"},
        {"Host": "localhost.evil.example"},
    ],
)
def test_a_reset_mail_never_links_to_another_host(client: FlaskClient, headers: dict[str, str]) -> None:
    with transaction() as session:
        user = make_customer(session)
    token = csrf_token(client)
    response = client.post("/forgot", data={"csrf_token": token, "email": user.email}, headers=headers)
    run_jobs()
    mails = mails_to(user.email)
    assert response.status_code == (400 if "Host" in headers else 303)
    if response.status_code == 400:
        assert mails == []
        return
    assert len(mails) == 1
    assert f"{get_settings().url}/reset?token=" in mails[0].text
    assert "evil" not in mails[0].text + (mails[0].html or "") + str(mails[0].headers)
    assert "evil" not in response.headers["Location"]
