"""Forms of the help pages."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField, TextAreaField
from wtforms.validators import AnyOf, Length, Optional

from core.i18n import lazy_gettext
from core.web.forms import Form, choices
from knowledge_base.feedback import HELPFUL_REASONS, LONGEST_COMMENT, UNHELPFUL_REASONS
from portal.help import words


class FeedbackForm(Form):
    """Yes or no at once; why, when the reader cares to say so."""

    helpful = HiddenField(validators=[AnyOf(["yes", "no"])])
    # The service knows which reasons go with which answer; an unknown one is refused there.
    reason = RadioField(lazy_gettext("What was it?"), [Optional()], validate_choice=False)
    comment = TextAreaField(lazy_gettext("Tell us more"), [Optional(), Length(max=LONGEST_COMMENT)])
    told = BooleanField()  # the reasons were asked for, so a missing one is the reader's choice

    def offer(self, *, is_helpful: bool) -> None:
        """The reasons that go with the answer."""
        known = HELPFUL_REASONS if is_helpful else UNHELPFUL_REASONS
        self.reason.choices = choices((reason, words.reason(reason)) for reason in known)
