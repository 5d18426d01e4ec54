"""The privacy page: what is recorded and why, switches, the history of decisions, deleting, parting."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from clickstream import consent, cookies, queries, services
from clickstream.words import step_name
from core.actor import Actor
from core.errors import BadRequest, NotFound
from core.i18n import _, ngettext
from core.transaction import reading, transaction
from core.web.basics import safe_target
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from portal.privacy import choices, purposes
from portal.privacy.titles import with_titles

blueprint = Blueprint("privacy", __name__, template_folder="templates")


def _subject(who: Actor) -> dict[str, uuid.UUID | None]:
    """The person, or else the visitor whose name this browser carries."""
    if who.user_id is not None:
        return {"person_id": who.user_id, "visitor_id": None}
    return {"person_id": None, "visitor_id": cookies.current_visitor()}


def _offered(who: Actor) -> tuple[purposes.Purpose, ...]:
    """A visitor has no address to write to."""
    return tuple(item for item in purposes.PURPOSES if who.is_signed_in or item.code != consent.MARKETING)


@blueprint.get("/privacy")
@allow.public
def show() -> str:
    who = actor()
    subject = _subject(who)
    with reading() as session:
        decided = consent.decisions(session, **subject)
        if not who.is_signed_in and (choice := cookies.read_choice()) is not None:
            decided = {**choice.purposes, **decided}
        return render(
            "privacy/show.html",
            offered=_offered(who),
            decided=decided,
            refuses=cookies.refuses_tracking(),
            is_staff=who.kind == "staff",
            history=consent.history(session, **subject, limit=50),
            recorded=queries.count_recorded(session, **subject),
            trail=with_titles(session, queries.list_own_trail(session, **subject, limit=8), who),
            joins=services.list_joins(session, who.user_id) if who.user_id else [],
            periods=purposes.periods(),
            name_of=purposes.name_of,
            step_name=step_name,
            source_of=purposes.source_of,
            target=safe_target(request.args.get("next"), ""),
        )


def _not_staff(who: Actor) -> None:
    if who.kind == "staff":
        raise BadRequest("error.customers_only")


@blueprint.post("/privacy/choice")
@allow.public
def choose() -> Response:
    """The answer to the question at the foot of a page."""
    who = actor()
    _not_staff(who)
    answer = request.form.get("choice", "")
    if answer not in {"accept", "decline"}:
        raise BadRequest
    wanted = dict.fromkeys((consent.CLICKS, consent.PERSONALISATION), answer == "accept")
    _decide(who, wanted, source="banner")
    return redirect(safe_target(request.form.get("next"), "/"), code=303)


@blueprint.post("/privacy")
@allow.public
def save() -> Response:
    """The switches of the page: what is not ticked is not granted."""
    who = actor()
    _not_staff(who)
    wanted = {item.code: request.form.get(item.code) == "1" for item in _offered(who)}
    _decide(who, wanted, source="privacy")
    flash(_("Your choice is saved. It holds from now on."), "success")
    return redirect(safe_target(request.form.get("next"), "/privacy"), code=303)


def _decide(who: Actor, wanted: dict[str, bool], *, source: str) -> None:
    if cookies.refuses_tracking() and not who.is_signed_in:
        # The browser has answered for its owner; a visitor's yes would leave a trace against that.
        wanted = dict.fromkeys(wanted, False)
    with transaction() as session:
        choices.decide(session, who, wanted, source=source)


@blueprint.post("/privacy/clicks/delete")
@allow.public
def delete_clicks() -> Response:
    """Deletes what is recorded of the person, or of this browser's visitor, at once."""
    who = actor()
    _not_staff(who)
    with transaction() as session:
        count = services.erase(session, **_subject(who))
    flash(
        ngettext("%(num)s recorded step is deleted.", "%(num)s recorded steps are deleted.", count)
        if count
        else _("Nothing was recorded."),
        "success",
    )
    return redirect("/privacy", code=303)


@blueprint.post("/privacy/visits/<uuid:visitor_id>/part")
@allow.customer
def part(visitor_id: uuid.UUID) -> Response:
    """What was looked at before signing in was somebody else: it is nobody's again."""
    who = actor()
    assert who.user_id is not None
    with transaction() as session:
        if not services.undo_join(session, visitor_id, who.user_id):
            raise NotFound
    flash(_("Those visits no longer belong to you."), "success")
    return redirect("/privacy#joined", code=303)
