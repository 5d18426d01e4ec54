"""The room of accounts: signing up and in, and everything a person keeps about themselves."""

from __future__ import annotations

from flask import Blueprint, g, request

from core.i18n import _
from core.transaction import transaction
from core.web.context import actor
from crm.identity import services

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.context_processor
def account_frame() -> dict[str, object]:
    """Staff keep their console around the pages of their account; the tabs are those the person may open."""
    who = actor()
    tabs = [("/account", _("Overview"))]
    if who.is_signed_in:
        tabs += [("/account/profile", _("Profile")), ("/account/security", _("Sign-in"))]
        tabs.append(("/account/sessions", _("Devices")))
    if who.kind in {"customer", "partner"}:
        tabs.insert(2, ("/account/addresses", _("Addresses")))
        if who.can("colleagues.manage"):
            tabs.append(("/account/colleagues", _("Colleagues")))
        tabs.append(("/account/mail", _("Mails")))
        tabs.append(("/account/tokens", _("API tokens")))
    return {
        "frame": "admin/base.html" if who.kind == "staff" else "base.html",
        "account_tabs": [
            {
                "url": url,
                "label": label,
                "active": request.path == url or (url != "/account" and request.path.startswith(f"{url}/")),
            }
            for url, label in tabs
        ],
    }


@blueprint.before_app_request
def _remember_language() -> None:
    """The language switch of the frame keeps the choice in the account of who is signed in."""

    def remember(locale: str) -> None:
        with transaction() as session:
            services.set_locale(session, actor(), locale)

    g.remember_locale = remember
