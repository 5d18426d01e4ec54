"""Importing this module registers every job, recurring work and search kind of the house."""

from __future__ import annotations

import crm.catalogue.search
import crm.orders.cart_jobs
import crm.orders.links
import crm.orders.payment_jobs  # noqa: F401
from app import models, subscriptions  # noqa: F401

subscriptions.connect()
