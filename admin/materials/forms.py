"""Forms of the material desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired, Length, Optional

from core.i18n import LOCALES, NAMES, gettext, lazy_gettext
from core.i18n.locales import current_timezone
from core.web.forms import Form, choices
from crm.partners.models import Material
from crm.partners.templates import TEMPLATES

FIELD_OF = {"en": "en", "zh-Hant": "zh_hant", "zh-Hans": "zh_hans"}
TEXTS = ("headline", "lead", "points", "closing")


class _Boxes(SelectMultipleField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class MaterialForm(Form):
    kind = SelectField(lazy_gettext("Kind"))
    title_en = StringField(lazy_gettext("Title, English"), [Optional(), Length(max=80)])
    title_zh_hant = StringField(lazy_gettext("Title, Traditional Chinese"), [Optional(), Length(max=80)])
    title_zh_hans = StringField(lazy_gettext("Title, Simplified Chinese"), [Optional(), Length(max=80)])
    summary_en = TextAreaField(lazy_gettext("Summary, English"), [Optional(), Length(max=240)])
    summary_zh_hant = TextAreaField(
        lazy_gettext("Summary, Traditional Chinese"), [Optional(), Length(max=240)]
    )
    summary_zh_hans = TextAreaField(
        lazy_gettext("Summary, Simplified Chinese"), [Optional(), Length(max=240)]
    )
    categories = _Boxes(lazy_gettext("Categories that it is about"))
    products = TextAreaField(lazy_gettext("Products in it"), [Optional(), Length(max=4000)])
    audience = RadioField(lazy_gettext("Who may have it"), default="all")
    partners = _Boxes(lazy_gettext("Chosen dealers"))
    published_on = DateField(lazy_gettext("Out from"), [Optional()])
    expires_on = DateField(lazy_gettext("Valid until (the last day)"), [Optional()])

    def offer(
        self, kinds: list[tuple[str, str]], categories: list[tuple[str, str]], partners: list[tuple[str, str]]
    ) -> None:
        """Fills the choices, which depend on the language and the database."""
        self.kind.choices = choices(kinds)
        self.categories.choices = choices(categories)
        self.partners.choices = choices(partners)
        self.audience.choices = choices(
            [("all", gettext("All dealers")), ("chosen", gettext("Only chosen dealers"))]
        )

    def texts(self, name: str) -> dict[str, str]:
        found = {locale: (self[f"{name}_{FIELD_OF[locale]}"].data or "").strip() for locale in LOCALES}
        return {locale: text for locale, text in found.items() if text}

    def skus(self) -> list[str]:
        words = (self.products.data or "").replace(",", " ").split()
        return list(dict.fromkeys(word.upper() for word in words))[:60]

    def chosen_partners(self) -> list[uuid.UUID]:
        return [uuid.UUID(key) for key in self.partners.data or []]

    def dates(self, material: Material | None) -> tuple[datetime | None, datetime | None]:
        """(out from, expires at). A day that was not changed keeps its hour."""
        zone = current_timezone()

        def moment(day: date | None, held: datetime | None, offset: timedelta) -> datetime | None:
            if day is None:
                return None
            if held is not None and (held - timedelta(seconds=offset.days)).astimezone(zone).date() == day:
                return held
            return datetime.combine(day, time(), zone) + offset

        out = moment(self.published_on.data, material.published_at if material else None, timedelta(0))
        over = moment(self.expires_on.data, material.expires_at if material else None, timedelta(days=1))
        return out, over


def filled(material: Material, skus: list[str], categories: list[str]) -> dict[str, Any]:
    """What the form of a material begins with."""
    zone = current_timezone()
    last = material.last_day
    return {
        "kind": material.kind,
        **{f"title_{FIELD_OF[code]}": material.titles.get(code, "") for code in LOCALES},
        **{f"summary_{FIELD_OF[code]}": material.summaries.get(code, "") for code in LOCALES},
        "categories": categories,
        "products": "\n".join(skus),
        "audience": material.audience,
        "partners": [str(one.account_id) for one in material.chosen],
        "published_on": material.published_at.astimezone(zone).date() if material.published_at else None,
        "expires_on": last.astimezone(zone).date() if last else None,
    }


class FileVersionForm(Form):
    """The next version as a finished file."""

    language = SelectField(lazy_gettext("Language"), choices=choices(NAMES.items()))
    file = FileField(lazy_gettext("File"), [InputRequired()])
    note = StringField(lazy_gettext("What is new, for dealers"), [Optional(), Length(max=300)])


class TemplateVersionForm(Form):
    """The next version, or a draft, as a template with texts."""

    language = SelectField(lazy_gettext("Language"), choices=choices(NAMES.items()))
    template = SelectField(lazy_gettext("Template"))
    headline = StringField(lazy_gettext("Headline"), [Optional(), Length(max=200)])
    lead = TextAreaField(lazy_gettext("Introduction"), [Optional(), Length(max=600)])
    points = TextAreaField(lazy_gettext("Points"), [Optional(), Length(max=2400)])
    closing = StringField(lazy_gettext("Closing line"), [Optional(), Length(max=600)])
    note = StringField(lazy_gettext("What is new, for dealers"), [Optional(), Length(max=300)])

    def offer(self, kind: str) -> None:
        """The templates that fit this kind of material."""
        fitting = [one for one in TEMPLATES.values() if kind in one.kinds]
        self.template.choices = choices([(one.key, gettext(one.label)) for one in fitting])

    def given(self) -> Mapping[str, str]:
        return {name: self[name].data or "" for name in TEXTS}
