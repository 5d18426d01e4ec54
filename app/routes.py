"""Every blueprint of the house, in one list."""

from __future__ import annotations

from flask import Blueprint

from core.web import basics

BLUEPRINTS: list[Blueprint] = [
    basics.blueprint,
]
