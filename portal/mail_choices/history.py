"""One list of everything that was mailed to a person, and of every promotion mail that was not, each with its reason."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from campaigns import reasons
from campaigns.catalogue import KINDS
from campaigns.decisions import MAIL_KIND
from campaigns.queries import Decision, list_decisions
from core.i18n import _, gettext
from core.mail import Mail

PAGE = 25
BADGES = {"sent": "success", "skipped": "neutral", "waiting": "progress", "failed": "error"}


@dataclass(frozen=True)
class Entry:
    """`url` leads to the whole story, for mails that a campaign decided about."""

    at: datetime
    title: str
    reason: str
    outcome: str
    locale: str | None = None
    url: str | None = None


def outcome_word(value: str) -> str:
    return {
        "sent": _("Sent"),
        "skipped": _("Not sent"),
        "waiting": _("Waits"),
        "failed": _("Not delivered"),
    }[value]


def _cause(kind: str) -> str:
    """Why a mail that is no promotion was sent, by the room that it comes from."""
    room = kind.partition(".")[0].partition("-")[0]
    causes = {
        "order": _("Because of an order of yours."),
        "payment": _("Because of a payment of yours."),
        "account": _("Because something about your account was asked for or changed."),
        "request": _("Because of a request of yours."),
        "requests": _("Because of a request of yours."),
        "case": _("Because of a request of yours."),
    }
    return causes.get(room, _("Because of something you did or asked for with us."))


def of_mail(mail: Mail) -> Entry:
    outcome = {"queued": "waiting", "sent": "sent"}.get(mail.state, "failed")
    return Entry(mail.created_at, mail.subject, _cause(mail.kind), outcome, mail.locale)


def of_decision(decision: Decision) -> Entry:
    send, outcome = decision.send, decision.outcome
    if outcome == "sent":
        cause = gettext(KINDS[decision.campaign.kind].because)
        reason = _("Because %(cause)s and agreed to promotion mail.", cause=cause)
    else:
        reason = reasons.explain(send.reason, send.facts, to_staff=False)
    subject = send.facts.get("subject")
    return Entry(
        at=send.decided_at or send.created_at,
        title=str(subject) if outcome == "sent" and subject else gettext(KINDS[decision.campaign.kind].title),
        reason=reason,
        outcome=outcome,
        locale=decision.mail.locale if decision.mail and outcome == "sent" else None,
        url=f"/account/mail/{send.id}",
    )


def list_history(
    session: Session, person_id: uuid.UUID, *, before: datetime | None = None
) -> tuple[list[Entry], datetime | None]:
    """Newest first, and the moment from which the next page goes on."""
    query = (
        select(Mail)
        .options(
            load_only(
                Mail.id, Mail.kind, Mail.subject, Mail.locale, Mail.state, Mail.created_at, raiseload=True
            )
        )
        .where(Mail.person_id == person_id, Mail.kind != MAIL_KIND)
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(Mail.created_at < before)
    entries = [of_mail(mail) for mail in session.scalars(query)]
    decided = list_decisions(session, person_id, limit=PAGE + 1, before=before)
    entries += [of_decision(decision) for decision in decided]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    shown = entries[:PAGE]
    return shown, shown[-1].at if len(entries) > PAGE else None
