"""The queue: saved views, filters, search, and changing many at once."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.errors import Invalid
from core.i18n import _, explain, ngettext
from core.transaction import reading, transaction
from core.web.basics import safe_target
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.service import words
from crm.service.kinds import KIND, TEAMS
from crm.service.models import SEVERITIES, STATES
from crm.service.queries import STATE_GROUPS, VIEWS, CaseFilter, count_views, list_cases
from crm.service.work import change_many, list_workers

blueprint = Blueprint("admin_cases", __name__, template_folder="templates", url_prefix="/staff/cases")


def view_names() -> dict[str, str]:
    return {
        "mine": _("Mine"),
        "unassigned": _("Nobody's"),
        "waiting": _("Waiting"),
        "overdue": _("Promise broken"),
        "escalated": _("Escalated"),
        "all": _("All"),
    }


def as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None  # not chosen


def _one_of(name: str, allowed: Any) -> str:
    value = request.args.get(name, "")
    return value if value in allowed else ""


def _wanted() -> CaseFilter:
    return CaseFilter(
        text=request.args.get("q", "")[:200],
        state=_one_of("state", {*STATES, *STATE_GROUPS}),
        kind=_one_of("kind", KIND),
        team=_one_of("team", TEAMS),
        severity=_one_of("severity", SEVERITIES),
        account_id=as_id(request.args.get("customer", "")),
        view=_one_of("view", VIEWS) or "all",
    )


@blueprint.get("")
@allow.staff("cases.work")
def index() -> str:
    who, wanted = actor(), _wanted()
    before = request.args.get("before")
    with reading() as session:
        counts = count_views(session, who)
        page = list_cases(
            session, who, wanted, cursor=before or request.args.get("after") or None,
            direction="newer" if before else "older", limit=30,
        )  # fmt: skip
        return render(
            "admin_cases/index.html",
            page=page,
            wanted=wanted,
            views=[
                {
                    "label": label,
                    "url": url_for("admin_cases.index", view=view),
                    "active": wanted.view == view,
                    "count": counts.get(view),
                }
                for view, label in view_names().items()
            ],
            whose=page.rows[0].account_name if wanted.account_id and page.rows else None,
            states=[("", _("All")), ("unsettled", _("All that are not closed"))]
            + [(state, words.staff_state(state)) for state in STATES],
            kinds=[("", _("All"))] + [(code, words.kind(code)) for code in KIND],
            teams=[("", _("All"))] + [(code, words.team(code)) for code in TEAMS],
            severities=[("", _("All"))] + [(code, words.severity(code)) for code in SEVERITIES],
            workers=list_workers(session),
            newer_url=page_url(before=page.newer, after=None) if page.newer else None,
            older_url=page_url(after=page.older, before=None) if page.older else None,
            words=words,
        )


@blueprint.post("/bulk")
@allow.staff("cases.work")
def bulk() -> Response:
    """Assigns or closes what is ticked; what cannot be changed is named, the rest is done."""
    chosen = [as_id(text) for text in request.form.getlist("case")]
    target = safe_target(request.form.get("next"), url_for("admin_cases.index"))
    action = "close" if request.form.get("do") == "close" else "assign"
    assignee = as_id(request.form.get("assignee", ""))
    try:
        if None in chosen:
            raise Invalid("cases.bulk", limit=100)
        with transaction() as session:
            result = change_many(
                session, actor=actor(), case_ids=[case_id for case_id in chosen if case_id], action=action,
                assignee_id=assignee,
            )  # fmt: skip
    except Invalid as error:
        flash(explain(error), "error")
        return redirect(target, code=303)
    if result.done:
        said = ngettext("%(num)s case is closed.", "%(num)s cases are closed.", len(result.done))
        if action == "assign":
            said = ngettext("%(num)s case is assigned.", "%(num)s cases are assigned.", len(result.done))
        flash(said, "success")
    if result.refused:
        names = _(", ").join(result.refused[:10])
        flash(_("Left as they are, because they are closed: %(names)s", names=names), "warning")
    return redirect(target, code=303)
