"""Sentences for the error codes of accounts that people sign in with."""

from core.i18n.catalogue import N_

MESSAGES = {
    "password.too_short": N_(
        "Please take at least %(least)s characters. Several words in a row are easy to remember."
    ),
    "password.too_long": N_("At most %(most)s characters, please."),
    "password.too_common": N_(
        "Many people use this password, so it is guessed first. Please take another one."
    ),
    "password.wrong": N_("This is not your present password."),
    "sign_in.failed": N_("The email address or the password is wrong."),
    "token.dead": N_(
        "This link is no longer valid. Links work once and for a limited time; ask for a new one."
    ),
    "token.other_account": N_(
        "This link belongs to another account than the one you are signed in with. Sign out first."
    ),
    "user.email_taken": N_("There is an account with this email address already."),
    "user.own_roles": N_("You cannot change your own roles. Another administrator can."),
    "user.last_administrator": N_(
        "This is the last active administrator. Make somebody else an administrator first."
    ),
    "user.own_account": N_("You cannot deactivate your own account."),
    "user.unknown_role": N_("There is no such role."),
    "user.role_needed": N_("Please choose at least one role."),
    "user.name_needed": N_("Please give a name."),
    "user.phone": N_("Please write the phone number with digits only, for example +49 40 1234567."),
    "user.phone_needed": N_("To reach you this way we need a phone number."),
    "user.same_email": N_("This is your present email address already."),
    "user.timezone": N_("We do not know this time zone."),
    "user.currency": N_("We do not know this currency."),
    "user.channel": N_("Please choose one of the ways in the list."),
    "api_token.name_needed": N_("Please name the program that will use the token."),
    "api_token.scope_needed": N_("Please choose at least one thing the program may do."),
    "api_token.too_many": N_("At most %(most)s tokens at a time. Please revoke one you no longer need."),
}
