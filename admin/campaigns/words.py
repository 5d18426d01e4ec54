"""Words of the campaign pages: states, outcomes, times to wait."""

from __future__ import annotations

from campaigns import reasons
from campaigns.catalogue import KINDS
from campaigns.models import Campaign, CampaignVersion
from campaigns.queries import Decision
from core.i18n import _, gettext, ngettext

STATE_BADGES = {"draft": "neutral", "on": "success", "off": "warning"}
OUTCOME_BADGES = {"sent": "success", "skipped": "neutral", "waiting": "progress"}
MAIL_BADGES = {"queued": "progress", "sent": "success", "failed": "error", "suppressed": "neutral"}


def name(campaign: Campaign) -> str:
    return gettext(KINDS[campaign.kind].name)


def state(campaign: Campaign) -> str:
    return {"draft": _("Draft"), "on": _("On"), "off": _("Off")}[campaign.state]


def outcome(value: str) -> str:
    return {"sent": _("Sent"), "skipped": _("Not sent"), "waiting": _("Waits")}[value]


def mail_state(value: str) -> str:
    return {
        "queued": _("on its way"),
        "sent": _("delivered"),
        "failed": _("refused by the mail server"),
        "suppressed": _("stopped before it left"),
    }[value]


def block(value: str) -> str:
    return {
        "cart": _("The cart with its sum"),
        "order": _("What was ordered"),
        "recommendations": _("Recommendations for the person"),
    }[value]


def delay(version: CampaignVersion) -> str:
    minutes = version.delay_minutes
    if minutes % 1440 == 0:
        return ngettext("%(num)s day", "%(num)s days", minutes // 1440)
    if minutes % 60 == 0:
        return ngettext("%(num)s hour", "%(num)s hours", minutes // 60)
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)


def rule(campaign: Campaign, version: CampaignVersion) -> str:
    """“1 hour after the last change to a cart”."""
    return _("%(delay)s %(trigger)s", delay=delay(version), trigger=gettext(KINDS[campaign.kind].trigger))


def why(decision: Decision) -> str:
    """What a row of the ledger says beside its outcome."""
    send = decision.send
    if decision.outcome == "sent":
        return str(send.facts.get("subject") or "")
    return reasons.explain(send.reason, send.facts, to_staff=True)


def suppression(value: str) -> str:
    return {
        "unsubscribed": _("Unsubscribed"),
        "bounced": _("Mail came back"),
        "complaint": _("Reported as spam"),
        "manual": _("Wish of the customer, told in another way"),
    }[value]
