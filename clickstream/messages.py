"""Sentences for the error codes of clicks and consent."""

from core.i18n.catalogue import N_

MESSAGES = {
    "consent.purpose": N_("There is no such purpose."),
    "clicks.batch": N_('A batch of events is needed: {"batch": […]}, with 1 to %(limit)s events.'),
    "clicks.not_json": N_("This is not an event written as JSON."),
    "clicks.gone": N_("The person or visitor no longer agrees to this, so the event was deleted."),
    "clicks.still_wrong": N_("This event still cannot be taken in: %(reason)s"),
}
