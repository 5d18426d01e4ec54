"""The mailbox of the demo: what the portal would have mailed, readable by everybody who tries the demo."""

from __future__ import annotations

import uuid

from flask import make_response, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.errors import BadRequest, NotFound
from core.mail import Mail
from core.settings import get_settings
from core.transaction import reading
from core.web.pages import page_url, render
from core.web.policy import allow
from core.web.security import page_policy
from portal.account.blueprint import blueprint

PAGE = 30
# The mail is shown as a mailbox would: its own styles, no script, no forms, no other sources; links open a new page.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def _demo_only() -> None:
    if get_settings().mode != "demo":
        raise NotFound


def _get(mail_id: uuid.UUID) -> Mail:
    with reading() as session:
        mail = session.get(Mail, mail_id)
    if mail is None:
        raise NotFound
    return mail


def _older_than() -> uuid.UUID | None:
    given = request.args.get("before")
    if not given:
        return None
    try:
        return uuid.UUID(given)
    except ValueError:
        raise BadRequest from None


@blueprint.get("/mailbox")
@allow.public
def mailbox() -> str:
    """Newest first; `q` finds in addresses, `before` is the last mail of the page before."""
    _demo_only()
    text = request.args.get("q", "").strip().lower()[:254]
    query = select(Mail).order_by(Mail.id.desc()).limit(PAGE + 1)
    if text:
        query = query.where(Mail.recipient.contains(text, autoescape=True))
    if (before := _older_than()) is not None:
        query = query.where(Mail.id < before)
    with reading() as session:
        found = list(session.scalars(query))
    mails = found[:PAGE]
    older = page_url(before=mails[-1].id) if len(found) > PAGE else None
    newest = page_url(before=None) if before else None
    return render("account/mailbox.html", mails=mails, text=text, older=older, newest=newest)


@blueprint.get("/mailbox/<uuid:mail_id>")
@allow.public
def show_mail(mail_id: uuid.UUID) -> Response:
    _demo_only()
    response = make_response(render("account/mail.html", mail=_get(mail_id)))
    response.headers["Content-Security-Policy"] = f"{page_policy()}; frame-src 'self'"
    return response


@blueprint.get("/mailbox/<uuid:mail_id>/html")
@allow.public
def show_mail_html(mail_id: uuid.UUID) -> Response:
    _demo_only()
    mail = _get(mail_id)
    if mail.html is None:
        raise NotFound
    response = make_response(mail.html.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response
