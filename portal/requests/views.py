"""The list of requests, one request with its conversation, and what its customer can do."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import uuid4

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import clock, limits
from core.errors import BadRequest, Conflict, NotFound
from core.i18n import _, explain, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.downloads import send_stored
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of
from crm.orders.access import orders_visible_to
from crm.orders.models import Order
from crm.service import conversation, words
from crm.service.access import sees_colleagues
from crm.service.brief import BriefCase, get_brief, list_entries
from crm.service.kinds import KIND
from crm.service.lifecycle import allowed_actions
from crm.service.queries import STATE_GROUPS, CaseFilter, find_attachment, list_cases, list_colleagues
from portal.requests import timeline
from portal.requests.filing import as_id, blueprint
from portal.requests.forms import ACCEPTED, AcceptForm, ReplyForm, StepForm, WhyForm
from portal.requests.uploads import Uploads, take_uploads, tell

REPLIES = "60 per hour"


def groups() -> list[tuple[str, str]]:
    return [
        ("", _("All requests")),
        ("open", _("Under way")),
        ("yours", _("Your turn")),
        ("solved", _("Solution proposed")),
        ("closed", _("Closed")),
    ]


def _wanted() -> CaseFilter:
    state, kind, who = request.args.get("state", ""), request.args.get("kind", ""), actor()
    person = as_id(request.args.get("person", "")) if sees_colleagues(who) else None
    if sees_colleagues(who) and request.args.get("person") == "me":
        person = who.user_id
    return CaseFilter(
        text=request.args.get("q", "")[:200],
        state=state if state in STATE_GROUPS else "",
        kind=kind if kind in KIND else "",
        user_id=person,
    )


def _chips(wanted: CaseFilter, people: dict[str, str]) -> list[dict[str, str]]:
    told: list[tuple[str, str]] = []
    if wanted.state:
        told.append(("state", dict(groups())[wanted.state]))
    if wanted.kind:
        told.append(("kind", words.kind(wanted.kind)))
    if wanted.user_id and (name := people.get(str(wanted.user_id))):
        told.append(("person", name))
    return [
        {"label": label, "remove_url": page_url(**{key: None, "after": None, "before": None})}
        for key, label in told
    ]


@blueprint.get("")
@allow.customer
def index() -> str:
    who, wanted = actor(), _wanted()
    before = request.args.get("before")
    with reading() as session:
        page = list_cases(
            session, who, wanted, cursor=before or request.args.get("after") or None,
            direction="newer" if before else "older",
        )  # fmt: skip
        people = [(str(user_id), name) for user_id, name in list_colleagues(session, who)]
        return render(
            "requests/list.html",
            page=page,
            wanted=wanted,
            groups=groups(),
            kinds=[("", _("All kinds"))] + [(code, words.kind(code)) for code in KIND],
            people=people,
            person="me" if request.args.get("person") == "me" else wanted.user_id or "",
            chips=_chips(wanted, dict(people)),
            newer_url=page_url(before=page.newer, after=None) if page.newer else None,
            older_url=page_url(after=page.older, before=None) if page.older else None,
            words=words,
        )


@blueprint.get("/<reference>")
@allow.customer
def show(reference: str) -> str:
    with reading() as session:
        return _page(session, reference)


def _page(session: Session, reference: str, **shown: Any) -> str:
    """The request's page; `shown` are the forms to show again with what was typed."""
    who = actor()
    case = get_brief(session, who, reference)
    entries = list_entries(session, case.id)
    context: dict[str, Any] = {"uploads": Uploads()}
    for name, kind in (("reply_form", ReplyForm), ("reject_form", WhyForm), ("reopen_form", WhyForm),
                       ("accept_form", AcceptForm)):  # fmt: skip
        form = shown.get(name) or kind(formdata=None)
        # Several forms of one page have fields of the same name; their ids must differ.
        for field in form:
            field.id = f"{name.removesuffix('_form')}-{field.short_name}"
        if "version" in form._fields:
            form._fields["version"].data = case.version
        if "key" in form._fields and not form._fields["key"].data:
            form._fields["key"].data = uuid4().hex
        context[name] = form
    product = session.get(Product, case.product_id) if case.product_id else None
    return render(
        "requests/show.html",
        case=case,
        entries=entries,
        steps=timeline.build(case, entries),
        allowed=frozenset(_allowed(case)),
        order_number=_order_number(session, case),
        product=product,
        product_name=pick(product.names) if product else "",
        picture=picture_of(product) if product else None,
        answers=words.answers(case.kind, case.fields),
        words=words,
        accepted=ACCEPTED,
        **{**context, **shown},
    )


