"""Dealers: who accepted the terms, how they appear in print, what they fetched."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core import clock
from core.errors import NotFound
from core.i18n import _
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.downloads import send_stored
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.customers.models import Account
from crm.customers.queries import PAGE, get_account, list_accounts, list_people
from crm.partners import words
from crm.partners.downloads import LogFilter, count_by_account, list_downloads
from crm.partners.queries import find_profile, list_profiles
from crm.partners.services import remove_logo

blueprint = Blueprint("admin_partners", __name__, template_folder="templates", url_prefix="/staff/partners")
LATELY = timedelta(days=90)


@blueprint.get("")
@allow.staff("partners.manage")
def index() -> str:
    text = request.args.get("q", "")[:200]
    after = request.args.get("after", "")
    last = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None
    with reading() as session:
        accounts = list_accounts(session, actor(), text=text, kind="partner", after=last, limit=PAGE + 1)
        shown = accounts[:PAGE]
        ids = [account.id for account in shown]
        return render(
            "admin_partners/index.html",
            accounts=shown,
            profiles=list_profiles(session, ids),
            counts=count_by_account(session, actor(), clock.now() - LATELY, ids),
            text=text,
            older_url=page_url(after=shown[-1].number) if len(accounts) > PAGE else None,
            newer_url=page_url(after=None) if last is not None else None,
            words=words,
        )


def _partner(session: Session, account_id: uuid.UUID) -> Account:
    account = get_account(session, actor(), account_id)
    if not account.is_partner:
        raise NotFound
    return account


@blueprint.get("/<uuid:account_id>")
@allow.staff("partners.manage")
def show(account_id: uuid.UUID) -> str:
    with reading() as session:
        account = _partner(session, account_id)
        return render(
            "admin_partners/show.html",
            account=account,
            profile=find_profile(session, account.id),
            people=list_people(session, account.id),
            log=list_downloads(session, actor(), LogFilter(account_id=account.id), limit=15),
            words=words,
        )


@blueprint.get("/<uuid:account_id>/logo.png")
@allow.staff("partners.manage")
def logo(account_id: uuid.UUID) -> Response:
    with reading() as session:
        profile = find_profile(session, _partner(session, account_id).id)
        if profile is None or profile.logo is None:
            raise NotFound
        file = profile.logo
    return send_stored(file, inline=True)


@blueprint.post("/<uuid:account_id>/logo/remove")
@allow.staff("partners.manage")
def take_logo(account_id: uuid.UUID) -> AnyResponse:
    """A logo that breaks the rules goes; the dealer can hand in another one."""
    with transaction() as session:
        remove_logo(session, actor(), _partner(session, account_id).id)
    flash(_("The logo is taken off. The name is printed in its place until there is another one."), "success")
    return redirect(url_for("admin_partners.show", account_id=account_id), code=303)
