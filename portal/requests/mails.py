"""The mails about requests. Each runs in a job; a second run of the same job sends nothing new.

They are written from `crm.service.brief` alone, so nothing that only staff may read can be in them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap
from core.i18n import _, current_locale, format_datetime, speaking
from core.jobs import job
from core.mail import queue_mail
from core.mail.message import message_id
from core.mail.models import Mail
from core.settings import get_settings
from core.web.mail_rendering import absolute, render_mail
from crm.identity.models import User
from crm.service import words
from crm.service.access import normal_reference
from crm.service.brief import BriefCase, BriefEntry, find_brief_by_id, list_entries
from crm.service.events import CaseReplied, CaseStateChanged, RequestOpened
from crm.service.links import mint_link
from crm.service.models import Case

LOOK_UP = "cases.mail_link"
MOST_LINKS_A_DAY = 5  # to one address, so that the form cannot fill somebody's mailbox


def confirm_received(session: Session, event: RequestOpened) -> None:
    _send(session, event.case_id, "request-received", str(event.case_id), _received)


def tell_reply(session: Session, event: CaseReplied) -> None:
    _send(session, event.case_id, "request-replied", str(event.event_id), _replied, event_id=event.event_id)


def tell_state(session: Session, event: CaseStateChanged) -> None:
    """A proposed solution and a closing are told; that we work on it is on the page."""
    case = find_brief_by_id(session, event.case_id)
    entry = _entry(session, event.case_id, event.event_id)
    if case is None or entry is None:
        return
    if entry.kind == "solution":
        _send(session, case.id, "request-solved", str(entry.id), _solved, event_id=entry.id)
    elif entry.data.get("to") == "closed":
        _send(session, case.id, "request-closed", str(entry.id), _closed, event_id=entry.id)


def _entry(session: Session, case_id: UUID, event_id: UUID | None) -> BriefEntry | None:
    return next((entry for entry in list_entries(session, case_id) if entry.id == event_id), None)


def _received(case: BriefCase, context: dict[str, Any]) -> str:
    paragraphs = [words.what_next(case)]
    if case.promised_at is not None:
        paragraphs.append(_("We reply by %(time)s.", time=format_datetime(case.promised_at)))
    context.update(heading=_("We have your request"), paragraphs=paragraphs)
    return _("Your request %(reference)s", reference=case.reference)


def _replied(case: BriefCase, context: dict[str, Any]) -> str:
    context.update(
        heading=_("We have written to you"),
        quote_text=context["entry"].text if context["entry"] else "",
        paragraphs=[words.what_next(case)] if case.state == "waiting_customer" else [],
        button=(context["button"][0], _("Read and reply")),
    )
    return _("Reply to your request %(reference)s", reference=case.reference)


def _solved(case: BriefCase, context: dict[str, Any]) -> str:
    context.update(
        heading=_("We propose a solution"),
        quote_text=context["entry"].text if context["entry"] else "",
        paragraphs=[words.what_next(case)] if case.state == "solved" else [],
        button=(context["button"][0], _("Say whether it helps")),
    )
    return _("A solution for your request %(reference)s", reference=case.reference)


def _closed(case: BriefCase, context: dict[str, Any]) -> str:
    context.update(heading=_("Your request is closed"), paragraphs=[words.what_next(case)])
    return _("Your request %(reference)s is closed", reference=case.reference)


def _link(case: BriefCase, context: dict[str, Any]) -> str:
    context.update(
        heading=_("Here is your request"),
        paragraphs=[
            _("Somebody, probably you, asked for a link to request %(reference)s.", reference=case.reference),
            _("It works for 60 days. Whoever has it can see how the request stands, so do not pass it on."),
        ],
    )
    return _("Your link to request %(reference)s", reference=case.reference)


def _send(
    session: Session,
    case_id: UUID,
    kind: str,
    key: str,
    write: Any,
    *,
    event_id: UUID | None = None,
    to: str | None = None,
) -> None:
    """Writes one mail about a request in its customer's language."""
    case = find_brief_by_id(session, case_id)
    if case is None:
        return
    user = session.get(User, case.user_id) if case.user_id else None
    recipient = to or (user.email if user else case.email)
    send_key = f"{kind}:{key}"
    if recipient is None or session.scalar(select(Mail.id).where(Mail.key == send_key)) is not None:
        return
    is_link = to is not None
    with speaking(
        user.locale if user else case.locale, user.timezone if user else get_settings().default_timezone
    ):
        path = f"/r/{mint_link(session, case.id)}" if is_link else f"/requests/{case.reference}"
        context: dict[str, Any] = {
            "case": case,
            "entry": _entry(session, case.id, event_id),
            "quote_text": "",
            "state": words.state(case.state),
            "kind_name": words.kind(case.kind),
            "button": (absolute(path), _("Look at your request")),
        }
        subject = write(case, context)
        body = render_mail("requests/mail/letter", subject=subject, preheader=context["heading"], **context)
        queue_mail(
            session, key=send_key, to=recipient, subject=subject, text=body.text, html=body.html,
            locale=current_locale(), person_id=case.user_id, kind=kind, headers=_thread(case, kind), sensitive=is_link,
        )  # fmt: skip


def _thread(case: BriefCase, kind: str) -> dict[str, str]:
    """Mail programs show the mails of one request together."""
    first = message_id(f"request-received:{case.id}", get_settings().url)
    return {} if kind == "request-received" else {"In-Reply-To": first, "References": first}


@job(LOOK_UP)
def mail_link(session: Session, payload: JSONMap) -> None:
    """Sends the link if number and address belong together, and does nothing otherwise."""
    email = str(payload["email"]).strip().lower()[:254]
    reference = normal_reference(str(payload["reference"]))
    if reference is None:
        return
    found = session.scalar(
        select(Case.id)
        .outerjoin(User, User.id == Case.user_id)
        .where(Case.reference == reference, or_(func.lower(Case.email) == email, User.email == email))
    )
    if found is None:
        return
    since = clock.now() - timedelta(days=1)
    sent = session.scalar(
        select(func.count()).where(
            Mail.recipient == email, Mail.created_at > since, Mail.kind == "request-link"
        )
    )
    if (sent or 0) >= MOST_LINKS_A_DAY:
        return
    key = f"{found}:{int(clock.now().timestamp() * 1000)}"
    _send(session, found, "request-link", key, _link, to=email)
