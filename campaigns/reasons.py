"""Why a mail was not sent, or not yet: each reason in the words for staff and in those for the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.i18n import N_, _, format_date, format_datetime, gettext


@dataclass(frozen=True)
class Reason:
    """`label` names it in filters and counts; `staff` and `person` are sentences filled from the facts."""

    label: str
    staff: str
    person: str


REASONS: dict[str, Reason] = {
    "no_consent": Reason(
        N_("No consent"),
        N_("Has not agreed to promotion mail."),
        N_("You have not agreed to promotion mail."),
    ),
    "withdrawn": Reason(
        N_("Consent withdrawn"),
        N_("Withdrew the consent to promotion mail on %(date)s."),
        N_("You ended promotion mail on %(date)s."),
    ),
    "objected": Reason(
        N_("Does not want this kind"),
        N_("Does not want mails of this kind."),
        N_("You told us that you want no mails of this kind."),
    ),
    "unsubscribed": Reason(
        N_("Unsubscribed"),
        N_("Unsubscribed on %(date)s."),
        N_("You unsubscribed on %(date)s."),
    ),
    "bounced": Reason(
        N_("Address does not work"),
        N_("Mail to this address came back."),
        N_("Mail to your address came back to us."),
    ),
    "marked_spam": Reason(
        N_("Reported as spam"),
        N_("A mail from us was reported as spam."),
        N_("A mail from us was reported as spam from your address."),
    ),
    "blocked": Reason(
        N_("Blocked by staff"),
        N_("Put on the list of blocked addresses by staff."),
        N_("We have stopped promotion mail to your address."),
    ),
    "complaint": Reason(
        N_("Open complaint"),
        N_("%(reference)s is still open."),
        N_("Your request %(reference)s is still open. Until it is settled, we do not advertise to you."),
    ),
    "unverified": Reason(
        N_("Address not confirmed"),
        N_("The email address is not confirmed."),
        N_("You have not confirmed your email address yet."),
    ),
    "inactive": Reason(
        N_("Account not active"),
        N_("The person or the account is deactivated."),
        N_("Your account was deactivated."),
    ),
    "ordered": Reason(
        N_("Ordered meanwhile"),
        N_("Ordered in the meantime: %(number)s."),
        N_("You ordered in the meantime (%(number)s), so there was nothing to remind you of."),
    ),
    "cart_changed": Reason(
        N_("Cart changed"),
        N_("The cart was changed; the time runs again from there."),
        N_("You changed your cart in the meantime."),
    ),
    "cart_emptied": Reason(
        N_("Cart emptied"),
        N_("The cart was emptied."),
        N_("You emptied your cart."),
    ),
    "goods_gone": Reason(
        N_("Nothing can be bought"),
        N_("Nothing of it can be bought at the moment."),
        N_("Nothing of what it was about can be bought at the moment."),
    ),
    "below_minimum": Reason(
        N_("Below the minimum"),
        N_("Worth %(total)s; the campaign asks for %(minimum)s."),
        N_("It was not worth a mail."),
    ),
    "other_category": Reason(
        N_("Other category"),
        N_("Nothing of the chosen category is in it."),
        N_("The mail is about other products."),
    ),
    "too_soon": Reason(
        N_("Mail not long ago"),
        N_("The last promotion mail went out on %(date)s."),
        N_("You had a mail from us on %(date)s, and we do not want to be a nuisance."),
    ),
    "switched_off": Reason(
        N_("Campaign switched off"),
        N_("The campaign was switched off before."),
        N_("We stopped these mails before yours was due."),
    ),
    "no_trigger": Reason(
        N_("Cause is gone"),
        N_("What the mail was about does not exist any more."),
        N_("What the mail was about does not exist any more."),
    ),
    "quiet_hours": Reason(
        N_("Waits for the morning"),
        N_("Waits until %(until)s: it is night where the person lives."),
        N_("It waits until %(until)s: we do not write at night."),
    ),
    "delay": Reason(
        N_("Waits for its time"),
        N_("Due at %(until)s."),
        N_("It is decided at %(until)s."),
    ),
}
STOPPING = (
    "no_consent",
    "withdrawn",
    "objected",
    "unsubscribed",
    "bounced",
    "marked_spam",
    "blocked",
    "complaint",
)


def label(code: str) -> str:
    return gettext(REASONS[code].label) if code in REASONS else code


def explain(code: str | None, facts: Mapping[str, Any], *, to_staff: bool) -> str:
    """The sentence for a stored reason, in the current language."""
    if code is None or code not in REASONS:
        return _("The reason is not known.")
    said = REASONS[code].staff if to_staff else REASONS[code].person
    values = {name: _written(name, value) for name, value in facts.items()}
    try:
        return gettext(said, **values) if "%(" in said else gettext(said)
    except KeyError:
        return label(code)


def _written(name: str, value: Any) -> Any:
    if name in {"date", "until"} and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return format_date(moment.date()) if name == "date" else format_datetime(moment)
    return value
