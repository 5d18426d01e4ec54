"""Forms of the material pages."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import InputRequired, Length

from core.i18n import lazy_gettext as _
from core.i18n.locales import NAMES
from core.web.forms import Form, choices


class ProfileForm(Form):
    """How the partner appears on what we print for them."""

    public_name = StringField(_("Name"), [InputRequired(), Length(max=60)])
    address = TextAreaField(_("Address"), [Length(max=300)])
    phone = StringField(_("Telephone"), [Length(max=40)])
    email = StringField(_("Email"), [Length(max=80)])
    web = StringField(_("Web address"), [Length(max=80)])
    languages = SelectMultipleField(
        _("Languages that you work in"),
        choices=choices(NAMES.items()),
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    logo = FileField(_("Logo"))
    without_logo = BooleanField(_("Print without a logo"))


class TermsForm(Form):
    """`version` is the one that was shown: newer terms must be read first."""

    version = HiddenField()
    agreed = BooleanField(_("I have read the terms and accept them for my company."), [InputRequired()])


class DownloadForm(Form):
    language = HiddenField()
