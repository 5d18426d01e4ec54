"""Every module with tables, so that the metadata is complete for migrations and tests."""

from __future__ import annotations

import core.audit
import core.jobs.models
import core.limits
import core.mail.models
import core.web.sessions
import crm.catalogue.models
import crm.customers.models
import crm.identity.models
import crm.orders.models  # noqa: F401
from core.db import Base

metadata = Base.metadata
