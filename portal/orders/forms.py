"""Forms of the order pages."""

from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from core.errors import Invalid
from core.i18n import explain
from core.i18n import lazy_gettext as _
from core.mail import clean_address
from core.web.forms import Form


class CancelForm(Form):
    reason = TextAreaField(_("Why? It helps us to do better."), validators=[Length(max=300)])


class FindForm(Form):
    """Finding an order without an account."""

    number = StringField(_("Order number"), validators=[InputRequired(), Length(max=60)])
    email = StringField(_("Email address of the order"), validators=[InputRequired(), Length(max=254)])

    def validate_email(self, field: StringField) -> None:
        try:
            field.data = clean_address(field.data or "")
        except Invalid as error:
            raise ValidationError(explain(error)) from None
