"""The collector: where the pages of this site send what happens in them. It takes nobody's word for who they are."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, request

from clickstream import consent, cookies, drops
from clickstream.agents import is_bot
from clickstream.collecting import Sender, Taken, take
from clickstream.cookies import current_visitor, refuses_tracking
from clickstream.floods import WINDOW_SECONDS, AddressBudget
from clickstream.schemas import BadEvent, Event, read_event, read_sent_at
from core import clock, limits
from core.errors import BadRequest, Invalid, RateLimited
from core.transaction import reading, transaction
from core.web.context import address
from core.web.jsonbody import UnsupportedType, parse_json
from core.web.policy import allow
from core.web.security import refuse_foreign_origin
from core.web.sessions import find_signed_in

MOST_BYTES = 64 * 1024
MOST_EVENTS = 100
NEW_VISITORS = "60 per hour"

blueprint = Blueprint("clickstream", __name__)
budget = AddressBudget()


@blueprint.post("/api/v1/events/batch")
@allow.public
def collect() -> Response | tuple[Response, int]:
    """Takes a batch from the page's own script: 202 with what became of it, also where nothing is kept.

    Unlike other addresses under /api/ it reads the browser's cookies. So it takes JSON only, which no other
    site can make a browser send here, and refuses what says that it comes from elsewhere.
    """
    _refuse_others()
    items = _read_batch()
    if refuses_tracking():
        return _answer(Taken(dropped=len(items)), "refused", drop=True)
    if not budget.spend(address(), len(items)):
        raise RateLimited(retry_after=int(WINDOW_SECONDS))
    person_id = find_signed_in(request)
    visitor_id = None if person_id else current_visitor()
    with reading() as session:
        agreed = consent.has(session, consent.CLICKS, person_id=person_id, visitor_id=visitor_id)
    minted = None
    if not agreed and person_id is None:
        visitor_id = minted = _new_visitor()
        agreed = minted is not None
    if not agreed:
        return _answer(Taken(dropped=len(items)), "no_consent", drop=True)
    sender = Sender(person_id, visitor_id, _is_program())
    with transaction() as session:
        taken = take(session, sender, items, received_at=clock.now())
        drops.count_drop(session, drops.ADDRESS, budget.collect_dropped())
    if taken.dropped == len(items):
        raise RateLimited(retry_after=60)
    return _answer(taken, "", minted=minted)


def _refuse_others() -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise BadRequest("error.csrf")
    refuse_foreign_origin()
    if request.mimetype != "application/json":
        raise UnsupportedType


def _read_batch() -> list[Event | BadEvent]:
    request.max_content_length = MOST_BYTES
    body = parse_json(request.get_data(cache=False))
    batch: Any = body.get("batch") if isinstance(body, dict) else None
    if not isinstance(batch, list) or not 1 <= len(batch) <= MOST_EVENTS:
        raise Invalid("clicks.batch", field="batch", limit=MOST_EVENTS)
    sent_at = read_sent_at(body, batch)
    return [read_event(raw, sent_at) for raw in batch]


def _is_program() -> bool:
    return is_bot(request.user_agent.string, speaks_a_language=bool(request.headers.get("Accept-Language")))


def _new_visitor() -> uuid.UUID | None:
    """A new name where this browser has agreed and has none, such as after signing out. None otherwise."""
    choice = cookies.read_choice()
    if choice is None or not choice.clicks:
        return None
    limits.hit(NEW_VISITORS, "new_visitor", address())
    visitor_id = cookies.new_visitor()
    with transaction() as session:
        consent.decide(session, choice.purposes, visitor_id=visitor_id, source="browser")
    return visitor_id


def _answer(
    taken: Taken, reason: str, *, minted: uuid.UUID | None = None, drop: bool = False
) -> tuple[Response, int]:
    body: dict[str, Any] = dict(taken._asdict())
    if reason:
        body["reason"] = reason  # the script stops when it reads this
    response = jsonify(body)
    if minted is not None:
        cookies.keep_visitor(response, minted)
    if drop:
        cookies.drop_visitor(response)
    return response, 202


__all__ = ["blueprint", "budget", "current_visitor"]
