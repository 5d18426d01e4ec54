"""What staff type about customers."""

from __future__ import annotations

from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from core.i18n import lazy_gettext
from core.web.forms import Form, choices
from crm.customers.colleagues import ACCESS

ACCESS_NAMES = {
    "own": lazy_gettext("Own orders only"),
    "company": lazy_gettext("All orders of the account"),
    "administrator": lazy_gettext("Administrator of the account"),
}
KIND_NAMES = {
    "company": lazy_gettext("Company"),
    "household": lazy_gettext("Household"),
    "consumer": lazy_gettext("Private customer"),
}


class InviteForm(Form):
    email = StringField(
        lazy_gettext("Email address"),
        [InputRequired(lazy_gettext("Please fill in this field.")), Length(max=254)],
    )
    access = RadioField(
        lazy_gettext("What they may see"),
        choices=choices((key, ACCESS_NAMES[key]) for key in ACCESS),
        default="own",
    )
