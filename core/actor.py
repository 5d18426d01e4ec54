"""Who is acting: what services and queries need to know of a person, free of the web and of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Kind = Literal["anonymous", "customer", "partner", "staff", "system", "api"]
Scope = Literal["none", "own", "company", "all"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`scope` says whose records are visible: own, the whole company's (account_id), or all."""

    kind: Kind
    user_id: UUID | None = None
    name: str = ""
    email: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = field(default=frozenset(), repr=False)
    account_id: UUID | None = None
    scope: Scope = "none"
    locale: str = "en"
    timezone: str = "UTC"

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None


ANONYMOUS = Actor(kind="anonymous")
SYSTEM = Actor(kind="system", name="system", scope="all")
