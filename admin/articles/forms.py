"""Forms of the article desk."""

from __future__ import annotations

import re
from datetime import datetime

from wtforms import (
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from core.i18n import LOCALES, NAMES, lazy_gettext
from core.i18n.locales import current_timezone
from core.web.forms import Form, choices
from knowledge_base.models import AUDIENCES, KINDS, LONGEST_BODY, LONGEST_SUMMARY, LONGEST_TITLE
from knowledge_base.services import Words

_COMMAS = re.compile(r"[,;、，；\n]+")


def split(text: str | None) -> list[str]:
    """A list as people write one, in any of our languages."""
    return list(dict.fromkeys(part.strip() for part in _COMMAS.split(text or "") if part.strip()))


class TextForm(Form):
    """One language of an article."""

    locale = HiddenField()
    base = IntegerField(widget=HiddenInput(), default=0, validators=[Optional()])
    title = StringField(lazy_gettext("Title"), [InputRequired(), Length(max=LONGEST_TITLE)])
    summary = TextAreaField(lazy_gettext("Summary"), [Optional(), Length(max=LONGEST_SUMMARY)])
    tags = StringField(lazy_gettext("Tags"), [Optional(), Length(max=500)])
    body = TextAreaField(lazy_gettext("Text (Markdown)"), [Optional(), Length(max=LONGEST_BODY)])
    publish_at = DateTimeLocalField(
        lazy_gettext("Publish at"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    )

    def words(self) -> Words:
        return Words(
            title=(self.title.data or "").strip(),
            summary=" ".join((self.summary.data or "").split()),
            body=(self.body.data or "").replace("\r\n", "\n").strip(),
            tags=split(self.tags.data),
        )

    def moment(self) -> datetime | None:
        """The time that was chosen, on the editor's clock."""
        at: datetime | None = self.publish_at.data
        return at.replace(tzinfo=current_timezone()) if at else None


class SettingsForm(Form):
    """What holds for all languages."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    category_id = SelectField(lazy_gettext("Category"), [InputRequired()])
    kind = SelectField(lazy_gettext("Kind"), [InputRequired()])
    audience = SelectField(lazy_gettext("For whom"), [InputRequired()])
    skus = StringField(lazy_gettext("Products"), [Optional(), Length(max=1000)])
    product_categories = SelectMultipleField(
        lazy_gettext("Kinds of products"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    related = TextAreaField(lazy_gettext("Related articles"), [Optional(), Length(max=1200)])
    review_after_days = IntegerField(
        lazy_gettext("Look at it again after, in days"),
        [InputRequired(), NumberRange(min=7, max=1095)],
        default=365,
    )


class NewArticleForm(TextForm):
    """The first text of an article, with the least that it needs to have a place."""

    locale = SelectField(
        lazy_gettext("Language"), [InputRequired()], choices=choices((code, NAMES[code]) for code in LOCALES)
    )
    slug = StringField(lazy_gettext("Address"), [Optional(), Length(max=120)])
    category_id = SelectField(lazy_gettext("Category"), [InputRequired()])
    kind = SelectField(lazy_gettext("Kind"), [InputRequired()])
    audience = SelectField(lazy_gettext("For whom"), [InputRequired()])


class CategoryForm(Form):
    name_en = StringField(lazy_gettext("Name, English"), [InputRequired(), Length(max=80)])
    name_zh_hant = StringField(lazy_gettext("Name, Traditional Chinese"), [Optional(), Length(max=80)])
    name_zh_hans = StringField(lazy_gettext("Name, Simplified Chinese"), [Optional(), Length(max=80)])
    summary_en = TextAreaField(lazy_gettext("Summary, English"), [Optional(), Length(max=200)])
    summary_zh_hant = TextAreaField(
        lazy_gettext("Summary, Traditional Chinese"), [Optional(), Length(max=200)]
    )
    summary_zh_hans = TextAreaField(
        lazy_gettext("Summary, Simplified Chinese"), [Optional(), Length(max=200)]
    )
    position = IntegerField(lazy_gettext("Position in lists"), [InputRequired(), NumberRange(min=0, max=999)])


__all__ = ["AUDIENCES", "KINDS", "CategoryForm", "NewArticleForm", "SettingsForm", "TextForm", "split"]
