"""The base of every form: CSRF, our translations, and values both databases can store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice
from wtforms.i18n import get_translations

from core.errors import AppError, Invalid
from core.i18n import current_locale, explain, gettext

_WTFORMS_LOCALES = {"zh-Hant": ["zh_TW"], "zh-Hans": ["zh"], "en": ["en"]}


class _Texts:
    """Our catalogue first, then the one that WTForms brings."""

    def gettext(self, text: str) -> str:
        ours = gettext(text)
        return ours if ours != text else str(_theirs().gettext(text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(_theirs().ngettext(singular, plural, n))


def _theirs() -> Any:
    return get_translations(_WTFORMS_LOCALES[current_locale()])


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Options of a select, radio or check box field: pairs of value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


class Form(FlaskForm):  # type: ignore[misc, unused-ignore]
    """`add_error` puts a service's error beside the field it names, or on top of the form."""

    class Meta:
        def get_translations(self, _form: Any) -> _Texts:
            return _Texts()

    def validate(self, extra_validators: Any = None) -> bool:
        """As WTForms does; messages made at import time are said in the language of this request."""
        valid = bool(super().validate(extra_validators))
        for field in self._fields.values():
            if isinstance(field.errors, (list, tuple)):
                field.errors = [str(item) if isinstance(item, LazyProxy) else item for item in field.errors]
        return valid

    def add_error(self, error: AppError) -> None:
        for item in error.errors if isinstance(error, Invalid) and error.errors else [error]:
            field = self._fields.get(item.field or "")
            if field is not None:
                field.errors = [*field.errors, explain(item)]
            else:
                self.form_errors.append(explain(item))
