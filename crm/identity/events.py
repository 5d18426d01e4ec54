"""What happens to a person's own account and is worth a mail. Addresses only where there may be no account."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True)
class PasswordResetAsked(Event):
    name = "identity.password_reset_asked"
    email: str


@dataclass(frozen=True)
class PasswordChanged(Event):
    name = "identity.password_changed"
    user_id: uuid.UUID


@dataclass(frozen=True)
class EmailChangeAsked(Event):
    name = "identity.email_change_asked"
    user_id: uuid.UUID
    email: str


@dataclass(frozen=True)
class EmailChanged(Event):
    name = "identity.email_changed"
    user_id: uuid.UUID
    former: str


@dataclass(frozen=True)
class StaffInvited(Event):
    name = "identity.staff_invited"
    user_id: uuid.UUID
