"""Noting that something came back, on the order's page."""

from __future__ import annotations

import uuid

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from admin.orders.forms import ReturnForm, StepForm
from admin.orders.views import again, back, blueprint, target, version_of
from core.errors import Invalid
from core.i18n import _
from core.transaction import transaction
from core.web.context import actor
from core.web.policy import allow
from crm.orders import returns


@blueprint.post("/<number>/lines/<uuid:line_id>/returned")
@allow.staff("orders.manage")
def mark_returned(number: str, line_id: uuid.UUID) -> Response | tuple[str, int]:
    form = ReturnForm()
    version = version_of(form)
    if not form.validate_on_submit():
        return again(number, return_form=form, return_of=line_id)
    try:
        with transaction() as session:
            returns.check_line(session, target(session, number), line_id)
            returns.mark_returned(
                session,
                actor=actor(),
                line_id=line_id,
                quantity=form.quantity.data or 0,
                reason=form.reason.data,
                note_text=form.note_text.data or "",
                version=version,
            )
    except Invalid as error:
        form.add_error(error)
        return again(number, return_form=form, return_of=line_id)
    flash(_("It is marked as returned. The customer sees it on the order."), "success")
    return redirect(url_for("admin_orders.show", number=number), code=303)


@blueprint.post("/<number>/lines/<uuid:line_id>/return-undone")
@allow.staff("orders.manage")
def undo_returned(number: str, line_id: uuid.UUID) -> Response:
    version = version_of(StepForm())
    with transaction() as session:
        returns.check_line(session, target(session, number), line_id)
        returns.undo_returned(session, actor=actor(), line_id=line_id, version=version)
    return back(number, _("The return is withdrawn."))
