"""Importing this module registers every page of the room."""

from __future__ import annotations

from portal.account import sign_in_views
from portal.account.blueprint import blueprint

PARTS = (sign_in_views,)

__all__ = ["blueprint"]
