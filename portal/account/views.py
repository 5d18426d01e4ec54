"""Importing this module registers every page of the room."""

from __future__ import annotations

from portal.account import (
    address_views,
    colleague_views,
    invitation_views,
    mailbox_views,
    password_views,
    profile_views,
    session_views,
    sign_in_views,
    sign_up_views,
    token_views,
)
from portal.account.blueprint import blueprint

PARTS = (
    address_views,
    colleague_views,
    invitation_views,
    mailbox_views,
    password_views,
    profile_views,
    session_views,
    sign_in_views,
    sign_up_views,
    token_views,
)

__all__ = ["blueprint"]
