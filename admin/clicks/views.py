"""Visits for analysts: the list, one visit step by step, and the events that could not be taken in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.clicks import titles
from clickstream import mending, staff_queries, words
from clickstream.models import ClickSession
from clickstream.queries import keys_of
from clickstream.staff_queries import VisitFilter
from core.actor import Actor
from core.errors import AppError, Invalid
from core.i18n import _, explain
from core.titles import Key, Title
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.jsonbody import parse_json
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.customers.queries import list_people

blueprint = Blueprint("admin_clicks", __name__, template_folder="templates", url_prefix="/staff/clicks")
OUTCOMES = {"order", "request"}
MOST_BODY = 8_000


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None  # no day, no filter


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _wanted(session: Session, who: Actor) -> VisitFilter:
    entry, outcome, kind = (request.args.get(name, "") for name in ("entry", "outcome", "who"))
    persons: tuple[uuid.UUID, ...] = ()
    if (person_id := _uuid("person")) is not None:
        persons = (person_id,)
    elif (account_id := _uuid("customer")) is not None and who.can("customers.read"):
        persons = tuple(person.user.id for person in list_people(session, account_id)) or (account_id,)
    return VisitFilter(
        since=_day("since"),
        until=_day("until"),
        who=kind if kind in {"persons", "visitors"} else "",
        person_ids=persons,
        entry=entry if entry in words.PAGES else "",
        outcome=outcome if outcome in OUTCOMES else "",
        bots=request.args.get("bots") == "1",
        timezone=who.timezone,
    )


def entry_name(visit: ClickSession, known: Mapping[Key, Title]) -> str:
    """Where the visit began, in words."""
    title = known.get((visit.entry_kind or "", visit.entry_id or ""))
    return title.text if title else _kind_name(visit.entry_kind)


@blueprint.get("")
@allow.staff("clicks.read")
def index() -> str:
    who = actor()
    with reading() as session:
        wanted = _wanted(session, who)
        found = staff_queries.list_visits(
            session, wanted, before=request.args.get("before", ""), after=request.args.get("after", "")
        )
        keys = [
            (visit.entry_kind, visit.entry_id)
            for visit in found.visits
            if visit.entry_id and visit.entry_kind
        ]
        return render(
            "admin_clicks/index.html",
            wanted=wanted,
            chosen=request.args.get("person") or request.args.get("customer"),
            figures=staff_queries.count_visits(session, wanted),
            visits=found.visits,
            people=titles.people(session, [visit.person_id for visit in found.visits], who),
            titles=dict(titles.resolve(session, keys, who)),
            entry=entry_name,
            kinds=[(kind, _(name)) for kind, name in words.PAGES.items()],
            duration=words.duration,
            waiting=staff_queries.count_quarantined(session),
            newer_url=page_url(after=found.newer, before=None) if found.newer else None,
            older_url=page_url(before=found.older, after=None) if found.older else None,
        )


def _kind_name(kind: str | None) -> str:
    return _(words.PAGES[kind]) if kind in words.PAGES else _("Page")


@blueprint.get("/visits/<uuid:visit_id>")
@allow.staff("clicks.read")
def visit(visit_id: uuid.UUID) -> str:
    who = actor()
    with reading() as session:
        found = staff_queries.get_visit(session, visit_id)
        steps = staff_queries.list_steps(session, visit_id)
        keys = {key for step in steps for key in keys_of(step.event)}
        return render(
            "admin_clicks/visit.html",
            visit=found,
            steps=steps,
            person=titles.people(session, [found.person_id], who).get(found.person_id)
            if found.person_id
            else None,
            titles=titles.resolve(session, keys, who),
            keys_of=keys_of,
            step_name=words.step_name,
            duration=words.duration,
            clock_time=words.clock_time,
            longest=max([step.dwell_ms for step in steps], default=0),
            is_cut=len(steps) >= staff_queries.MOST_STEPS,
            gap=timedelta(minutes=5),
        )


@blueprint.get("/quarantine")
@allow.staff("clicks.read")
def quarantine() -> str:
    reason = request.args.get("reason", "")
    reason = reason if reason in words.REASONS else ""
    with reading() as session:
        rows = staff_queries.list_quarantined(
            session, reason=reason, before=_uuid("before"), limit=staff_queries.PAGE + 1
        )
        shown = rows[: staff_queries.PAGE]
        return render(
            "admin_clicks/quarantine.html",
            rows=shown,
            reason=reason,
            reasons=staff_queries.list_reasons(session),
            drops=staff_queries.list_drops(session),
            reason_name=words.reason_name,
            older_url=page_url(before=shown[-1].id) if len(rows) > staff_queries.PAGE else None,
            newer_url=page_url(before=None) if request.args.get("before") else None,
        )


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


@blueprint.get("/quarantine/<uuid:row_id>")
@allow.staff("clicks.read")
def event(row_id: uuid.UUID) -> str:
    return _event(row_id, None, None)


def _event(row_id: uuid.UUID, body: str | None, error: AppError | None) -> str:
    with reading() as session:
        row = staff_queries.get_quarantined(session, row_id)
        text = _("This event still cannot be taken in: %(reason)s")
        said = None
        if error is not None and error.code == "clicks.still_wrong":
            said = text % {"reason": words.reason_name(error.params["reason"])}
            said += f" ({error.params['part']})" if error.params["part"] else ""
        return render(
            "admin_clicks/event.html",
            row=row,
            body=_pretty(row.body) if body is None else body,
            error=said or (explain(error) if error else None),
            reason_name=words.reason_name,
            most=MOST_BODY,
        )


@blueprint.post("/quarantine/<uuid:row_id>")
@allow.staff("clicks.manage")
def mend(row_id: uuid.UUID) -> Response | tuple[str, int]:
    """The corrected event comes in as if it had been right; or it is thrown away."""
    body = request.form.get("body", "")[:MOST_BODY]
    is_thrown_away = request.form.get("action") == "delete"
    try:
        event = None if is_thrown_away else mending.corrected(_parsed(body))
    except Invalid as error:
        return _event(row_id, body, error), 422
    outcome = "deleted"
    with transaction() as session:
        row = staff_queries.get_quarantined(session, row_id)
        if event is None:
            session.delete(row)
        else:
            outcome = mending.replay(session, row, event)
    flash(_TOLD[outcome](), "success" if outcome in {"stored", "deleted"} else "info")
    return redirect(url_for("admin_clicks.quarantine"), code=303)


def _parsed(body: str) -> object:
    try:
        return parse_json(body.encode("utf-8"))
    except AppError:
        raise Invalid("clicks.not_json", field="body") from None


_TOLD = {
    "stored": lambda: _("The event is taken in."),
    "duplicate": lambda: _("An event of this name was there already, so this one is not kept."),
    "gone": lambda: _("The person or visitor no longer agrees to this, so the event was deleted."),
    "deleted": lambda: _("The event is thrown away."),
}


@blueprint.post("/quarantine/replay")
@allow.staff("clicks.manage")
def replay() -> Response:
    """Tries everything again as it is: since it came, we may have learned its words."""
    with transaction() as session:
        told = mending.replay_all(session)
    flash(
        _(
            "%(stored)s taken in, %(left)s still do not fit, %(others)s deleted.",
            stored=told["stored"],
            left=told["left"],
            others=told["gone"] + told["duplicate"],
        ),
        "info",
    )
    return redirect(url_for("admin_clicks.quarantine"), code=303)
