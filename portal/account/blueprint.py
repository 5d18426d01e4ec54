"""The room of accounts: signing up and in, and everything a person keeps about themselves."""

from __future__ import annotations

from flask import Blueprint, g

from core.transaction import transaction
from core.web.context import actor
from crm.identity import services

blueprint = Blueprint("account", __name__, template_folder="templates")


@blueprint.before_app_request
def _remember_language() -> None:
    """The language switch of the frame keeps the choice in the account of who is signed in."""

    def remember(locale: str) -> None:
        with transaction() as session:
            services.set_locale(session, actor(), locale)

    g.remember_locale = remember
