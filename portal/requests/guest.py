"""Without signing in: the short page behind a mailed link, and asking for such a link."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from core import limits
from core.errors import NotFound
from core.i18n import _
from core.jobs import enqueue
from core.transaction import reading, transaction
from core.web.context import address
from core.web.pages import render, under_a_key
from core.web.policy import allow
from crm.service import words
from crm.service.brief import list_entries
from crm.service.links import find_linked
from portal.requests import timeline
from portal.requests.forms import FindForm
from portal.requests.mails import LOOK_UP
from portal.requests.views import blueprint

RULE = "5 per 15 minutes"
links = Blueprint("request_links", __name__, template_folder="templates")


@links.get("/r/<token>")
@allow.public
def linked(token: str) -> Response:
    """State and course of one request: nothing that anybody wrote, no names, no files."""
    with reading() as session:
        case = find_linked(session, token)
        if case is None:
            raise NotFound("cases.dead_link")
        page = render(
            "requests/linked.html",
            case=case,
            steps=timeline.build(case, list_entries(session, case.id)),
            words=words,
        )
    return under_a_key(page)


@blueprint.get("/find")
@allow.public
def find() -> str:
    return render("requests/find.html", form=FindForm())


@blueprint.post("/find")
@allow.public
def find_submit() -> BaseResponse | tuple[str, int]:
    """Always the same answer: who knows number and address gets a mail, and nobody learns which requests exist."""
    limits.hit(RULE, "request_look_up", address())
    form = FindForm()
    if not form.validate_on_submit():
        return render("requests/find.html", form=form), 422
    with transaction() as session:
        # Looking for the request is the worker's work, so that the answer takes as long for a wrong pair.
        enqueue(session, LOOK_UP, {"reference": form.reference.data, "email": form.email.data})
    flash(
        _("If number and address belong together, a mail with a link to the request is on its way to you."),
        "success",
    )
    return redirect(url_for("requests.find"), code=303)


__all__ = ["blueprint", "links"]
