"""Mailed links: the token leaves the address bar at once, and only its digest is kept in the session."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from flask import redirect, request, session
from werkzeug.wrappers import Response

from core.errors import BadRequest
from core.web import context
from crm.identity.tokens import digest_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def taken(purpose: str, check: Callable[[str], object]) -> Response | None:
    """For the GET of a link: with ?token= the redirect to the clean address, without it None.

    `check` gets the digest and raises BadRequest for a dead link.
    """
    if "token" not in request.args:
        return None
    given = request.args.getlist("token")
    if len(given) != 1 or not _TOKEN.fullmatch(given[0]):
        raise BadRequest("token.dead")
    digest = digest_of(given[0])
    check(digest)
    session[f"link.{purpose}"] = digest
    response = redirect(request.path, code=303)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def held(purpose: str) -> str:
    """The digest of the link that this browser opened. Raises BadRequest without one."""
    digest = session.get(f"link.{purpose}")
    if not isinstance(digest, str):
        raise BadRequest("token.dead")
    return digest


def drop(purpose: str) -> None:
    session.pop(f"link.{purpose}", None)


def refuse_others(owner: uuid.UUID | None) -> None:
    """A link of one account does nothing for who is signed in to another; None is nobody's account yet."""
    who = context.actor()
    if who.is_signed_in and who.user_id != owner:
        raise BadRequest("token.other_account")
