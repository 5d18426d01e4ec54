"""Forms of the campaign pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from babel.support import LazyProxy
from wtforms import DecimalField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput

from campaigns.models import CampaignVersion
from campaigns.services import Draft, field_name
from campaigns.wording import FIELDS, LIMITS
from core.i18n import LOCALES, N_, NAMES, _, gettext, lazy_gettext
from core.web.forms import Form

UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60}
LABELS = {
    "subject": N_("Subject"),
    "preheader": N_("Line beside the subject"),
    "heading": N_("Heading"),
    "body": N_("Text"),
    "button": N_("Button"),
}


class CampaignForm(Form):
    """The texts' fields, one per language, are added below."""

    delay = IntegerField(lazy_gettext("Wait"), [InputRequired()])
    unit = SelectField(lazy_gettext("Unit"))
    minimum = DecimalField(lazy_gettext("Worth at least"), [Optional()], places=2)
    category = SelectField(lazy_gettext("With something from"), [Optional()])
    quiet_from = SelectField(lazy_gettext("Quiet from"), [Optional()])
    quiet_to = SelectField(lazy_gettext("until"), [Optional()])
    pause_days = IntegerField(lazy_gettext("Days between two mails"), [InputRequired()])
    blocks = SelectMultipleField(lazy_gettext("Shown in the mail"), option_widget=CheckboxInput())
    revision = IntegerField(validators=[Optional()])

    def draft(self) -> Draft:
        """What was entered; numbers that make no sense are told by the service."""
        hours = {name: self[name].data for name in ("quiet_from", "quiet_to")}
        return Draft(
            delay_minutes=min(max(self.delay.data or 0, -1), 1_000_000) * UNITS.get(self.unit.data or "", 1),
            texts={
                locale: {field: self[field_name(field, locale)].data or "" for field in FIELDS}
                for locale in LOCALES
            },
            blocks=tuple(self.blocks.data or ()),
            minimum=self.minimum.data,
            category=self.category.data or None,
            quiet_from=int(hours["quiet_from"]) if hours["quiet_from"] else None,
            quiet_to=int(hours["quiet_to"]) if hours["quiet_to"] else None,
            pause_days=min(max(self.pause_days.data or 0, -1), 1_000),
        )

    def fill(self, version: CampaignVersion) -> None:
        minutes = version.delay_minutes
        unit = "days" if minutes % UNITS["days"] == 0 else "hours" if minutes % 60 == 0 else "minutes"
        self.delay.data, self.unit.data = minutes // UNITS[unit], unit
        conditions = version.conditions
        minimum = conditions.get("minimum")
        self.minimum.data = Decimal(str(minimum)) if minimum else None
        self.category.data = conditions.get("category") or ""
        for name in ("quiet_from", "quiet_to"):
            hour = conditions.get(name)
            self[name].data = "" if hour is None else str(hour)
        self.pause_days.data = conditions.get("pause_days") or 0
        self.blocks.data = list(version.blocks)
        self.revision.data = version.revision
        for locale in LOCALES:
            for field in FIELDS:
                self[field_name(field, locale)].data = version.texts.get(locale, {}).get(field, "")


def _label(field: str, locale: str) -> str:
    """“Subject (繁體中文)”: what is told of the field elsewhere on the page must say which of the three it is."""
    return _("%(label)s (%(language)s)", label=gettext(LABELS[field]), language=NAMES[locale])


def _add_texts(form: Any) -> None:
    for locale in LOCALES:
        for field in FIELDS:
            kind = TextAreaField if field == "body" else StringField
            # A little more than fits: the service says which limit is broken, in a whole sentence.
            label = LazyProxy(_label, field, locale, enable_cache=False)
            made = kind(label, [Optional(), Length(max=LIMITS[field] * 4)])
            setattr(form, field_name(field, locale), made)


_add_texts(CampaignForm)


class BlockForm(Form):
    email = StringField(lazy_gettext("Email address"), [InputRequired(), Length(max=254)])
    reason = SelectField(lazy_gettext("Reason"), [InputRequired()])
    note = StringField(lazy_gettext("Note"), [Optional(), Length(max=300)])
