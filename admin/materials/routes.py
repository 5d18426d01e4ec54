"""The blueprint of the material desk with all its pages."""

from __future__ import annotations

from admin.materials import log, versions
from admin.materials.views import blueprint

__all__ = ["blueprint", "log", "versions"]
