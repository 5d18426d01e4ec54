"""Programs that order through the API: their tokens, bodies and requests."""

from __future__ import annotations

import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from crm.identity.models import ApiToken, User
from crm.identity.tokens import digest_of, new_token

ORDERS = "/api/v1/orders"
ADDRESS = {
    "recipient": "Purchasing",
    "line1": "Hafenstrasse 1",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
}


def make_token(session: Session, user: User, *scopes: str) -> str:
    """A live token of the user; may read and place orders unless scopes are named."""
    plain = f"rpt_{new_token()}"
    session.add(
        ApiToken(
            user_id=user.id,
            name="Till",
            digest=digest_of(plain),
            scopes=list(scopes or ("orders:read", "orders:write")),
        )
    )
    session.flush()
    return plain


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def order_body(sku: str, quantity: Any = 1, **values: Any) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity}], "delivery_address": dict(ADDRESS), **values}


def post_order(
    client: FlaskClient, token: str, body: Any, *, key: str | None = None, **options: Any
) -> TestResponse:
    """POSTs an order; the key is a new one unless given."""
    headers = {**bearer(token), "Idempotency-Key": key or uuid.uuid4().hex}
    if isinstance(body, (bytes, str)):
        return client.post(ORDERS, data=body, headers=headers, content_type="application/json", **options)
    return client.post(ORDERS, json=body, headers=headers, **options)
