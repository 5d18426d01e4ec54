"""What service requests tell the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from core.events import Event


@dataclass(frozen=True)
class RequestOpened(Event):
    """A customer has filed a request."""

    name: ClassVar[str] = "case.opened"
    case_id: UUID


@dataclass(frozen=True)
class CaseReplied(Event):
    """Staff have answered; the entry is public."""

    name: ClassVar[str] = "case.replied"
    case_id: UUID
    event_id: UUID


@dataclass(frozen=True)
class CustomerReplied(Event):
    """The customer has written again."""

    name: ClassVar[str] = "case.customer_replied"
    case_id: UUID
    event_id: UUID


@dataclass(frozen=True)
class CaseStateChanged(Event):
    """The case moved on. The entry names `from` and `to` in its data."""

    name: ClassVar[str] = "case.state_changed"
    case_id: UUID
    event_id: UUID


@dataclass(frozen=True)
class CaseEscalated(Event):
    """A supervisor is wanted. The entry is internal."""

    name: ClassVar[str] = "case.escalated"
    case_id: UUID
    event_id: UUID
