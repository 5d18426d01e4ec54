"""One case for staff: its whole ledger, the customer beside it, and what can be done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.cases.course import build
from admin.cases.forms import (
    AssignForm,
    EscalateForm,
    MoveForm,
    NoteForm,
    ReplyForm,
    ResolveForm,
    SeverityForm,
    StepForm,
)
from admin.cases.queue import as_id, blueprint
from core.errors import AppError, Conflict, Invalid, NotFound
from core.files import Kept, keep
from core.i18n import _, explain, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.downloads import send_stored
from core.web.forms import choices
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.models import Product
from crm.catalogue.pictures.addresses import picture_of
from crm.customers.models import Account
from crm.identity.models import User
from crm.orders import words as order_words
from crm.orders.models import Order
from crm.orders.queries import list_orders_of_account
from crm.ownership.queries import list_owned_of_account
from crm.service import escalations, words, work
from crm.service.access import get_case
from crm.service.kinds import TEAMS
from crm.service.lifecycle import TRANSITIONS, allowed_actions
from crm.service.models import SEVERITIES, Case
from crm.service.queries import (
    find_attachment,
    list_cases_of_account,
    list_context,
    list_ledger,
)

FORMS = {
    "reply_form": ReplyForm, "note_form": NoteForm, "move_form": MoveForm, "assign_form": AssignForm,
    "severity_form": SeverityForm, "escalate_form": EscalateForm, "resolve_form": ResolveForm,
}  # fmt: skip


@blueprint.get("/<reference>")
@allow.staff("cases.work")
def show(reference: str) -> str:
    with reading() as session:
        return _page(session, reference)


def _page(session: Session, reference: str, **shown: Any) -> str:
    """The case's page; `shown` are forms to show again with what was typed."""
    who = actor()
    case = get_case(session, who, reference)
    allowed = frozenset(allowed_actions(case.state, who))
    forms = {name: shown.get(name) or kind(formdata=None) for name, kind in FORMS.items()}
    for name, form in forms.items():
        name_fields(form, name.removesuffix("_form"))
        form.version.data = case.version
        if "key" in form._fields and not form._fields["key"].data:
            form._fields["key"].data = uuid4().hex
    _offer(session, case, forms, allowed, shown)
    raised = escalations.list_escalations(session, case.id)
    product = session.get(Product, case.product_id) if case.product_id else None
    order = session.get(Order, case.order_id) if case.order_id else None
    return render(
        "admin_cases/show.html",
        case=case,
        entries=build(case.reference, list_ledger(session, case.id)),
        allowed=allowed,
        context=list_context(session, case.id),
        escalation=next((item for item in raised if item.resolved_at is None), None),
        can_escalate="escalate" in allowed and not any(item.resolved_at is None for item in raised),
        assignee=session.get(User, case.assignee_id) if case.assignee_id else None,
        answers=words.answers(case.kind, case.fields),
        product=product,
        product_name=pick(product.names) if product else "",
        picture=picture_of(product) if product else None,
        order=order,
        words=words,
        order_words=order_words,
        pick=pick,
        **_customer(session, case),
        **forms,
    )


def name_fields(form: Any, prefix: str) -> None:
    """Several forms of one page have fields of the same name; their ids must differ."""
    for field in form:
        field.id = f"{prefix}-{field.short_name}"


def _customer(session: Session, case: Case) -> dict[str, Any]:
    """Who it is, and what they have and had: the panel beside the case."""
    who, account = actor(), session.get(Account, case.account_id) if case.account_id else None
    found: dict[str, Any] = {
        "account": account,
        "person": session.get(User, case.user_id) if case.user_id else None,
        "orders": [], "owned": [], "others": [],
    }  # fmt: skip
    if account is not None:
        if who.can("orders.read"):
            found["orders"] = list_orders_of_account(session, account.id, limit=4)
        found["owned"] = list_owned_of_account(session, account.id, limit=5)
        found["others"] = [
            other for other in list_cases_of_account(session, account.id, limit=6) if other.id != case.id
        ][:5]
    return found


def _offer(
    session: Session, case: Case, forms: dict[str, Any], allowed: frozenset[str], shown: dict[str, Any]
) -> None:
    """The answers that can be chosen now."""
    then = {
        "waiting_customer": _("wait for the customer"), "open": _("go on working on it"),
        "waiting_internal": _("wait for colleagues"), "solved": _("propose it as the solution"),
    }  # fmt: skip
    forms["reply_form"].then.choices = choices(
        (state, label)
        for state, label in then.items()
        if state == case.state or state in TRANSITIONS[case.state]
    )
    moves = {
        "start": _("In work"), "wait_customer": _("Waiting for the customer"),
        "wait_internal": _("Waiting for colleagues"), "reopen": _("Open again"), "close": _("Closed"),
    }  # fmt: skip
    forms["move_form"].action.choices = choices(
        (action, label) for action, label in moves.items() if action in allowed
    )
    people = [("", _("Nobody"))] + [(str(worker.id), worker.name) for worker in work.list_workers(session)]
    forms["assign_form"].assignee.choices = choices(people)
    forms["assign_form"].team.choices = choices((code, words.team(code)) for code in TEAMS)
    forms["severity_form"].severity.choices = choices((code, words.severity(code)) for code in SEVERITIES)
    if "assign_form" not in shown:
        forms["assign_form"].assignee.data = str(case.assignee_id or "")
        forms["assign_form"].team.data = case.team
    if "severity_form" not in shown:
        forms["severity_form"].severity.data = "severe" if case.severity == "normal" else "normal"


