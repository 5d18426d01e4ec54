"""Events as the page's script sends them, and people who agreed to be seen."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from clickstream import consent, cookies

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Accept-Language": "en",
}


def message_id() -> str:
    return secrets.token_hex(16)


def page(kind: str = "home", page_id: str = "", **more: Any) -> dict[str, Any]:
    """A page view, as the script writes it."""
    return {
        "type": "page",
        "messageId": message_id(),
        "properties": {"path": f"/{kind}", "kind": kind, **({"id": page_id} if page_id else {})},
        **more,
    }


def track(event: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "messageId": message_id(), "properties": properties}


def send(
    client: FlaskClient, *events: Any, headers: dict[str, str] | None = None, **more: Any
) -> TestResponse:
    """Posts one batch as a person's browser would."""
    return client.post(
        "/api/v1/events/batch", json={"batch": list(events), **more}, headers={**BROWSER, **(headers or {})}
    )


def agree(
    session: Session,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    **purposes: bool,
) -> None:
    """Grants clicks and personalisation, or what is named."""
    wanted = purposes or {consent.CLICKS: True, consent.PERSONALISATION: True}
    consent.decide(session, wanted, person_id=person_id, visitor_id=visitor_id, source="test")


def make_visitor(session: Session, client: FlaskClient | None = None, **purposes: bool) -> uuid.UUID:
    """A visitor who agreed; `client` becomes their browser."""
    visitor_id = cookies.new_visitor()
    agree(session, visitor_id=visitor_id, **purposes)
    if client is not None:
        client.set_cookie("rapport_visitor", str(visitor_id), domain="localhost")
        client.set_cookie("rapport_choice", f"{consent.VERSION}-11", domain="localhost")
    return visitor_id
