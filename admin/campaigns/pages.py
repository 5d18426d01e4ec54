"""Importing this module registers every page of the room."""

from __future__ import annotations

from admin.campaigns import decision_views, editor_views, preview_views
from admin.campaigns.views import blueprint

PARTS = (decision_views, editor_views, preview_views)

__all__ = ["blueprint"]
