"""What people type about what they have."""

from __future__ import annotations

from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from core.i18n import lazy_gettext as _
from core.web.forms import Form


class UnitForm(Form):
    """What can be corrected later."""

    serial_number = StringField(_("Serial number"), validators=[Length(max=60)])
    nickname = StringField(_("Your own name for it"), validators=[Length(max=60)])


class RegisterForm(UnitForm):
    """`product` is the chosen entry of the catalogue; without it, `name` says what it is."""

    product = HiddenField()
    name = StringField(_("Name of the product"), validators=[Length(max=160)])
    acquired_on = DateField(
        _("Bought on"), validators=[InputRequired(_("Please give the day on which you bought it."))]
    )
