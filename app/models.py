"""Every module with tables, so that the metadata is complete for migrations and tests."""

# ruff: noqa: F401 - imported for their tables; a fixer must not take any of them away
from __future__ import annotations

import api.models
import campaigns.models
import clickstream.models
import core.audit
import core.files.models
import core.jobs.models
import core.limits
import core.mail.models
import core.web.sessions
import crm.catalogue.models
import crm.customers.models
import crm.identity.models
import crm.orders.models
import crm.ownership.models
import crm.partners.models
import crm.service.models
import knowledge_base.models
import recommender.models
from core.db import Base

metadata = Base.metadata
