"""Sentences for the error codes of the catalogue."""

from core.i18n.catalogue import N_

MESSAGES = {
    "catalogue.sku_taken": N_("Another product has this article number."),
    "catalogue.slug_taken": N_("Another product has this address."),
    "catalogue.name_needed": N_("Please give an English name."),
    "catalogue.price": N_("A price is a number from 0 to 1,000,000 with at most two decimal places."),
    "catalogue.stock_negative": N_("There are only %(on_hand)s on hand."),
    "catalogue.category_used": N_("This category still has %(count)s products."),
}
