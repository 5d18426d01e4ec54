"""Sentences for the error codes of service requests."""

from core.i18n.catalogue import N_

MESSAGES = {
    "cases.kind": N_("Please choose what it is about."),
    "cases.fields": N_("Please look at the marked fields."),
    "cases.field_needed": N_("This field is required."),
    "cases.choice": N_("Please choose one of the answers."),
    "cases.number": N_("Please give a whole number from 1 to %(limit)s."),
    "cases.one_line": N_("Please write this in one line."),
    "cases.day": N_("Please give a day, for example 2026-05-31."),
    "cases.day_ahead": N_("Please choose a day from tomorrow on, at most a year ahead."),
    "cases.day_past": N_("Please choose a day that is not in the future."),
    "cases.subject_empty": N_("Please give the request a short title."),
    "cases.text_empty": N_("Please write something."),
    "cases.severity": N_("Please choose how severe it is."),
    "cases.state": N_("Please choose what should happen next."),
    "cases.team": N_("Please choose a team."),
    "cases.rating": N_("Please choose from 1 to 5."),
    "cases.key": N_("This form is incomplete. Please open it again."),
    "cases.too_many_files": N_("At most %(limit)s files, please."),
    "cases.bulk": N_("Please choose between 1 and %(limit)s cases."),
    "cases.unknown_order": N_("There is no such order among yours."),
    "cases.unknown_line": N_("This line is not part of your order."),
    "cases.unknown_product": N_("There is no such product."),
    "cases.unknown_owned": N_("There is no such product among yours."),
    "cases.no_worker": N_("This person does not work on cases."),
    "cases.changed": N_(
        "Somebody else changed this in the meantime. What you wrote is still here: look at what is new, then send it again."
    ),
    "cases.not_now": N_("This step is no longer possible: the request has moved on."),
    "cases.closed_too_long": N_(
        "This was closed long ago. Please open a new request; you can mention this one."
    ),
    "cases.escalated_already": N_("A supervisor has been called already."),
    "cases.not_escalated": N_("Nobody has called for a supervisor, or it is settled already."),
    "cases.dead_link": N_(
        "This link is no longer valid. Ask for a new one under “Find a request”, or sign in."
    ),
}
