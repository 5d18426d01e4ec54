"""What a customer's page shows of their cases, and what waits on the staff's home page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from admin.customers.panel import SHOWN, Chosen, Panel
from admin.home.item import WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _
from crm.service import words
from crm.service.queries import CaseFilter, CaseRow, count_views, list_cases

ROWS = 4


def cases(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    """The latest cases of the customer, or of one person of theirs."""
    if not who.can("cases.work"):
        return None
    wanted = CaseFilter(account_id=chosen.account.id, user_id=chosen.user_id)
    found = list_cases(session, who, wanted, limit=SHOWN).rows
    return Panel(
        "cases", _("Cases"), "admin_cases/panels/cases.html", {"rows": found, "words": words},
        url=f"/staff/cases?customer={chosen.account.id}" if found else None, url_label=_("All cases"),
    )  # fmt: skip


def work(session: Session, who: Actor) -> list[WorkItem]:
    """Escalations for supervisors; broken promises, own and free cases for everybody who works on cases."""
    if not who.can("cases.work"):
        return []
    counts = count_views(session, who)
    wanted = [
        ("overdue", _("Promised replies that are late"), "error", "clock"),
        ("mine", _("Your cases"), "info", "inbox"),
        ("unassigned", _("Cases that nobody has"), "warning", "message"),
    ]
    if who.can("cases.supervise"):
        wanted.insert(0, ("escalated", _("Escalations to decide"), "error", "warning"))
    return [
        WorkItem(
            f"cases-{view}", title, counts[view], f"/staff/cases?view={view}", tone, icon,
            rows=_rows(session, who, view) if counts[view] else [],
        )
        for view, title, tone, icon in wanted
    ]  # fmt: skip


def _rows(session: Session, who: Actor, view: str) -> list[WorkRow]:
    return [_row(row) for row in list_cases(session, who, CaseFilter(view=view), limit=ROWS).rows]


def _row(row: CaseRow) -> WorkRow:
    case = row.case
    severe = case.severity == "severe"
    return WorkRow(
        case.subject,
        f"/staff/cases/{case.reference}",
        " · ".join(part for part in (case.reference, row.account_name) if part),
        case.promised_at or case.opened_at,
        words.severity(case.severity) if severe else words.staff_state(case.state),
        "error" if severe else words.STAFF_BADGES.get(case.state, "neutral"),
    )
