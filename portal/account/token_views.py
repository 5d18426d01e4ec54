"""Tokens with which a person's programs use the API."""

from __future__ import annotations

import uuid

from flask import flash, redirect
from werkzeug.wrappers import Response

from core.errors import Invalid
from core.i18n import _
from core.transaction import reading, transaction
from core.web import context
from core.web.pages import render
from core.web.policy import allow
from crm.identity import services
from crm.identity.queries import list_api_tokens
from portal.account.blueprint import blueprint
from portal.account.forms import SCOPE_NAMES, ApiTokenForm


def _page(form: ApiTokenForm, *, fresh: str | None = None) -> str:
    who = context.actor()
    assert who.user_id is not None
    with reading() as session:
        return render(
            "account/tokens.html",
            form=form,
            tokens=list_api_tokens(session, who.user_id),
            fresh=fresh,
            scope_names=SCOPE_NAMES,
        )


@blueprint.get("/account/tokens")
@allow.customer
def api_tokens() -> str:
    return _page(ApiTokenForm(formdata=None))


@blueprint.post("/account/tokens")
@allow.customer
def create_api_token() -> str | tuple[str, int]:
    """Answers with the page itself: the token is shown this once and kept nowhere, not even in the session."""
    form = ApiTokenForm()
    plain = None
    if form.validate():
        try:
            with transaction() as session:
                _row, plain = services.create_api_token(
                    session, context.actor(), name=form.name.data, scopes=form.scopes.data or []
                )
        except Invalid as error:
            form.add_error(error)
    if plain is None:
        return _page(form), 422
    return _page(ApiTokenForm(formdata=None), fresh=plain)


@blueprint.post("/account/tokens/<uuid:token_id>/revoke")
@allow.customer
def revoke_api_token(token_id: uuid.UUID) -> Response:
    with transaction() as session:
        services.revoke_api_token(session, context.actor(), token_id)
    flash(_("The token is revoked. Programs that used it are shut out."), "success")
    return redirect("/account/tokens", code=303)
