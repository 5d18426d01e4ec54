"""What must hold before a process may serve: safe settings, and no demo account on a production server."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core.settings import SettingsError, get_settings
from core.transaction import reading
from crm.identity.models import User


def count_demo_accounts() -> int:
    """Accounts of the demo in the database; 0 when there are no tables yet."""
    try:
        with reading() as session:
            return session.scalar(select(func.count()).select_from(User).where(User.is_demo)) or 0
    except SQLAlchemyError:
        return 0


def refuse_if_unsafe() -> None:
    """Raises SettingsError with every reason why this server may not start."""
    settings = get_settings()
    found = settings.unsafe()
    if settings.mode == "production" and (demo := count_demo_accounts()):
        found.append(f"{demo} demo accounts exist in this database: use a new one")
    if found:
        raise SettingsError("; ".join(found))
