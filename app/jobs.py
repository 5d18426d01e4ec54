"""Importing this module registers every job, recurring work and search kind of the house."""
# ruff: noqa: F401

from __future__ import annotations

import core.jobs.tick
import core.limits
import core.mail.services
import core.search.tasks
import core.web.sessions
import crm.catalogue.search
import crm.orders.cart_jobs
import crm.orders.links
import crm.orders.payment_jobs
import crm.orders.search
from app import models, subscriptions

subscriptions.connect()
