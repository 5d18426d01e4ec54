"""Deciding to send a mail is a row; a job delivers it. At most one repeated delivery after a crash."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.db import JSONMap, is_sqlite
from core.ids import new_id
from core.jobs import Retry, effect_job, enqueue
from core.mail.message import build, clean_address, clean_header, message_id
from core.mail.models import FAILED, QUEUED, SENT, SUPPRESSED, Mail, Suppression
from core.mail.transport import PermanentError, TemporaryError, UncertainError, get_transport
from core.settings import get_settings

OWN_HEADERS = {"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "auto-submitted"}
WIPED = "(text removed after delivery)"
UNCERTAIN = "mail.uncertain"
UNCERTAIN_WAIT = timedelta(minutes=1)

# Asked right before a mail of a kind leaves: a reason (a code of messages.py) stops it for good.
Guard = Callable[[Session, Mail], str | None]
_guards: dict[str, Guard] = {}


def guard(kind: str, question: Guard) -> None:
    """Has `question` asked before each delivery of mails of this kind, also at a later try after days of outage."""
    _guards[kind] = question


def queue_mail(
    session: Session,
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    kind: str,
    html: str | None = None,
    locale: str = "en",
    person_id: uuid.UUID | None = None,
    headers: Mapping[str, str] | None = None,
    sensitive: bool = False,
) -> uuid.UUID | None:
    """Writes the ledger row and the job that delivers it. None when the key was used before.

    `headers` are further ones, such as List-Unsubscribe; none that says who sends or gets the mail.
    `sensitive` texts and headers (they carry tokens) are wiped from the ledger once SMTP has taken or refused them.
    """
    if wrong := {name.lower() for name in headers or ()} & OWN_HEADERS:
        raise ValueError(f"not a caller's headers: {', '.join(sorted(wrong))}")
    mail_id = new_id()
    insert = sqlite.insert(Mail) if is_sqlite(session) else postgresql.insert(Mail)
    values = {
        "id": mail_id,
        "key": key,
        "message_id": message_id(key, get_settings().url),
        "kind": kind,
        "person_id": person_id,
        "recipient": clean_address(to),
        "locale": locale,
        "subject": clean_header(subject)[:300],
        "text": text,
        "html": html,
        "headers": {name: clean_header(value) for name, value in (headers or {}).items()},
        "sensitive": sensitive,
        "state": QUEUED,
        "created_at": clock.now(),
    }
    inserted = session.execute(
        insert.values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Mail.id)
    ).scalar()
    if inserted is None:
        return None
    enqueue(session, "mail.deliver", {"mail_id": str(mail_id)}, key=str(mail_id))
    return mail_id


@dataclass(frozen=True)
class Outgoing:
    message: EmailMessage
    recipient: str


@dataclass(frozen=True)
class Outcome:
    """`is_open`: the connection broke after the whole message had gone out, so it may have been taken."""

    state: str
    reason: str | None = None
    suppress: bool = False
    is_open: bool = False


@effect_job(
    "mail.deliver",
    max_attempts=60,
    backoff=timedelta(seconds=10),
    longest_backoff=timedelta(hours=2),
    one_at_a_time=True,
)
class Deliver:
    """Delivers one mail. Temporary refusals are tried again for about four days; final ones are recorded."""

    def prepare(self, session: Session, payload: JSONMap) -> Outgoing | None:
        mail = session.get(Mail, uuid.UUID(payload["mail_id"]))
        if mail is None or mail.state != QUEUED:
            return None
        question = _guards.get(mail.kind)
        stopped = question(session, mail) if question is not None else None
        if stopped is None and session.get(Suppression, mail.recipient) is not None:
            stopped = "mail.suppressed_address"
        if stopped is not None:
            mail.state, mail.reason = SUPPRESSED, stopped
            if mail.sensitive:
                mail.text, mail.html, mail.headers = WIPED, None, {}
            return None
        return Outgoing(build(mail, get_settings().mail_from), mail.recipient)

    def effect(self, state: Outgoing) -> Outcome:
        try:
            get_transport().send(state.message, state.recipient)
        except PermanentError as error:
            return Outcome(FAILED, str(error), error.suppress)
        except UncertainError as error:
            return Outcome(SENT, str(error), is_open=True)
        except TemporaryError as error:
            raise Retry(str(error)) from error
        return Outcome(SENT)

    def record(self, session: Session, payload: JSONMap, result: Outcome) -> None:
        mail = session.scalar(select(Mail).where(Mail.id == uuid.UUID(payload["mail_id"])))
        if mail is None:
            return
        if result.is_open and mail.reason != UNCERTAIN:
            # Once more, with the same Message-ID; if that breaks off as well, the mail counts as sent.
            mail.reason = UNCERTAIN
            enqueue(session, "mail.deliver", payload, key=str(mail.id), run_at=clock.now() + UNCERTAIN_WAIT)
            return
        mail.state, mail.reason = result.state, UNCERTAIN if result.is_open else result.reason
        if result.state == SENT:
            mail.sent_at = clock.now()
        if mail.sensitive and get_settings().smtp_url:
            mail.text, mail.html, mail.headers = WIPED, None, {}
        if result.suppress and session.get(Suppression, mail.recipient) is None:
            session.add(Suppression(address=mail.recipient, reason=(result.reason or "")[:300]))
