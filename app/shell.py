"""What every page's frame shows, and who the accounts are: wiring between the web ground and the rooms."""

from __future__ import annotations

from typing import Any

from core.web.pages import Contributor
from crm.customers.actors import load_actor, load_token
from portal.cart import owner as cart_owner


def _frame() -> dict[str, Any]:
    return {}


def contributors() -> list[Contributor]:
    return [_frame, cart_owner.frame]


__all__ = ["contributors", "load_actor", "load_token"]
