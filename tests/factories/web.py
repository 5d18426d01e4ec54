"""Sending forms as a browser does: the token comes from a page of the same session."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([0-9A-Za-z._-]+)"')


def csrf_token(client: FlaskClient, page: str = "/no-such-page") -> str:
    """The token that pages of this client's session carry."""
    found = _TOKEN.search(client.get(page).text)
    assert found, f"{page} carries no CSRF token"
    return found[1]


def post(
    client: FlaskClient, url: str, data: Mapping[str, Any] | None = None, **options: Any
) -> TestResponse:
    """POSTs a form with a valid token."""
    token = csrf_token(client)
    return client.post(url, data={"csrf_token": token, **(data or {})}, **options)
