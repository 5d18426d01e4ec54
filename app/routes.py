"""Every blueprint of the house, in one list."""

from __future__ import annotations

from flask import Blueprint

from core.web import basics
from portal.account.views import blueprint as account
from portal.orders.views import blueprint as orders

BLUEPRINTS: list[Blueprint] = [
    basics.blueprint,
    account,
    orders,
]
