"""How the help pages name things."""

from __future__ import annotations

from core.i18n import _, current_locale

ICONS = {
    "setting-up": "box",
    "cleaning": "sparkle",
    "filters": "wind",
    "lights-and-faults": "wrench",
    "coffee": "coffee",
    "delivery": "truck",
    "returns": "undo",
    "warranty-and-repair": "shield",
    "billing": "receipt",
    "account": "user",
    "partners": "handshake",
    "for-staff": "lock",
}


def icon_of(category: str) -> str:
    """The drawing beside a category's name; editors' own categories share one."""
    return ICONS.get(category, "book")


def reason(code: str) -> str:
    """Why an article helped or did not, in the reader's words."""
    names = {
        "solved": _("It solved my problem"),
        "clear": _("It is clear and easy to follow"),
        "not_solved": _("I did what it says, and it did not help"),
        "unclear": _("It is hard to understand"),
        "wrong": _("Something in it is wrong or out of date"),
        "not_mine": _("It is not about my question"),
    }
    return names.get(code, code)


def language(locale: str) -> str:
    """A language's name inside a sentence of the page's language."""
    names = {"en": _("English"), "zh-Hant": _("Traditional Chinese"), "zh-Hans": _("Simplified Chinese")}
    return names.get(locale, locale)


def missing_language(shown: str) -> str:
    """Said above an article that the reader gets in another language than the page's."""
    return _(
        "This article is not there in %(wanted)s yet. You are reading it in %(shown)s.",
        wanted=language(current_locale()),
        shown=language(shown),
    )


def audience(code: str) -> str:
    """For whom an article is, told where it is not for everybody."""
    names = {
        "public": _("For everybody"),
        "customers": _("For customers"),
        "partners": _("For partners"),
        "staff": _("For staff only"),
    }
    return names.get(code, code)
