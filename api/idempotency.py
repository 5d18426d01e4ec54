"""The Idempotency-Key header: one key, one effect, one answer, for at least 24 hours."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.orm import Session

from api.models import ApiIdempotency
from core import clock
from core.errors import BadRequest, Invalid
from core.jobs import recurring
from core.transaction import transaction
from crm.orders.numbers import take_turn

KEPT = timedelta(hours=48)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


def read_key() -> str:
    """The header's value. Raises BadRequest without one."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise BadRequest("api.idempotency_key", field="Idempotency-Key")
    return key


def digest_of(body: BaseModel) -> str:
    """Of the meaning, not of the spelling: white space and the order of keys do not matter."""
    told = json.dumps(body.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.path} {told}".encode()).hexdigest()


def once(user_id: uuid.UUID, key: str, digest: str, act: Callable[[Session], tuple[int, str]]) -> Response:
    """Does `act` (which returns status and body) unless it was done under this key; the answer is the same.

    The effect and the remembered answer are one transaction. A refusal is not remembered: nothing happened.
    """
    with transaction() as session:
        take_turn(session, f"api:{user_id}:{key}")
        before = session.get(ApiIdempotency, (user_id, key))
        if before is None:
            status, body = act(session)
            session.add(
                ApiIdempotency(
                    user_id=user_id, key=key, digest=digest, status=status, body=body, created_at=clock.now()
                )
            )
        elif before.digest != digest:
            raise Invalid("api.key_reused", field="Idempotency-Key")
        else:
            status, body = before.status, before.body
    response = Response(body, status=status, mimetype="application/json")
    if before is not None:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@recurring("api.prune_idempotency", every=timedelta(hours=1))
def prune_idempotency(session: Session) -> None:
    session.execute(delete(ApiIdempotency).where(ApiIdempotency.created_at < clock.now() - KEPT))
