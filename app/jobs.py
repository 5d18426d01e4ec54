"""Importing this module registers every job, recurring work and search kind of the house."""

# ruff: noqa: F401 - imported for what they register; a fixer must not take any of them away
from __future__ import annotations

import api.idempotency
import campaigns.tasks
import clickstream.retention
import core.files.sweep
import core.jobs.tick
import core.limits
import core.mail.services
import core.web.sessions
import crm.brochures.printing
import crm.brochures.search
import crm.catalogue.search
import crm.orders.cart_jobs
import crm.orders.links
import crm.orders.payment_jobs
import crm.service.links
import crm.service.silence
import knowledge_base.search
import knowledge_base.tasks
import recommender.jobs
from app import models, subscriptions

subscriptions.connect()
