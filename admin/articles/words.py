"""How the desk names states, kinds and audiences."""

from __future__ import annotations

from core.i18n import _

BADGES = {
    "published": "success",
    "changed": "progress",
    "draft": "neutral",
    "waiting": "info",
    "missing": "warning",
}


def state(code: str) -> str:
    names = {
        "published": _("Published"),
        "changed": _("Published, newer draft"),
        "draft": _("Draft"),
        "waiting": _("Scheduled"),
        "missing": _("Missing"),
    }
    return names.get(code, code)


def filter_name(code: str) -> str:
    """The states as the list's filter calls them."""
    names = {
        "published": _("Published"),
        "draft": _("Never published"),
        "changed": _("Changes not published"),
        "waiting": _("Scheduled"),
        "review": _("Review is due"),
        "doubted": _("Readers say it does not help"),
    }
    return names.get(code, code)


def kind(code: str) -> str:
    names = {"article": _("Instructions"), "faq": _("Frequent question")}
    return names.get(code, code)


def audience(code: str) -> str:
    names = {
        "public": _("Everybody"),
        "customers": _("Customers"),
        "partners": _("Partners"),
        "staff": _("Staff only"),
    }
    return names.get(code, code)


def reason(code: str) -> str:
    """What readers chose."""
    names = {
        "solved": _("Solved the problem"),
        "clear": _("Easy to follow"),
        "not_solved": _("Did not help"),
        "unclear": _("Hard to understand"),
        "wrong": _("Wrong or out of date"),
        "not_mine": _("Another question"),
    }
    return names.get(code, code)
