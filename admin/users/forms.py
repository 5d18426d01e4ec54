"""What administrators type about members of staff."""

from __future__ import annotations

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.i18n import LOCALES, NAMES, lazy_gettext, lazy_pgettext
from core.web.forms import Form, choices
from crm.identity.roles import STAFF_ROLES

NEEDED = InputRequired(lazy_gettext("Please fill in this field."))

ROLE_NAMES = {
    "agent": lazy_gettext("Agent"),
    "supervisor": lazy_gettext("Supervisor"),
    "editor": lazy_gettext("Content editor"),
    "marketer": lazy_gettext("Marketer"),
    "partner_manager": lazy_gettext("Partner manager"),
    "analyst": lazy_gettext("Analyst"),
    "administrator": lazy_gettext("Administrator"),
}
ROLE_HINTS = {
    "agent": lazy_gettext("Answers customers, moves orders."),
    "supervisor": lazy_gettext("Leads agents, changes customers."),
    "editor": lazy_gettext("Keeps products and help articles."),
    "marketer": lazy_gettext("Runs campaigns and segments."),
    "partner_manager": lazy_gettext("Looks after dealers and their material."),
    "analyst": lazy_gettext("Reads numbers, changes nothing."),
    "administrator": lazy_gettext("May do everything, also give roles."),
}


class RolesForm(Form):
    roles = SelectMultipleField(
        lazy_gettext("Roles"),
        choices=choices((role, ROLE_NAMES[role]) for role in STAFF_ROLES),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class NewUserForm(RolesForm):
    name = StringField(lazy_pgettext("person", "Name"), [NEEDED, Length(max=120)])
    email = StringField(lazy_gettext("Email address"), [NEEDED, Length(max=254)])
    locale = SelectField(
        lazy_gettext("Language of the invitation"), choices=choices((code, NAMES[code]) for code in LOCALES)
    )
