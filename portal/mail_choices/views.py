"""Mails in the account: everything with its reason, the consent to promotion, and which kinds are wanted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from campaigns import choices, reasons
from campaigns.catalogue import KINDS
from campaigns.queries import find_decision
from core.errors import BadRequest, NotFound
from core.i18n import _, gettext, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render, under_a_key
from core.web.policy import allow
from portal.account.blueprint import account_frame
from portal.mail_choices.history import BADGES, list_history, of_decision, outcome_word

blueprint = Blueprint("mail_choices", __name__, template_folder="templates")
blueprint.context_processor(account_frame)


def _before() -> datetime | None:
    given = request.args.get("before", "")
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given[:40])
    except ValueError:
        raise BadRequest from None
    if moment.tzinfo is None:
        raise BadRequest
    return moment


@blueprint.get("/account/mail")
@allow.customer
def index() -> str:
    user_id = actor().user_id
    assert user_id is not None
    before = _before()
    with reading() as session:
        entries, older = list_history(session, user_id, before=before)
        objections = choices.list_objections(session, user_id)
        return render(
            "mail_choices/index.html",
            entries=entries,
            agreed=choices.agreed_since(session, user_id),
            kinds=[
                (kind, gettext(item.title), gettext(item.wish), kind not in objections)
                for kind, item in KINDS.items()
            ],
            badges=BADGES,
            outcome_word=outcome_word,
            older=page_url(before=older.isoformat()) if older else None,
            newest=page_url(before=None) if before else None,
        )


@blueprint.get("/account/mail/<uuid:send_id>")
@allow.customer
def why(send_id: uuid.UUID) -> str:
    """“Why am I receiving this?” for one mail; or why it was not sent."""
    user_id = actor().user_id
    assert user_id is not None
    with reading() as session:
        decision = find_decision(session, user_id, send_id)
        if decision is None:
            raise NotFound
        send = decision.send
        return render(
            "mail_choices/why.html",
            decision=decision,
            send=send,
            entry=of_decision(decision),
            definition=KINDS[decision.campaign.kind],
            said=reasons.explain(send.reason, send.facts, to_staff=False) if send.reason else "",
            agreed=choices.agreed_since(session, user_id),
            items=[(pick(item.get("names")), item.get("quantity")) for item in send.facts.get("items", [])],
            offers=[_offer(item) for item in send.facts.get("offers", [])],
            objects=decision.campaign.kind in choices.list_objections(session, user_id),
            badges=BADGES,
            outcome_word=outcome_word,
            gettext=gettext,
        )


def _offer(fact: dict[str, Any]) -> tuple[str, str, str]:
    """Name, address and reason of a product that was recommended."""
    cause = pick(fact.get("cause")) if fact.get("cause") else ""
    kind = fact.get("kind")
    if not cause:
        reason = _("Popular with our customers at that time")
    elif kind == "order":
        reason = _("You ordered %(product)s", product=cause)
    elif kind == "click":
        reason = _("You looked at %(product)s", product=cause)
    else:
        reason = _("Often bought together with %(product)s", product=cause)
    return pick(fact.get("names")), f"/product/{fact.get('slug')}", reason


@blueprint.post("/account/mail/consent")
@allow.customer
def set_consent() -> BaseResponse:
    granted = request.form.get("granted")
    if granted not in {"yes", "no"}:
        raise BadRequest
    with transaction() as session:
        choices.set_consent(session, actor(), granted == "yes")
    if granted == "yes":
        flash(_("Thank you. We write only when it concerns you."), "success")
    else:
        flash(_("Promotion mail is off. What had not left yet was stopped."), "success")
    return redirect(url_for("mail_choices.index"), code=303)


@blueprint.post("/account/mail/kinds")
@allow.customer
def set_kinds() -> BaseResponse:
    wanted = set(request.form.getlist("kind"))
    if not wanted <= set(KINDS):
        raise BadRequest
    with transaction() as session:
        choices.set_kinds(session, actor(), wanted)
    flash(_("Your choice is kept."), "success")
    return redirect(url_for("mail_choices.index"), code=303)


@blueprint.get("/unsubscribe/<token>")
@allow.public
def ask_unsubscribe(token: str) -> Response:
    """A page with buttons. Opening it changes nothing: mail programs open links by themselves."""
    with reading() as session:
        leaver = choices.find_leaver(session, token)
        page = render(
            "mail_choices/unsubscribe.html",
            leaver=leaver,
            token=token,
            definition=KINDS[leaver.kind],
            gettext=gettext,
        )
    return under_a_key(page)


@blueprint.post("/unsubscribe/<token>")
@allow.public
def unsubscribe(token: str) -> BaseResponse:
    """RFC 8058: a mail program posts “List-Unsubscribe=One-Click”, without cookies; people press a button."""
    with transaction() as session:
        choices.unsubscribe(session, token, only_kind=request.form.get("scope") == "kind")
    if request.form.get("List-Unsubscribe") == "One-Click":
        answer = Response("unsubscribed\n", mimetype="text/plain")
        answer.headers["Cache-Control"] = "no-store"
        return answer
    return redirect(url_for("mail_choices.ask_unsubscribe", token=token), code=303)
