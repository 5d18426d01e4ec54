"""Members of staff: who they are, what they may do, and shutting somebody out. For administrators."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from admin.users.forms import ROLE_HINTS, ROLE_NAMES, NewUserForm, RolesForm
from core.errors import Invalid
from core.i18n import _
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from core.web.sessions import end_sessions, list_sessions
from crm.identity import services, staff
from crm.identity.queries import PAGE, list_staff
from crm.identity.roles import STAFF_ROLES

blueprint = Blueprint("staff_users", __name__, template_folder="templates")

MOST_PAGES = 200


def _offset() -> int:
    given = request.args.get("page", "1")
    return (
        (min(int(given), MOST_PAGES) - 1) * PAGE if given.isdecimal() and len(given) < 6 and int(given) else 0
    )


@blueprint.get("/staff/users")
@allow.staff("users.manage")
def index() -> str:
    text, role, state = (request.args.get(name, "")[:200] for name in ("q", "role", "state"))
    offset = _offset()
    with reading() as session:
        users = list_staff(session, text=text, role=role, state=state, offset=offset, limit=PAGE + 1)
        page = offset // PAGE + 1
        return render(
            "admin_users/index.html",
            users=users[:PAGE],
            text=text,
            role=role,
            state=state,
            role_names=ROLE_NAMES,
            newer=page_url(page=page - 1 if page > 2 else None) if page > 1 else None,
            older=page_url(page=page + 1) if len(users) > PAGE else None,
        )


@blueprint.get("/staff/users/new")
@allow.staff("users.manage")
def new_user() -> str:
    return render("admin_users/new.html", form=NewUserForm(formdata=None), role_hints=ROLE_HINTS)


@blueprint.post("/staff/users/new")
@allow.staff("users.manage")
def create_user() -> Response | tuple[str, int]:
    form = NewUserForm()
    if form.validate():
        try:
            with transaction() as session:
                user = staff.create_staff(
                    session,
                    actor(),
                    email=form.email.data,
                    name=form.name.data,
                    roles=form.roles.data or [],
                    locale=form.locale.data,
                )
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return render("admin_users/new.html", form=form, role_hints=ROLE_HINTS), 422
    flash(_("The account is made and an invitation is on its way."), "success")
    return redirect(f"/staff/users/{user.id}", code=303)


def _page(user_id: uuid.UUID, form: RolesForm | None = None) -> str:
    with reading() as session:
        user = staff.get_staff(session, actor(), user_id)
        held = [role.role for role in user.roles]
        if form is None:
            form = RolesForm(formdata=None)
            form.roles.data = held
        return render(
            "admin_users/user.html",
            user=user,
            form=form,
            held=[ROLE_NAMES[role] for role in STAFF_ROLES if role in held],
            role_hints=ROLE_HINTS,
            is_self=user.id == actor().user_id,
            session_count=len(list_sessions(session, user.id)),
        )


@blueprint.get("/staff/users/<uuid:user_id>")
@allow.staff("users.manage")
def show_user(user_id: uuid.UUID) -> str:
    return _page(user_id)


@blueprint.post("/staff/users/<uuid:user_id>/roles")
@allow.staff("users.manage")
def change_roles(user_id: uuid.UUID) -> Response | tuple[str, int]:
    """Whoever gets other roles signs in anew, so that no session outlives the rights it began with."""
    form = RolesForm()
    if form.validate():
        try:
            with transaction() as session:
                if staff.change_roles(session, actor(), user_id, form.roles.data or []):
                    end_sessions(session, user_id)
        except Invalid as error:
            form.add_error(error)
    if form.errors:
        return _page(user_id, form), 422
    flash(_("The roles are saved. They hold from the next sign-in."), "success")
    return redirect(f"/staff/users/{user_id}", code=303)


@blueprint.post("/staff/users/<uuid:user_id>/deactivate")
@allow.staff("users.manage")
def deactivate(user_id: uuid.UUID) -> Response:
    with transaction() as session:
        staff.set_active(session, actor(), user_id, False)
        end_sessions(session, user_id)
    flash(_("The account is deactivated and signed out everywhere."), "success")
    return redirect(f"/staff/users/{user_id}", code=303)


@blueprint.post("/staff/users/<uuid:user_id>/activate")
@allow.staff("users.manage")
def activate(user_id: uuid.UUID) -> Response:
    with transaction() as session:
        staff.set_active(session, actor(), user_id, True)
    flash(_("The account is active again."), "success")
    return redirect(f"/staff/users/{user_id}", code=303)


@blueprint.post("/staff/users/<uuid:user_id>/sign-out")
@allow.staff("users.manage")
def end_user_sessions(user_id: uuid.UUID) -> Response:
    with transaction() as session:
        staff.get_staff(session, actor(), user_id)
        count = end_sessions(session, user_id)
        services.note_sessions_ended(session, actor(), user_id, count, "all")
    flash(_("Every device of this account is signed out."), "success")
    return redirect(f"/staff/users/{user_id}", code=303)


@blueprint.post("/staff/users/<uuid:user_id>/invite")
@allow.staff("users.manage")
def invite_again(user_id: uuid.UUID) -> Response:
    with transaction() as session:
        staff.invite_again(session, actor(), user_id)
    flash(_("A new invitation is on its way. The link before no longer works."), "success")
    return redirect(f"/staff/users/{user_id}", code=303)
