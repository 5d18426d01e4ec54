"""What people type into the pages of their account. Rules that matter are in crm; these only read the form."""

from __future__ import annotations

from functools import cache

from babel import Locale
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from core.i18n import LOCALES, NAMES, lazy_gettext, lazy_pgettext, sentence
from core.i18n.locales import babel_locale, current_locale, list_timezones
from core.web.forms import Form, choices
from crm.customers.colleagues import ACCESS
from crm.customers.services import country_codes
from crm.identity.models import CHANNELS
from crm.identity.passwords import LONGEST, SHORTEST
from crm.identity.roles import API_SCOPES
from crm.identity.services import CURRENCIES

NEEDED = InputRequired(lazy_gettext("Please fill in this field."))

CHANNEL_NAMES = {
    "email": lazy_gettext("Email"),
    "sms": lazy_gettext("Text message (SMS)"),
    "phone": lazy_gettext("Phone call"),
    "post": lazy_gettext("Letter"),
    "fax": lazy_gettext("Fax"),
}
ACCESS_NAMES = {
    "own": lazy_gettext("Own orders only"),
    "company": lazy_gettext("All orders of the company"),
    "administrator": lazy_gettext("Administrator"),
}
ACCESS_HINTS = {
    "own": lazy_gettext("Orders, and sees only what they ordered themselves."),
    "company": lazy_gettext("Orders, and sees what everybody in the company ordered."),
    "administrator": lazy_gettext("Sees everything, and invites and removes colleagues."),
}
SCOPE_NAMES = {
    "catalogue:read": lazy_gettext("Read the catalogue"),
    "orders:read": lazy_gettext("Read orders"),
    "orders:write": lazy_gettext("Place orders"),
}


def most(limit: int) -> Length:
    return Length(max=limit, message=lazy_gettext("At most %(limit)s characters, please.", limit=limit))


@cache
def _countries(locale: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(str(babel_locale(locale))).territories
    return tuple(
        sorted(((code, names.get(code, code)) for code in country_codes()), key=lambda pair: pair[1])
    )


def country_choices() -> list[tuple[str, str]]:
    """Every country by its name in the present language."""
    return list(_countries(current_locale()))


def country_name(code: str | None) -> str:
    return babel_locale(current_locale()).territories.get(code or "", code or "–")


def currency_choices() -> list[tuple[str, str]]:
    names = babel_locale(current_locale()).currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in CURRENCIES]


class SignInForm(Form):
    next = HiddenField()
    email = StringField(lazy_gettext("Email address"), [NEEDED, most(254)])
    password = PasswordField(lazy_gettext("Password"), [NEEDED, most(1000)])


def new_password(label: str) -> PasswordField:
    """The lengths are for the browser; the service decides."""
    return PasswordField(
        label,
        [NEEDED],
        description=lazy_gettext(
            "At least %(least)s characters. Several words in a row are easy to remember.", least=SHORTEST
        ),
        render_kw={"minlength": SHORTEST, "maxlength": LONGEST, "autocomplete": "new-password"},
    )


class SignUpForm(Form):
    kind = RadioField(
        lazy_gettext("You order"),
        choices=choices([("person", lazy_gettext("For myself")), ("company", lazy_gettext("For a company"))]),
        default="person",
    )
    company = StringField(lazy_gettext("Company"), [most(160)])
    name = StringField(lazy_gettext("Your name"), [NEEDED, most(120)])
    email = StringField(lazy_gettext("Email address"), [NEEDED, most(254)])
    password = new_password(lazy_gettext("Password"))
    offers = BooleanField(lazy_gettext("Email me about offers now and then. I can stop it at any time."))

    def validate_company(self, field: StringField) -> None:
        if self.kind.data == "company" and not (field.data or "").strip():
            raise ValidationError(sentence("account.company_needed"))


class EmailForm(Form):
    email = StringField(lazy_gettext("Email address"), [NEEDED, most(254)])


class NewPasswordForm(Form):
    password = new_password(lazy_gettext("New password"))


class InvitationForm(Form):
    name = StringField(lazy_gettext("Your name"), [NEEDED, most(120)])
    password = new_password(lazy_gettext("Password"))


class EmptyForm(Form):
    """A button and its protection against forgery."""


class ProfileForm(Form):
    name = StringField(lazy_pgettext("person", "Name"), [NEEDED, most(120)])
    phone = StringField(lazy_gettext("Phone"), [Optional(), most(40)])
    preferred_channel = SelectField(
        lazy_gettext("How we should reach you"),
        choices=choices((code, CHANNEL_NAMES[code]) for code in CHANNELS),
    )
    locale = SelectField(lazy_gettext("Language"), choices=choices((code, NAMES[code]) for code in LOCALES))
    timezone = SelectField(
        lazy_gettext("Time zone"),
        choices=choices((name, name.replace("_", " ")) for name in list_timezones()),
    )
    currency = SelectField(lazy_gettext("Currency"), choices=lambda: choices(currency_choices()))


class ChangeEmailForm(Form):
    email = StringField(lazy_gettext("New email address"), [NEEDED, most(254)])
    current = PasswordField(lazy_gettext("Present password"), [NEEDED, most(1000)])


class ChangePasswordForm(Form):
    # The page has a second form with such a field; each label needs an id of its own.
    current = PasswordField(lazy_gettext("Present password"), [NEEDED, most(1000)], id="password-current")
    password = new_password(lazy_gettext("New password"))


class AddressForm(Form):
    label = StringField(
        lazy_gettext("Name of this address"),
        [Optional(), most(60)],
        description=lazy_gettext("For you to recognise it, for example “Shop” or “Warehouse”."),
    )
    recipient = StringField(lazy_gettext("Recipient"), [NEEDED, most(120)])
    line1 = StringField(lazy_gettext("Street and number"), [NEEDED, most(160)])
    line2 = StringField(lazy_gettext("Building, floor, entrance"), [Optional(), most(160)])
    postal_code = StringField(lazy_gettext("Postal code"), [Optional(), most(20)])
    city = StringField(lazy_gettext("Town or city"), [NEEDED, most(100)])
    region = StringField(lazy_gettext("State, province or county"), [Optional(), most(100)])
    country = SelectField(lazy_gettext("Country"), choices=lambda: choices(country_choices()), default="DE")
    phone = StringField(lazy_gettext("Phone for the delivery"), [Optional(), most(40)])
    is_default = BooleanField(lazy_gettext("Use this address by default"))


class InviteForm(Form):
    email = StringField(lazy_gettext("Email address"), [NEEDED, most(254)])
    access = RadioField(
        lazy_gettext("What they may see and do"),
        choices=choices((key, ACCESS_NAMES[key]) for key in ACCESS),
        default="own",
    )


class ApiTokenForm(Form):
    name = StringField(
        lazy_gettext("Name of the program"),
        [NEEDED, most(80)],
        description=lazy_gettext("So that you know later which token is which."),
    )
    scopes = SelectMultipleField(
        lazy_gettext("What it may do"),
        choices=choices((scope, SCOPE_NAMES[scope]) for scope in API_SCOPES),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
