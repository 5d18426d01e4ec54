"""Forms of the request pages. What the form of a kind asks comes from `crm.service.kinds`."""

from __future__ import annotations

from typing import Any

from wtforms import (
    Field,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from core.errors import Invalid
from core.i18n import explain
from core.i18n import lazy_gettext as _
from core.mail import clean_address
from core.web.forms import Form, choices
from crm.service import words
from crm.service.kinds import Asked, Kind, clean_fields
from crm.service.ledger import LONGEST_TEXT
from crm.service.services import LONGEST_SUBJECT

ACCEPTED = ".png,.jpg,.jpeg,.gif,.webp,.pdf,.docx,.xlsx,.pptx,.txt,.csv,.log,.mp4,.mov"


class RequestForm(Form):
    """What every kind asks; the fields of a kind are added by `form_of`."""

    kind: Kind
    subject = StringField(_("In one line"), validators=[DataRequired(), Length(max=LONGEST_SUBJECT)])
    text = TextAreaField(_("What happened?"), validators=[DataRequired(), Length(max=LONGEST_TEXT)])
    about = SelectField(_("What is it about?"), validate_choice=False)
    files = MultipleFileField(_("Pictures or documents"))
    key = HiddenField()

    def answers(self) -> dict[str, Any]:
        """What was given in the fields of this kind."""
        return {asked.name: self._fields[asked.name].data for asked in self.kind.fields}

    def validate(self, extra_validators: Any = None) -> bool:
        """Also what the kind's fields must hold, so that everything wrong is told at once."""
        valid = super().validate(extra_validators)
        try:
            clean_fields(self.kind, self.answers())
        except Invalid as error:
            self.add_error(error)
            return False
        return valid


def _field(asked: Asked) -> Field:
    label, help_text = words.field_label(asked.name), words.field_help(asked.name)
    # The mark "(optional)" and the browser's hint follow from the flag; what is right is checked in one place.
    needed = {"required": True} if asked.required else {}
    common: dict[str, Any] = {"label": label, "description": help_text, "render_kw": dict(needed)}
    match asked.kind:
        case "choice":
            options = [("", _("Please choose"))]
            options += [(value, words.option(asked.name, value)) for value in asked.options]
            return SelectField(choices=choices(options), validate_choice=False, **common)
        case "number":
            common["render_kw"] |= {"inputmode": "numeric", "maxlength": 3}
        case "day_ahead" | "day_past":
            common["render_kw"] |= {"type": "date"}
        case _:
            common["render_kw"] |= {"maxlength": asked.longest}
    return StringField(**common)


def form_of(kind: Kind) -> RequestForm:
    """The form of a kind, filled with what was sent."""
    fields = {asked.name: _field(asked) for asked in kind.fields}
    made: RequestForm = type("KindForm", (RequestForm,), {**fields, "kind": kind})()
    for asked in kind.fields:
        made._fields[asked.name].flags.required = asked.required
    # The page asks for the text last: what is wrong is listed in the order of the page.
    made._fields["text"] = made._fields.pop("text")
    return made


class ReplyForm(Form):
    """Writing again. `key`: of this intention, so that sending twice writes once."""

    text = TextAreaField(_("Your message"), validators=[DataRequired(), Length(max=LONGEST_TEXT)])
    files = MultipleFileField(_("Pictures or documents"))
    key = HiddenField(validators=[Length(max=100)])


class WhyForm(Form):
    """Why a solution does not help, or why the request is opened again."""

    text = TextAreaField(_("What is still wrong?"), validators=[DataRequired(), Length(max=LONGEST_TEXT)])
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
    key = HiddenField(validators=[Length(max=100)])


class AcceptForm(Form):
    rating = IntegerField(_("How did we do?"), validators=[Optional(), NumberRange(1, 5)])
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])


class StepForm(Form):
    """A button: nothing is typed."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])


class FindForm(Form):
    """Finding a request without signing in."""

    reference = StringField(_("Request number"), validators=[InputRequired(), Length(max=60)])
    email = StringField(_("Email address of the request"), validators=[InputRequired(), Length(max=254)])

    def validate_email(self, field: StringField) -> None:
        try:
            field.data = clean_address(field.data or "")
        except Invalid as error:
            raise ValidationError(explain(error)) from None
