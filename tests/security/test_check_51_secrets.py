"""Check 51: no password, token or key is in a log line, a job or an error that is kept."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.jobs import enqueue, job
from core.jobs.models import Job
from core.jobs.runner import run_job
from core.mail import queue_mail
from core.settings import get_settings
from core.telemetry import configure_logging
from core.transaction import transaction
from tests.factories.durable import own_jobs
from tests.factories.people import make_account, make_user
from tests.factories.smtp import smtp_sink
from tests.factories.web import post

MARKERS = ("password-marker", "smtp-marker", "token-marker", "key-marker")


@pytest.fixture
def logged() -> Callable[[], str]:
    """Everything that was logged, as it would be on a server that logs the most."""
    stream = io.StringIO()
    configure_logging("DEBUG", json_lines=True)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream))
    for handler in logging.getLogger().handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    return stream.getvalue


def check_kept_nowhere(session: Session, lines: str) -> None:
    kept = [json.dumps([row.payload, row.error, row.key]) for row in session.scalars(select(Job))]
    assert not [marker for marker in MARKERS if marker in lines or any(marker in row for row in kept)]


def test_passwords_that_were_typed(client: FlaskClient, session: Session, logged: Callable[[], str]) -> None:
    user = make_user(session, account=make_account(session))
    for email in (user.email, "nobody@example.test"):
        answer = post(client, "/sign-in", {"email": email, "password": "password-marker"})
        assert answer.status_code in {401, 422}
    post(
        client,
        "/sign-in?password=password-marker",
        {"email": user.email, "password": "correct horse battery"},
    )
    client.get("/reset?token=token-marker")
    client.get("/o/token-marker")
    client.get("/api/v1/orders", headers={"Authorization": "Bearer token-marker-that-is-long-enough"})
    lines = logged()
    assert '"event"' in lines  # something was logged at all
    check_kept_nowhere(session, lines)


def test_the_password_of_the_mail_server(
    session: Session, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtp_sink() as sink:
        monkeypatch.setenv("RAPPORT_SMTP_URL", f"smtp://user:smtp-marker@127.0.0.1:{sink.port}")
        get_settings.cache_clear()
        sink.replies["AUTH"] = "535 wrong"
        queue_mail(
            session, key="k", to="a@example.test", subject="x", text="token-marker", kind="x", sensitive=True
        )
        (made,) = session.scalars(select(Job.id).where(Job.name == "mail.deliver"))
        assert run_job(made) == "pending"
        login = next(line for line in sink.commands if line.startswith("AUTH PLAIN "))
        assert b"smtp-marker" in base64.b64decode(login.split()[2])
    monkeypatch.undo()
    get_settings.cache_clear()
    lines = logged()
    assert "job_failed" in lines
    check_kept_nowhere(session, lines)


def test_values_of_a_statement_that_failed(logged: Callable[[], str]) -> None:
    with own_jobs():

        @job("test.fails")
        def fails(session: Session, payload: dict[str, Any]) -> None:
            session.execute(text("INSERT INTO no_such_table VALUES (:value)"), {"value": "password-marker"})

        with transaction() as session:
            made = enqueue(session, "test.fails")
        assert made is not None
        run_job(made)
        lines = logged()
        assert "no_such_table" in lines
        with transaction() as session:
            check_kept_nowhere(session, lines)


@pytest.mark.parametrize(
    "name", ["password", "secret_key", "api_key", "authorization", "cookie", "smtp_url", "reset_token"]
)
def test_values_under_telling_names_and_passwords_in_addresses(logged: Callable[[], str], name: str) -> None:
    structlog.get_logger().warning("told", **{name: "key-marker"})
    structlog.get_logger().warning("told", address="amqp://user:key-marker@host/", head="Bearer key-marker")
    logging.getLogger("library").warning("cannot reach %s", "postgresql://user:key-marker@host/db")
    lines = logged()
    assert "***" in lines
    assert "key-marker" not in lines
