"""Sentences for the error codes of the recommender."""

from core.i18n.catalogue import N_

MESSAGES = {
    "recommender.too_many_dislikes": N_(
        "You have put %(limit)s products aside already. Take some back first."
    ),
    "recommender.unknown_product": N_("This product is not known."),
    "recommender.nothing_bought": N_("There are no orders to learn from yet."),
}
