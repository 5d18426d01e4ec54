"""Sentences for the error codes of what customers have."""

from core.i18n.catalogue import N_

MESSAGES = {
    "owned.product_needed": N_("Please choose the product, or write what it is called."),
    "owned.unknown_product": N_("There is no such product."),
    "owned.serial_format": N_(
        "A serial number has 5 to 40 letters, digits and dashes. It is on the type plate of the product."
    ),
    "owned.serial_taken": N_("You have this serial number already: %(name)s."),
    "owned.date_needed": N_("Please say when you bought it."),
    "owned.date_future": N_("This day is still to come. Please give the day on which you bought it."),
    "owned.date_too_old": N_("Please give a day after %(year)s."),
    "owned.too_many": N_("You have %(limit)s products here already. Please remove some first."),
}
