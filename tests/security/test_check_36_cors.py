"""No other site may read what the API or the pages answer."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.people import make_account, make_user
from tests.factories.programs import ORDERS, bearer, make_token

ORIGINS = (
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://evillocalhost",
    "http://localhost",
)


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("path", [ORDERS, "/api/v1/openapi.json", "/cart", "/checkout", "/healthz"])
def test_no_origin_is_let_in(client: FlaskClient, session: Session, origin: str, path: str) -> None:
    token = make_token(session, make_user(session, account=make_account(session)))
    headers = {"Origin": origin, **bearer(token)}
    preflight = {
        **headers,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for answer in (client.get(path, headers=headers), client.options(path, headers=preflight)):
        assert [name for name in answer.headers.keys() if name.lower().startswith("access-control-")] == []  # noqa: SIM118
