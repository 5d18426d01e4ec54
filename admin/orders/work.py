"""What orders ask of staff, for the home page of the console."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import Figure, WorkItem, WorkRow
from core import clock
from core.actor import Actor
from core.i18n import _, format_date, format_number
from crm.orders import desk, words


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    """Late promises first, then payments that hang, then what must be confirmed and packed."""
    if not who.can("orders.manage"):
        return ()
    today = clock.today(who.timezone)
    counts = desk.count_queues(session, who, today)
    wanted = (
        ("late", _("Orders later than promised"), "error", "clock", ""),
        ("unpaid", _("Payments that hang"), "warning", "warning", ""),
        ("to_confirm", _("Orders to confirm"), "warning", "check", ""),
        ("to_pack", _("Orders to pack and send"), "info", "box", ""),
    )
    return [
        WorkItem(
            key=f"orders-{queue}",
            title=title,
            count=counts[queue],
            url=f"/staff/orders?state={queue}",
            tone=tone,
            icon=icon,
            rows=[_row(item) for item in desk.list_queue(session, who, queue, today)]
            if counts[queue]
            else (),
            hint=hint,
        )
        for queue, title, tone, icon, hint in wanted
    ]


def _row(item: desk.Waiting) -> WorkRow:
    promised = _("promised for %(day)s", day=format_date(item.promised_on)) if item.promised_on else ""
    return WorkRow(
        item.number,
        f"/staff/orders/{item.number}",
        " · ".join(part for part in (item.account_name or _("Guest"), promised) if part),
        item.placed_at,
        words.order_state(item.state),
        words.ORDER_BADGES.get(item.state, "neutral"),
    )


def figures(session: Session, who: Actor) -> Sequence[Figure]:
    """Orders today beside the same hours of this weekday."""
    if not who.can("orders.read"):
        return ()
    pace = desk.get_pace(session, who, who.timezone)
    hint = (
        _("usually %(count)s by this time of this weekday", count=format_number(round(pace.usual, 1)))
        if pace.usual is not None
        else ""
    )
    url = f"/staff/orders?since={clock.today(who.timezone)}"
    return [Figure(_("Orders today"), format_number(pace.today), url, "box", hint)]
