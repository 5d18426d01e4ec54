"""Whether somebody has chosen, for the frame of every page: from a cookie, or once in a while from the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, Response, after_this_request, g, request, session
from flask_login import user_logged_in
from sqlalchemy.orm import Session

from clickstream import consent, cookies, services
from clickstream.cookies import Choice
from core import clock
from core.actor import Actor
from core.transaction import reading, transaction
from core.web.context import SignedIn, actor
from core.web.sessions import ServerSession

HELD = "consent"  # in the person's session: what they decided, so that ordinary pages ask nobody
HELD_SECONDS = 900
KINDS = {"customer", "partner"}


def _held() -> ServerSession:
    return cast(ServerSession, session._get_current_object())  # type: ignore[attr-defined]


def _seconds() -> int:
    return int(clock.now().timestamp())


def hold(decided: Mapping[str, bool]) -> None:
    """Remembers a person's decisions in their session."""
    bits = [1 if decided[purpose] else 0 for purpose in _BROWSER if purpose in decided]
    _held()[HELD] = {"bits": bits if len(bits) == len(_BROWSER) else [], "at": _seconds()}


_BROWSER = (consent.CLICKS, consent.PERSONALISATION)


def _choice_of(person_id: uuid.UUID) -> Choice | None:
    """What the person decided, as their session remembers it: read anew every quarter of an hour."""
    found = _held().get(HELD)
    if not isinstance(found, dict) or _seconds() - int(found.get("at", 0)) > HELD_SECONDS:
        with reading() as db:
            hold(consent.decisions(db, person_id=person_id))
        found = _held()[HELD]
    bits = found["bits"]
    return Choice(bool(bits[0]), bool(bits[1])) if len(bits) == len(_BROWSER) else None


def current_choice(who: Actor) -> Choice | None:
    """What holds for this browser just now; None where somebody has yet to be asked.

    A person who has decided nothing is not asked again where the browser already said no.
    """
    in_browser = cookies.read_choice()
    if not who.is_signed_in or who.user_id is None:
        return in_browser
    own = _choice_of(who.user_id)
    if own is None and in_browser is not None and not in_browser.clicks:
        return in_browser
    return own


def frame() -> dict[str, Any]:
    """For the frame of every page: the question where it is open, the script where the answer was yes."""
    who = actor()
    if who.kind == "staff" or g.get("rendering_error") or cookies.refuses_tracking():
        return {}
    choice = current_choice(who)
    if choice is None:
        return {} if request.path == "/privacy" else {"consent_banner": "privacy/banner.html"}
    return {"clicks_on": choice.clicks}


def decide(db: Session, who: Actor, wanted: Mapping[str, bool], *, source: str) -> None:
    """Writes the decision of whoever asks, and lets their browser carry what follows from it."""
    if who.user_id is not None:
        consent.decide(db, wanted, person_id=who.user_id, source=source)
        decided = consent.decisions(db, person_id=who.user_id)
        hold(decided)
        _lower(Choice.of(decided))
        return
    choice = Choice.of(dict(wanted))
    visitor_id = cookies.current_visitor()
    known = visitor_id is not None and bool(consent.decisions(db, visitor_id=visitor_id))
    if choice.clicks:
        chosen = visitor_id if visitor_id is not None and known else cookies.new_visitor()
        consent.decide(db, choice.purposes, visitor_id=chosen, source=source)
        _carry(choice, chosen)
    else:
        if known:
            consent.decide(db, choice.purposes, visitor_id=visitor_id, source=source)
        _carry(choice, None)


def _carry(choice: Choice, visitor_id: uuid.UUID | None) -> None:
    @after_this_request
    def _set(response: Response) -> Response:
        cookies.keep_choice(response, choice)
        if visitor_id is not None:
            cookies.keep_visitor(response, visitor_id)
        else:
            cookies.drop_visitor(response)
        return response


def _lower(own: Choice) -> None:
    """A person's yes is theirs alone; their no also holds for the browser that they say it in."""
    in_browser = cookies.read_choice()
    if in_browser is None:
        return
    lowered = Choice(in_browser.clicks and own.clicks, in_browser.personalisation and own.personalisation)
    if lowered != in_browser:
        _carry(lowered, None)


def join_at_sign_in(_sender: Flask, user: SignedIn, **_more: Any) -> None:
    """What a visitor looked at comes along when they sign in; the visitor's name is used up by it.

    So no second person can ever join the same history, whoever signs in here next.
    """
    who = user.actor
    if who.kind not in KINDS or who.user_id is None:
        return
    visitor_id = cookies.current_visitor()
    if visitor_id is not None:
        with transaction() as db:
            services.join(db, visitor_id, who.user_id)

        @after_this_request
        def _used_up(response: Response) -> Response:
            cookies.drop_visitor(response)
            return response

    with reading() as db:
        hold(consent.decisions(db, person_id=who.user_id))


user_logged_in.connect(join_at_sign_in)
