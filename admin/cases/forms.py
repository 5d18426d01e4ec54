"""Forms of the staff pages of cases. `version` is how the case was when the page was opened."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, MultipleFileField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from core.i18n import lazy_gettext as _
from core.web.forms import Form
from crm.service.ledger import LONGEST_TEXT
from crm.service.work import LONGEST_REASON


class StepForm(Form):
    """A button: nothing is typed."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])


class ReplyForm(StepForm):
    text = TextAreaField(_("Reply to the customer"), validators=[DataRequired(), Length(max=LONGEST_TEXT)])
    then = SelectField(_("And then"), validate_choice=False)
    files = MultipleFileField(_("Files for the customer"))
    key = HiddenField(validators=[Length(max=100)])


class NoteForm(StepForm):
    text = TextAreaField(_("Note for colleagues"), validators=[DataRequired(), Length(max=LONGEST_TEXT)])
    key = HiddenField(validators=[Length(max=100)])


class MoveForm(StepForm):
    action = SelectField(_("New state"), validate_choice=False)
    reason = TextAreaField(_("Reason, for colleagues"), validators=[Length(max=LONGEST_REASON)])


class AssignForm(StepForm):
    assignee = SelectField(_("Who works on it"), validate_choice=False)
    team = SelectField(_("Team"), validate_choice=False)


class SeverityForm(StepForm):
    severity = SelectField(_("Severity"), validate_choice=False)
    reason = TextAreaField(_("Why?"), validators=[DataRequired(), Length(max=LONGEST_REASON)])


class EscalateForm(StepForm):
    reason = TextAreaField(
        _("What should the supervisor decide?"), validators=[DataRequired(), Length(max=LONGEST_REASON)]
    )


class ResolveForm(StepForm):
    outcome = TextAreaField(_("What was decided?"), validators=[DataRequired(), Length(max=LONGEST_REASON)])
