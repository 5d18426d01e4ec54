"""What happens around accounts and is worth a mail."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True)
class SignUpAsked(Event):
    """`email` is given as well, so that asking again works the same whether or not a sign-up waits."""

    name = "customers.sign_up_asked"
    email: str


@dataclass(frozen=True)
class ContactInvited(Event):
    name = "customers.contact_invited"
    invitation_id: uuid.UUID


@dataclass(frozen=True)
class SignedUp(Event):
    """Somebody opened the mailed link and is a customer now."""

    name = "customers.signed_up"
    user_id: uuid.UUID
