"""What every page's frame shows, and who the accounts are: wiring between the web ground and the rooms."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request

from app.demo.accounts import list_demo_accounts
from app.navigation import account_navigation, footer_navigation, portal_navigation, staff_navigation
from core.settings import get_settings
from core.web.context import actor
from core.web.pages import Contributor
from crm.customers.actors import load_actor, load_token
from portal.cart import owner as cart_owner
from portal.privacy import choices as privacy


def install(flask_app: Flask) -> None:
    """Gives the console's pages their menu before they render: the palette offers the same entries."""

    @flask_app.before_request
    def _menu() -> None:
        if request.path.startswith("/staff") and actor().kind == "staff":
            g.staff_navigation = staff_navigation()


def _frame() -> dict[str, Any]:
    who = actor()
    menu = g.get("staff_navigation")
    return {
        "navigation": portal_navigation() if who.kind != "staff" else (),
        "staff_navigation": menu if menu is not None else staff_navigation(),
        "account_navigation": account_navigation(),
        "footer_navigation": footer_navigation() if who.kind != "staff" else (),
    }


def _demo_sign_ins() -> dict[str, Any]:
    """Who one can try the demo as, for the form that asks who you are."""
    if get_settings().mode != "demo" or actor().is_signed_in or g.get("signing_in") is None:
        return {}
    return {"demo_sign_ins": list_demo_accounts()}


def contributors() -> list[Contributor]:
    return [_frame, _demo_sign_ins, cart_owner.frame, privacy.frame]


__all__ = ["contributors", "install", "load_actor", "load_token"]
