"""Sentences for the error codes of the recommender."""

from core.i18n.catalogue import N_

MESSAGES = {
    "recommender.nothing_bought": N_("There are no orders to learn from yet."),
}
