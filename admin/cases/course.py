"""The whole ledger of a case as staff read it: conversation, notes and every step, with who did what and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for

from core.i18n import _
from crm.service import words
from crm.service.queries import StaffEntry

SPOKEN = {"opened", "customer_reply", "reply", "solution", "rejected", "reopened", "note"}


@dataclass
class Entry:
    """`kind`: reply, note or event, as the message macro knows them. `mine`: written by staff."""

    kind: str
    title: str
    author: str
    when: datetime
    mine: bool
    text: str = ""
    details: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


def build(reference: str, ledger: Sequence[StaffEntry]) -> list[Entry]:
    """Oldest first."""
    return [_entry(reference, item) for item in ledger]


def _entry(reference: str, item: StaffEntry) -> Entry:
    event = item.event
    kind = "note" if event.kind == "note" else "reply" if event.text else "event"
    return Entry(
        kind=kind,
        title=words.staff_title(event),
        author=event.actor_name or (_("System") if event.side == "system" else "–"),
        when=event.at,
        mine=event.side == "staff",
        text=event.text,
        details=_details(event.kind, {**event.data, **event.staff_data}),
        files=[
            {
                "name": attachment.file.name,
                "url": url_for("admin_cases.download", reference=reference, file_id=attachment.id),
                "size": _size(attachment.file.size),
            }
            for attachment in item.files
        ],
    )


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count // 1000, 1)} KB"


def _details(kind: str, data: dict[str, Any]) -> list[str]:
    """What an entry says beyond its title, in words."""
    found: list[str] = []
    source, target = str(data.get("from") or ""), str(data.get("to") or "")
    if kind == "severity":
        found.append(f"{words.severity(source)} → {words.severity(target)}")
    elif source and target and source != target:
        found.append(f"{words.staff_state(source)} → {words.staff_state(target)}")
    if kind == "assigned":
        found.append(str(data.get("assignee") or _("nobody")))
        found.append(words.team(str(data.get("team"))))
    elif data.get("assignee"):
        found.append(_("taken by %(name)s", name=data["assignee"]))
    if data.get("rating"):
        found.append(_("rated %(rating)s of 5", rating=data["rating"]))
    found += [str(data[key]) for key in ("reason", "outcome") if data.get(key)]
    return found
