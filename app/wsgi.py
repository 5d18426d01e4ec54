"""What gunicorn serves."""

from __future__ import annotations

import gc

from app.factory import create_app
from core.settings import get_settings
from core.telemetry import configure_logging

configure_logging(get_settings().log_level)
application = create_app()

# What is loaded by now stays for good: the collector need not look through it again for as long as the server runs.
gc.collect()
gc.freeze()
