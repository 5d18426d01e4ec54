"""Importing this module registers every job, recurring work and search kind of the house."""

from __future__ import annotations

import core.jobs.tick
import core.limits
import core.mail.services
import core.web.sessions
import crm.orders.payment_jobs  # noqa: F401
from app import models, subscriptions  # noqa: F401

subscriptions.connect()
