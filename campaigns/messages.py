"""Sentences for what can go wrong with a campaign."""

from core.i18n.catalogue import N_

MESSAGES = {
    "campaigns.one_line": N_("This must be one line."),
    "campaigns.unknown_placeholder": N_(
        "There is no placeholder %(name)s here. The list beside the form shows those that there are."
    ),
    "campaigns.not_a_placeholder": N_(
        "“%(text)s” is no placeholder. Write for example {{ customer.name }}, without anything else inside."
    ),
    "campaigns.text_missing": N_("This text is still missing."),
    "campaigns.delay": N_("Please give a delay between 1 minute and 60 days."),
    "campaigns.minimum": N_("Please give an amount of at least 0."),
    "campaigns.hour": N_("Please give an hour from 0 to 23."),
    "campaigns.pause": N_("Please give a number of days from 0 to 90."),
    "campaigns.category": N_("There is no such category."),
    "campaigns.changed": N_("Somebody else changed this campaign in the meantime. Please look again."),
    "campaigns.incomplete": N_("Not all three languages are complete yet. Missing: %(languages)s."),
    "campaigns.unseen": N_(
        "Please look at the preview in every language first and confirm it. Still open: %(languages)s."
    ),
    "campaigns.already": N_("The campaign is in this state already."),
    "campaigns.stopped": N_("Stopped before it left; the campaign’s decisions say why."),
    "campaigns.nobody": N_("Please choose a customer for the preview."),
    "campaigns.suppressed_already": N_("This address gets no promotion mail already."),
    "campaigns.suppression_reason": N_("Please choose a reason."),
}
