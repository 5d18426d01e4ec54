"""What gunicorn serves."""

from __future__ import annotations

from app.factory import create_app
from core.settings import get_settings
from core.telemetry import configure_logging

configure_logging(get_settings().log_level)
application = create_app()
