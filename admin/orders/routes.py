"""The pages of orders for staff: importing this module puts all of them on the blueprint."""

from __future__ import annotations

from admin.orders import return_views
from admin.orders.views import blueprint

__all__ = ["blueprint", "return_views"]
