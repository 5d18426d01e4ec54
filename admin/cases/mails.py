"""The mail that calls a supervisor. It names the request and nothing of what staff wrote: mail travels in the open."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import _, current_locale, speaking
from core.mail import queue_mail
from core.mail.models import Mail
from core.web.mail_rendering import absolute, render_mail
from crm.identity.queries import list_active_with_role
from crm.service import words
from crm.service.events import CaseEscalated
from crm.service.models import Case, CaseEvent

SUPERVISOR = "supervisor"


def call_supervisors(session: Session, event: CaseEscalated) -> None:
    """One mail to each supervisor who can sign in, but for the one who escalated. A second run sends nothing new."""
    case = session.get(Case, event.case_id)
    raised = session.get(CaseEvent, event.event_id)
    if case is None or raised is None:
        return
    for user in list_active_with_role(session, SUPERVISOR):
        key = f"case-escalated:{event.event_id}:{user.id}"
        if user.id == raised.actor_id or session.scalar(select(Mail.id).where(Mail.key == key)) is not None:
            continue
        with speaking(user.locale, user.timezone):
            subject = _("Escalated: case %(reference)s", reference=case.reference)
            body = render_mail(
                "admin_cases/mail/escalated",
                subject=subject,
                preheader=_("A supervisor is wanted."),
                case=case,
                kind_name=words.kind(case.kind),
                url=absolute(f"/staff/cases/{case.reference}"),
            )
            queue_mail(
                session, key=key, to=user.email, subject=subject, text=body.text, html=body.html,
                locale=current_locale(), person_id=user.id, kind="case.escalated",
            )  # fmt: skip
