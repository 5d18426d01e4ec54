"""The demo's mailbox: every mail, shown without letting it act."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from core.mail import queue_mail
from core.settings import Settings, get_settings
from core.transaction import transaction
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to

HTML = "<html><head></head><body><script>alert(1)</script><p>Hello <a href='https://x.example/'>link</a></p></body></html>"


def _mail(to: str, n: int = 0, **values: str) -> None:
    with transaction() as session:
        queue_mail(
            session,
            key=f"{to}{n}",
            to=to,
            subject=f"Subject {n} <b>",
            text="See http://127.0.0.1/x",
            kind="test",
            **values,
        )  # type: ignore[arg-type]


def test_mails_are_listed_newest_first_and_found_by_address(client: FlaskClient) -> None:
    for n in range(3):
        _mail("one@example.test", n)
    _mail("two@example.test", 9)
    page = client.get("/mailbox").text
    assert page.index("Subject 9") < page.index("Subject 2") < page.index("Subject 0")
    assert "Subject 0 &lt;b&gt;" in page
    found = client.get("/mailbox?q=ONE@").text
    assert "Subject 2" in found and "Subject 9" not in found
    assert "No mail yet" in client.get("/mailbox?q=%25").text
    run_jobs()
    assert "Delivered" in client.get("/mailbox").text


def test_long_lists_go_on(client: FlaskClient) -> None:
    for n in range(35):
        _mail("one@example.test", n)
    first = client.get("/mailbox").text
    assert first.count("/mailbox/") >= 30 and "Subject 4 " not in first
    older = first.split('href="/mailbox?before=')[1].split('"')[0]
    second = client.get(f"/mailbox?before={older}").text
    assert "Subject 4 " in second and "Subject 30 " not in second
    assert client.get("/mailbox?before=zzz").status_code == 400


def test_the_html_of_a_mail_cannot_act(client: FlaskClient) -> None:
    _mail("one@example.test", html=HTML)
    (mail,) = mails_to("one@example.test")
    frame = client.get(f"/mailbox/{mail.id}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_blank">' in frame.text
    page = client.get(f"/mailbox/{mail.id}")
    assert "<script>alert" not in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert 'href="http://127.0.0.1/x"' in page.text


def test_there_is_no_mailbox_in_production(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _mail("one@example.test", html=HTML)
    (mail,) = mails_to("one@example.test")
    production: Settings = get_settings().model_copy(update={"mode": "production"})
    monkeypatch.setattr("portal.account.mailbox_views.get_settings", lambda: production)
    for path in ("/mailbox", f"/mailbox/{mail.id}", f"/mailbox/{mail.id}/html"):
        assert client.get(path).status_code == 404
