"""Where the account is signed in, and ending that."""

from __future__ import annotations

import uuid

from flask import flash, redirect
from werkzeug.wrappers import Response

from core.errors import NotFound
from core.i18n import _
from core.transaction import reading, transaction
from core.web import context
from core.web.pages import render
from core.web.policy import allow
from core.web.sessions import end_sessions, list_sessions
from crm.identity import services
from portal.account.blueprint import blueprint
from portal.account.devices import describe, is_phone


def _name(user_agent: str | None) -> str:
    browser, system = describe(user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("Unknown browser")


@blueprint.get("/account/sessions")
@allow.signed_in
def sessions() -> str:
    who = context.actor()
    assert who.user_id is not None
    with reading() as session:
        return render(
            "account/sessions.html",
            sessions=list_sessions(session, who.user_id),
            current=context.session_id(),
            device_name=_name,
            is_phone=is_phone,
        )


@blueprint.post("/account/sessions/<uuid:session_id>/end")
@allow.signed_in
def end_session(session_id: uuid.UUID) -> Response:
    who = context.actor()
    assert who.user_id is not None
    if session_id == context.session_id():
        with transaction() as session:
            services.note_sign_out(session, who)
        context.sign_out()
        return redirect("/sign-in", code=303)
    with transaction() as session:
        if not end_sessions(session, who.user_id, only=session_id):
            raise NotFound
        services.note_sessions_ended(session, who, who.user_id, 1, "one")
    flash(_("That device is signed out."), "success")
    return redirect("/account/sessions", code=303)


@blueprint.post("/account/sessions/end-others")
@allow.signed_in
def end_other_sessions() -> Response:
    who = context.actor()
    assert who.user_id is not None
    with transaction() as session:
        ended = end_sessions(session, who.user_id, keep=context.session_id())
        services.note_sessions_ended(session, who, who.user_id, ended, "others")
    flash(_("All other devices are signed out."), "success")
    return redirect("/account/sessions", code=303)
