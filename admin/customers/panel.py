"""The parts that a customer's page is made of, for the rooms that contribute one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.customers.models import Account

SHOWN = 6


@dataclass(frozen=True)
class Chosen:
    """Whom the page is about: a customer, and with `user_id` one person of it."""

    account: Account
    people: Sequence[uuid.UUID]
    user_id: uuid.UUID | None = None

    @property
    def persons(self) -> Sequence[uuid.UUID]:
        """The person, or everybody of the account."""
        return [self.user_id] if self.user_id else self.people


@dataclass(frozen=True)
class Panel:
    """`key` names it in the page's links; `template` draws `context`; `url` leads to all of it."""

    key: str
    title: str
    template: str
    context: Mapping[str, Any]
    count: int | None = None
    url: str | None = None
    url_label: str | None = None
