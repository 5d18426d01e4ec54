"""Forms of the catalogue pages."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DecimalField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from core.i18n import LOCALES, lazy_gettext
from core.web.forms import Form

FIELD_OF = {"en": "en", "zh-Hant": "zh_hant", "zh-Hans": "zh_hans"}


def texts_of(form: Any, name: str) -> dict[str, str]:
    """The filled languages of a translated field."""
    found = {locale: (form[f"{name}_{FIELD_OF[locale]}"].data or "").strip() for locale in LOCALES}
    return {locale: text for locale, text in found.items() if text}


class ProductForm(Form):
    sku = StringField(
        lazy_gettext("Article number"),
        [
            InputRequired(),
            Length(max=60),
            Regexp(r"^[\w.\-/ ]+$", message=lazy_gettext("Letters, digits, dots, dashes and slashes.")),
        ],
    )
    name_en = StringField(lazy_gettext("Name, English"), [InputRequired(), Length(max=160)])
    name_zh_hant = StringField(lazy_gettext("Name, Traditional Chinese"), [Optional(), Length(max=160)])
    name_zh_hans = StringField(lazy_gettext("Name, Simplified Chinese"), [Optional(), Length(max=160)])
    tagline_en = StringField(lazy_gettext("Tagline, English"), [Optional(), Length(max=200)])
    tagline_zh_hant = StringField(lazy_gettext("Tagline, Traditional Chinese"), [Optional(), Length(max=200)])
    tagline_zh_hans = StringField(lazy_gettext("Tagline, Simplified Chinese"), [Optional(), Length(max=200)])
    description_en = TextAreaField(lazy_gettext("Description, English"), [Optional(), Length(max=4000)])
    description_zh_hant = TextAreaField(
        lazy_gettext("Description, Traditional Chinese"), [Optional(), Length(max=4000)]
    )
    description_zh_hans = TextAreaField(
        lazy_gettext("Description, Simplified Chinese"), [Optional(), Length(max=4000)]
    )
    category_id = SelectField(lazy_gettext("Category"), [Optional()])
    price = DecimalField(
        lazy_gettext("Price including tax"), [InputRequired(), NumberRange(min=0, max=1_000_000)], places=2
    )
    tax_percent = DecimalField(
        lazy_gettext("Tax in percent"), [InputRequired(), NumberRange(min=0, max=50)], places=2
    )
    weight_g = IntegerField(lazy_gettext("Weight in grams"), [Optional(), NumberRange(min=0, max=1_000_000)])
    warranty_months = IntegerField(
        lazy_gettext("Warranty in months"), [Optional(), NumberRange(min=0, max=240)]
    )
    consumable_days = IntegerField(
        lazy_gettext("Lasts about, in days"), [Optional(), NumberRange(min=1, max=3650)]
    )
    is_serialised = BooleanField(lazy_gettext("Each unit has a serial number"))
    is_active = BooleanField(lazy_gettext("Shown in the shop"))
    is_sellable = BooleanField(lazy_gettext("Can be ordered"))
    version = IntegerField(validators=[Optional()])


class StockForm(Form):
    change = IntegerField(
        lazy_gettext("Change in units"), [InputRequired(), NumberRange(min=-1_000_000, max=1_000_000)]
    )
    low_below = IntegerField(
        lazy_gettext("Few left below"), [InputRequired(), NumberRange(min=0, max=100_000)]
    )


class CategoryForm(Form):
    name_en = StringField(lazy_gettext("Name, English"), [InputRequired(), Length(max=80)])
    name_zh_hant = StringField(lazy_gettext("Name, Traditional Chinese"), [Optional(), Length(max=80)])
    name_zh_hans = StringField(lazy_gettext("Name, Simplified Chinese"), [Optional(), Length(max=80)])
    description_en = TextAreaField(lazy_gettext("Description, English"), [Optional(), Length(max=400)])
    description_zh_hant = TextAreaField(
        lazy_gettext("Description, Traditional Chinese"), [Optional(), Length(max=400)]
    )
    description_zh_hans = TextAreaField(
        lazy_gettext("Description, Simplified Chinese"), [Optional(), Length(max=400)]
    )
    position = IntegerField(lazy_gettext("Position in lists"), [InputRequired(), NumberRange(min=0, max=999)])
