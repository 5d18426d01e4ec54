"""What happened to a case, written where it happens: the entry, its files, and the words it can be found by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.db import storable
from core.errors import Invalid
from core.files import Kept
from core.files import record as record_file
from core.search import fold
from crm.service.lifecycle import side_of
from crm.service.models import INTERNAL, PUBLIC, Case, CaseAttachment, CaseEvent

LONGEST_TEXT = 8_000
MOST_FILES = 8
MOST_SEARCHED = 12_000  # characters of a long conversation that can be found


def note(
    session: Session,
    case: Case,
    kind: str,
    actor: Actor,
    *,
    public: bool,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    staff_data: Mapping[str, Any] | None = None,
    files: Iterable[Kept] = (),
    key: str | None = None,
) -> CaseEvent:
    """Adds an entry. `data` may be read by the customer of a public entry; `staff_data` never."""
    entry = CaseEvent(
        case_id=case.id,
        kind=kind,
        at=clock.now(),
        visibility=PUBLIC if public else INTERNAL,
        side=side_of(actor),
        actor_id=actor.user_id,
        actor_name=actor.name[:120],
        text=text,
        data=dict(data or {}),
        staff_data=dict(staff_data or {}),
        key=key,
    )
    session.add(entry)
    session.flush()
    kept = list(files)
    if len(kept) > MOST_FILES:
        raise Invalid("cases.too_many_files", field="files", limit=MOST_FILES)
    for item in kept:
        session.add(CaseAttachment(case_id=case.id, event_id=entry.id, file_id=record_file(session, item).id))
    if public:
        case.active_at = entry.at
    make_findable(case, text, public=public)
    session.flush()
    return entry


def make_findable(case: Case, text: str, *, public: bool) -> None:
    """Adds words to what the case is found by. Internal words never reach the column that customers search."""
    folded = fold(text)
    if not folded:
        return
    if public:
        case.search_text = f"{case.search_text} \n {folded}"[:MOST_SEARCHED]
    else:
        case.staff_text = f"{case.staff_text} \n {folded}"[:MOST_SEARCHED]


def clean_text(text: str, *, field: str = "text", required: bool = True) -> str:
    """What somebody wrote, without blank ends. Raises Invalid when it is empty or too long."""
    text = text.replace("\r\n", "\n").strip()
    if not text and required:
        raise Invalid("cases.text_empty", field=field)
    if len(text) > LONGEST_TEXT:
        raise Invalid("text.too_long", field=field, limit=LONGEST_TEXT)
    return storable(text)


def find_by_key(session: Session, case: Case, key: str | None) -> CaseEvent | None:
    """The entry that this intention already made."""
    if not key:
        return None
    return session.scalar(select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.key == key[:100]))
