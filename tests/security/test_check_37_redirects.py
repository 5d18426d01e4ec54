"""Check 37: a target that came with the request leads to no other site."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.people import make_account, make_user
from tests.factories.web import csrf_token

TARGETS = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "https:evil.example",
    "https://evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example",
    "\t//evil.example", "/\r\nLocation: https://evil.example", " //evil.example", "/%0d%0a/../\\evil", "evil.example",
    "//evil.example/%2f..", "/\u2028/evil.example", "https:\\\\evil.example", "//\x00evil.example",
]  # fmt: skip


def is_ours(location: str) -> bool:
    """A path that every browser reads as one on this site."""
    return re.match(r"/(?![/\\])[!-~]*$", location) is not None


@pytest.mark.parametrize("target", TARGETS)
def test_no_form_leads_to_another_site(client: FlaskClient, target: str) -> None:
    data = {"csrf_token": csrf_token(client), "locale": "en", "next": target}
    answer = client.post("/language", data=data)
    location = answer.headers.get("Location")
    assert answer.status_code == 400 if location is None else is_ours(location)


@pytest.mark.parametrize("target", TARGETS)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, session: Session, target: str) -> None:
    page = client.get("/sign-in", query_string={"next": target})
    assert page.status_code in {200, 400}
    assert "evil.example" not in re.sub(r'name="next"[^>]*value="[^"]*"', "", page.text)
    user = make_user(session, account=make_account(session))
    data = {
        "csrf_token": csrf_token(client),
        "email": user.email,
        "password": "correct horse battery",
        "next": target,
    }
    answer = client.post("/sign-in", data=data)
    assert answer.status_code in {303, 400, 422}
    assert is_ours(answer.headers.get("Location", "/"))


@pytest.mark.parametrize("target", ["/", "/shop?page=2", "/orders#x"])
def test_a_path_of_our_own_is_followed(client: FlaskClient, target: str) -> None:
    answer = client.post("/language", data={"csrf_token": csrf_token(client), "locale": "en", "next": target})
    assert (answer.status_code, answer.headers["Location"]) == (303, target)
