"""The frame of the staff console as a blueprint without pages, so that every room finds its template."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("staff_shell", __name__, template_folder="templates")
