"""Checks 33 and 34: cookies bound to the host, and guarding headers on every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.factory import create_app
from core.settings import get_settings

# An answer of each kind: page, redirect, refused, missing, wrong method, machine's, static, missing static.
ANSWERS = [
    ("GET", "/", 200), ("GET", "/sign-in", 200), ("GET", "/account", 401), ("GET", "/staff", 401), ("GET", "/nothing", 404),
    ("POST", "/", 400), ("PUT", "/api/v1/orders", 405), ("POST", "/sign-in", 400), ("GET", "/healthz", 200), ("GET", "/api/v1/orders", 401),
    ("GET", "/api/v1/nothing", 404), ("GET", "/static/app.css", 200), ("GET", "/static/nothing.css", 404),
    ("HEAD", "/", 200), ("GET", f"/search?q={'x' * 5000}", 400), ("GET", "/metrics", 404),
]  # fmt: skip


@pytest.fixture
def https(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application as it stands behind an https address."""
    monkeypatch.setenv("RAPPORT_BASE_URL", "https://shop.example")
    get_settings.cache_clear()
    made = create_app()
    made.testing = True
    yield made
    monkeypatch.undo()
    get_settings.cache_clear()


def open_at(app: Flask, method: str, path: str, **options: object):  # type: ignore[no-untyped-def]
    return app.test_client().open(
        path, method=method, base_url="https://shop.example", buffered=True, **options
    )


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_guarding_headers(https: Flask, method: str, path: str, status: int) -> None:
    answer = open_at(https, method, path)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    found = re.match(r"max-age=(\d+); includeSubDomains$", headers["Strict-Transport-Security"])
    assert found and int(found[1]) >= 31_536_000
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert (
        policy["default-src"]
        == policy["base-uri"]
        == policy["object-src"]
        == policy["frame-ancestors"]
        == "'none'"
    )
    assert (
        "unsafe" not in headers["Content-Security-Policy"] and "*" not in headers["Content-Security-Policy"]
    )
    assert "Server" not in headers and "X-Powered-By" not in headers


def test_the_nonce_of_a_page_is_its_own_and_no_inline_script_is_without_it(https: Flask) -> None:
    nonces = set()
    for _ in range(3):
        answer = open_at(https, "GET", "/sign-in")
        (nonce,) = re.findall(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
        nonces.add(nonce)
        assert len(nonce) >= 20
        for tag in re.findall(r"<script\b[^>]*>", answer.text):
            assert f'nonce="{nonce}"' in tag or 'src="/static/' in tag
        assert not re.search(r"<[a-z][^>]*\s(?:on[a-z]+|style)=", answer.text)
        assert "<style" not in answer.text
    assert len(nonces) == 3


def test_cookies_are_bound_to_the_host_and_closed_to_scripts(https: Flask, session: Session) -> None:
    answer = open_at(https, "GET", "/sign-in")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        name, *parts = [part.strip() for part in cookie.split(";")]
        assert name.startswith("__Host-")
        attributes = {part.partition("=")[0].lower() for part in parts}
        assert {"secure", "httponly", "path"} <= attributes and "domain" not in attributes
        assert "SameSite=Lax" in parts and "Path=/" in parts


def test_static_files_are_kept_and_set_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/static/app.css", buffered=True)
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
