"""The forms of the checkout. What is right is decided in crm; these read what was chosen."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.i18n import lazy_gettext
from core.web.forms import Form
from crm.orders.delivery import ADDRESS_FIELDS
from crm.orders.placing import MOST_NOTE
from portal.account.forms import country_choices, most

NEW = "new"
CHOOSE = InputRequired(lazy_gettext("Please choose one."))


class CheckoutForm(Form):
    """Choices are set by the view. Payment is 'account' or 'card:TOKEN'."""

    address = RadioField(lazy_gettext("Deliver to"), validators=[CHOOSE])
    recipient = StringField(lazy_gettext("Recipient"), validators=[most(120)])
    line1 = StringField(lazy_gettext("Street and number"), validators=[most(160)])
    line2 = StringField(lazy_gettext("Building, floor, department"), validators=[most(160)])
    postal_code = StringField(lazy_gettext("Postal code"), validators=[most(20)])
    city = StringField(lazy_gettext("City"), validators=[most(100)])
    region = StringField(lazy_gettext("State or region"), validators=[most(100)])
    country = SelectField(lazy_gettext("Country"), choices=country_choices, default="DE")
    phone = StringField(lazy_gettext("Phone for the carrier"), validators=[most(40)])
    save_address = BooleanField(lazy_gettext("Keep this address for next time"), default=True)
    delivery = RadioField(lazy_gettext("How we deliver"), validators=[CHOOSE])
    pickup = SelectField(lazy_gettext("Where you fetch it"), validate_choice=False)
    payment = RadioField(lazy_gettext("How you pay"), validators=[CHOOSE])
    note = TextAreaField(
        lazy_gettext("Message to us"),
        validators=[
            Length(
                max=MOST_NOTE, message=lazy_gettext("At most %(limit)s characters, please.", limit=MOST_NOTE)
            )
        ],
    )

    def typed_address(self) -> Mapping[str, str]:
        return {name: self[name].data or "" for name in ADDRESS_FIELDS}


class PlaceForm(Form):
    """`key` is the person's intention, `total` what they were shown, `seen` the digest of their choices."""

    key = HiddenField(validators=[InputRequired(), Length(max=100)])
    total = HiddenField(validators=[InputRequired(), Length(max=40)])
    seen = HiddenField(validators=[InputRequired(), Length(max=64)])


class PayForm(Form):
    payment = RadioField(lazy_gettext("How you pay"), validators=[CHOOSE])