def _target(session: Session, reference: str) -> uuid.UUID:
    return get_case(session, actor(), reference).id


def _again(reference: str, error: AppError | None, **forms: Any) -> tuple[str, int]:
    """The page with what was typed. After a conflict the newest entries are on it, and sending again works."""
    if error is not None:
        flash(explain(error), "warning" if isinstance(error, Conflict) else "error")
    with reading() as session:
        return _page(session, reference, **forms), 409 if isinstance(error, Conflict) else 422


Do = Callable[[Session, uuid.UUID], Any]


def _act(reference: str, name: str, form: StepForm, do: Do, said: str) -> Response | tuple[str, int]:
    """Validates, acts in one transaction, and goes back to the page."""
    kept = {name: form} if isinstance(form, FORMS[name]) else {}
    if not form.validate_on_submit():
        return _again(reference, None, **kept)
    try:
        with transaction() as session:
            do(session, _target(session, reference))
    except Invalid as error:
        form.add_error(error)
        return _again(reference, error, **kept)
    except Conflict as error:
        return _again(reference, error, **kept)
    flash(said, "success")
    return redirect(url_for("admin_cases.show", reference=reference), code=303)


@blueprint.post("/<reference>/replies")
@allow.staff("cases.work")
def reply(reference: str) -> Response | tuple[str, int]:
    with reading() as session:
        _target(session, reference)
    form = ReplyForm()
    try:
        files = _files()
    except Invalid as error:
        form.validate_on_submit()
        form.add_error(error)
        return _again(reference, error, reply_form=form)
    return _act(
        reference, "reply_form", form,
        lambda session, case_id: work.reply(
            session, actor=actor(), case_id=case_id, text=form.text.data or "", then=form.then.data or "waiting_customer",
            files=files, key=form.key.data or None, version=form.version.data,
        ),
        _("Your reply is on its way to the customer."),
    )  # fmt: skip


def _files() -> list[Kept]:
    """What was handed in. Raises Invalid for a file that cannot be taken."""
    return [
        keep(upload.stream, upload.filename, field="files")
        for upload in request.files.getlist("files")
        if upload.filename
    ]


@blueprint.post("/<reference>/notes")
@allow.staff("cases.work")
def add_note(reference: str) -> Response | tuple[str, int]:
    form = NoteForm()
    return _act(
        reference, "note_form", form,
        lambda session, case_id: work.add_note(
            session, actor=actor(), case_id=case_id, text=form.text.data or "", key=form.key.data or None,
            version=form.version.data,
        ),
        _("The note is kept. Only colleagues see it."),
    )  # fmt: skip


@blueprint.post("/<reference>/state")
@allow.staff("cases.work")
def change_state(reference: str) -> Response | tuple[str, int]:
    form = MoveForm()
    return _act(
        reference, "move_form", form,
        lambda session, case_id: work.change_state(
            session, actor=actor(), case_id=case_id, action=form.action.data or "", reason=form.reason.data or "",
            version=form.version.data,
        ),
        _("The state is changed."),
    )  # fmt: skip


@blueprint.post("/<reference>/assignee")
@allow.staff("cases.work")
def assign(reference: str) -> Response | tuple[str, int]:
    form = AssignForm()
    return _act(
        reference, "assign_form", form,
        lambda session, case_id: work.assign(
            session, actor=actor(), case_id=case_id, assignee_id=as_id(form.assignee.data or ""),
            team=form.team.data or None, version=form.version.data,
        ),
        _("The case is assigned."),
    )  # fmt: skip


@blueprint.post("/<reference>/take")
@allow.staff("cases.work")
def take(reference: str) -> Response | tuple[str, int]:
    return _act(
        reference, "assign_form", StepForm(),
        lambda session, case_id: work.assign(
            session, actor=actor(), case_id=case_id, assignee_id=actor().user_id, version=_version()
        ),
        _("The case is yours."),
    )  # fmt: skip


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@blueprint.post("/<reference>/severity")
@allow.staff("cases.work")
def set_severity(reference: str) -> Response | tuple[str, int]:
    form = SeverityForm()
    return _act(
        reference, "severity_form", form,
        lambda session, case_id: work.set_severity(
            session, actor=actor(), case_id=case_id, severity=form.severity.data or "", reason=form.reason.data or "",
            version=form.version.data,
        ),
        _("The severity is changed."),
    )  # fmt: skip


@blueprint.post("/<reference>/escalate")
@allow.staff("cases.work")
def escalate(reference: str) -> Response | tuple[str, int]:
    form = EscalateForm()
    return _act(
        reference, "escalate_form", form,
        lambda session, case_id: escalations.escalate(
            session, actor=actor(), case_id=case_id, reason=form.reason.data or "", version=form.version.data
        ),
        _("A supervisor is called."),
    )  # fmt: skip


@blueprint.post("/<reference>/resolve")
@allow.staff("cases.supervise")
def resolve(reference: str) -> Response | tuple[str, int]:
    form = ResolveForm()
    return _act(
        reference, "resolve_form", form,
        lambda session, case_id: escalations.resolve(
            session, actor=actor(), case_id=case_id, outcome=form.outcome.data or "", version=form.version.data
        ),
        _("The escalation is settled."),
    )  # fmt: skip


@blueprint.get("/<reference>/files/<uuid:file_id>")
@allow.staff("cases.work")
def download(reference: str, file_id: uuid.UUID) -> Response:
    with reading() as session:
        found = find_attachment(session, actor(), _target(session, reference), file_id)
        if found is None:
            raise NotFound
        return send_stored(found.file, inline=request.args.get("show") == "1")


__all__ = ["blueprint"]
