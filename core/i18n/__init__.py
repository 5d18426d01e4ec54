from core.i18n.catalogue import N_, explain, lazy_gettext, lazy_pgettext, ngettext, pgettext, sentence
from core.i18n.catalogue import gettext as _
from core.i18n.catalogue import gettext as gettext
from core.i18n.formats import (
    format_date,
    format_datetime,
    format_money,
    format_number,
    format_percent,
    format_relative,
    is_distant,
)
from core.i18n.locales import (
    LOCALES,
    NAMES,
    current_locale,
    current_timezone,
    known_locale,
    known_timezone,
    negotiate,
    pick,
    speaking,
)

__all__ = [
    "LOCALES",
    "NAMES",
    "N_",
    "_",
    "current_locale",
    "current_timezone",
    "explain",
    "format_date",
    "format_datetime",
    "format_money",
    "format_number",
    "format_percent",
    "format_relative",
    "gettext",
    "is_distant",
    "known_locale",
    "known_timezone",
    "lazy_gettext",
    "lazy_pgettext",
    "negotiate",
    "ngettext",
    "pgettext",
    "pick",
    "sentence",
    "speaking",
]
