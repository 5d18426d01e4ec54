"""What was decided about whom and why, and the addresses that get no promotion mail."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.campaigns import words
from admin.campaigns.forms import BlockForm
from admin.campaigns.views import blueprint
from campaigns import choices as own_choices
from campaigns import reasons
from campaigns.decisions import item_names
from campaigns.queries import (
    PAGE,
    DecisionFilter,
    list_campaigns,
    list_decisions_for_staff,
    list_suppressions,
)
from core.errors import Conflict, Invalid
from core.i18n import _
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.forms import choices
from core.web.pages import page_url, render
from core.web.policy import allow

OUTCOMES = ("sent", "skipped", "waiting")
LATELY = ("month", "refused")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None  # no page, so the first


@blueprint.get("/decisions")
@allow.staff("campaigns.manage")
def decisions() -> str:
    """Every decision, newest first: by campaign, outcome, reason or person."""
    outcome, reason = request.args.get("outcome", ""), request.args.get("reason", "")
    with reading() as session:
        listed = [campaign for campaign, _figures in list_campaigns(session)]
        wanted = DecisionFilter(
            campaign=request.args.get("campaign", "")
            if request.args.get("campaign") in {item.key for item in listed}
            else "",
            outcome=outcome if outcome in OUTCOMES else "",
            reason=reason if reason in reasons.REASONS else "",
            text=request.args.get("q", "")[:200],
            person_id=_uuid(request.args.get("person", "")),
            lately=request.args.get("lately", "") if request.args.get("lately") in LATELY else "",
        )
        after = _uuid(request.args.get("after", ""))
        found = list_decisions_for_staff(session, wanted, after=after, limit=PAGE + 1)
        rows = found[:PAGE]
        return render(
            "admin_campaigns/decisions.html",
            rows=rows,
            wanted=wanted,
            campaigns=[("", _("All campaigns")), *((item.key, words.name(item)) for item in listed)],
            outcomes=[("", _("All")), *((value, words.outcome(value)) for value in OUTCOMES)],
            reasons=[("", _("Any reason")), *((code, reasons.label(code)) for code in reasons.REASONS)],
            spans=[("", _("Any time")), ("month", _("Last 30 days")), ("refused", _("Refused this week"))],
            item_names=item_names,
            newest=page_url(after=None) if after else None,
            older=page_url(after=rows[-1].send.id) if len(found) > PAGE else None,
            words=words,
        )


def _form() -> BlockForm:
    form = BlockForm()
    form.reason.choices = choices(
        (value, words.suppression(value)) for value in ("manual", "bounced", "complaint")
    )
    return form


def _blocked(session: Session, form: BlockForm) -> str:
    return render("admin_campaigns/blocked.html", rows=list_suppressions(session), form=form, words=words)


@blueprint.get("/blocked")
@allow.staff("campaigns.manage")
def blocked() -> str:
    with reading() as session:
        return _blocked(session, _form())


@blueprint.post("/blocked")
@allow.staff("campaigns.manage")
def block() -> Response | tuple[str, int]:
    form, status = _form(), 422
    if form.validate():
        try:
            with transaction() as session:
                own_choices.block(
                    session,
                    actor(),
                    email=form.email.data,
                    reason=form.reason.data,
                    note=form.note.data or "",
                )
        except (Invalid, Conflict) as error:
            form.add_error(error)
            status = error.status
        else:
            flash(_("This address gets no promotion mail from now on."), "success")
            return redirect(url_for("admin_campaigns.blocked"), code=303)
    with reading() as session:
        return _blocked(session, form), status


@blueprint.post("/blocked/<uuid:suppression_id>/lift")
@allow.staff("campaigns.manage")
def lift(suppression_id: uuid.UUID) -> Response:
    with transaction() as session:
        own_choices.lift(session, actor(), suppression_id)
    flash(_("The address is off the list."), "success")
    return redirect(url_for("admin_campaigns.blocked"), code=303)
