"""Sentences for the error codes of accounts, addresses and colleagues."""

from core.i18n.catalogue import N_

MESSAGES = {
    "account.company_needed": N_("Please give the company's name."),
    "address.line_needed": N_("Please fill in this line of the address."),
    "address.country": N_("Please choose a country from the list."),
    "address.too_many": N_("At most %(most)s addresses. Please delete one you no longer need."),
    "colleague.self": N_("You cannot change or remove yourself. Another administrator of your company can."),
    "colleague.access": N_("Please choose one of the kinds of access."),
    "colleague.own_email": N_("This is a colleague already."),
    "colleague.too_many": N_("At most %(most)s invitations can wait at a time."),
}
