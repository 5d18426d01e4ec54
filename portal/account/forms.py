"""What people type into the pages of their account. Rules that matter are in crm; these only read the form."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.i18n import lazy_gettext
from core.web.forms import Form

NEEDED = InputRequired(lazy_gettext("Please fill in this field."))


def most(limit: int) -> Length:
    return Length(max=limit, message=lazy_gettext("At most %(limit)s characters, please.", limit=limit))


class SignInForm(Form):
    next = HiddenField()
    email = StringField(lazy_gettext("Email address"), [NEEDED, most(254)])
    password = PasswordField(lazy_gettext("Password"), [NEEDED, most(1000)])