def _order_number(session: Session, case: BriefCase) -> str | None:
    """The number of the order, if this person may see the order too."""
    if case.order_id is None:
        return None
    found: str | None = session.scalar(
        orders_visible_to(actor()).where(Order.id == case.order_id).with_only_columns(Order.number)
    )
    return found


def _allowed(case: BriefCase) -> list[str]:
    allowed = list(allowed_actions(case.state, actor()))
    if case.closed_at is not None and case.closed_at + conversation.REOPENED_WITHIN <= clock.now():
        allowed = [action for action in allowed if action != "reopen"]
    return allowed


def _target(session: Session, reference: str) -> uuid.UUID:
    return get_brief(session, actor(), reference).id


def _again(reference: str, error: Conflict | None = None, **forms: Any) -> tuple[str, int]:
    """The page with what was typed; a conflict is told above it, and the newest entries are on it."""
    if error is not None:
        flash(explain(error), "warning")
    with reading() as session:
        return _page(session, reference, **forms), 422 if error is None else 409


def _back(reference: str, text: str) -> Response:
    flash(text, "success")
    return redirect(url_for("requests.show", reference=reference), code=303)


@blueprint.post("/<reference>/replies")
@allow.customer
def reply(reference: str) -> Response | tuple[str, int]:
    with reading() as session:
        _target(session, reference)  # somebody else's request takes no file of theirs
    form, uploads = ReplyForm(), take_uploads()
    is_valid = form.validate_on_submit() and not uploads.wrong
    tell(form, uploads)
    if not is_valid:
        return _again(reference, reply_form=form, uploads=uploads)
    limits.hit(REPLIES, "request_reply", str(actor().user_id))
    try:
        with transaction() as session:
            conversation.write_again(
                session, actor=actor(), case_id=_target(session, reference), text=form.text.data or "",
                files=uploads.kept, key=form.key.data or None,
            )  # fmt: skip
    except Conflict as error:
        return _again(reference, error, reply_form=form, uploads=uploads)
    return _back(reference, _("Your message is with us."))


@blueprint.post("/<reference>/accept")
@allow.customer
def accept(reference: str) -> Response | tuple[str, int]:
    form = AcceptForm()
    if not form.validate_on_submit():
        return _again(reference, accept_form=form)
    try:
        with transaction() as session:
            conversation.accept(
                session, actor=actor(), case_id=_target(session, reference), rating=form.rating.data,
                version=form.version.data,
            )  # fmt: skip
    except Conflict as error:
        return _again(reference, error, accept_form=form)
    return _back(reference, _("We are glad that it is solved. The request is closed."))


@blueprint.post("/<reference>/reject")
@allow.customer
def reject(reference: str) -> Response | tuple[str, int]:
    form = WhyForm()
    if not form.validate_on_submit():
        return _again(reference, reject_form=form)
    try:
        with transaction() as session:
            conversation.reject(
                session, actor=actor(), case_id=_target(session, reference), text=form.text.data or "",
                version=form.version.data, key=form.key.data or None,
            )  # fmt: skip
    except Conflict as error:
        return _again(reference, error, reject_form=form)
    return _back(reference, _("Thank you for telling us. We go on working on it."))


@blueprint.post("/<reference>/reopen")
@allow.customer
def reopen(reference: str) -> Response | tuple[str, int]:
    form = WhyForm()
    if not form.validate_on_submit():
        return _again(reference, reopen_form=form)
    try:
        with transaction() as session:
            conversation.reopen(
                session, actor=actor(), case_id=_target(session, reference), text=form.text.data or "",
                version=form.version.data, key=form.key.data or None,
            )  # fmt: skip
    except Conflict as error:
        return _again(reference, error, reopen_form=form)
    return _back(reference, _("The request is open again."))


@blueprint.post("/<reference>/close")
@allow.customer
def close(reference: str) -> Response | tuple[str, int]:
    form = StepForm()
    if not form.validate_on_submit():
        raise BadRequest
    try:
        with transaction() as session:
            conversation.close(
                session, actor=actor(), case_id=_target(session, reference), version=form.version.data
            )
    except Conflict as error:
        return _again(reference, error)
    return _back(reference, _("The request is closed. You can open it again if you need to."))


@blueprint.get("/<reference>/files/<uuid:file_id>")
@allow.customer
def download(reference: str, file_id: uuid.UUID) -> Response:
    """A file of a public entry, always as a download; pictures also in place with ?show=1."""
    with reading() as session:
        found = find_attachment(session, actor(), _target(session, reference), file_id)
        if found is None:
            raise NotFound
        return send_stored(found.file, inline=request.args.get("show") == "1")
