"""What every page's frame shows, and who the accounts are: wiring between the web ground and the rooms."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from core.actor import Actor
from core.web.pages import Contributor


def load_actor(session: Session, user_id: uuid.UUID) -> Actor | None:
    """The signed-in person as an Actor; None when the account is gone or disabled."""
    return None


def load_token(token: str) -> Actor | None:
    """The Actor that an API token stands for; None when it is unknown, revoked or expired."""
    return None


def _frame() -> dict[str, Any]:
    return {}


def contributors() -> list[Contributor]:
    return [_frame]
