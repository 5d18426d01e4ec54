"""The pages of the article desk: importing this module puts all of them on the blueprint."""

from __future__ import annotations

from admin.articles import category_views, version_views
from admin.articles.views import blueprint

__all__ = ["blueprint", "category_views", "version_views"]
