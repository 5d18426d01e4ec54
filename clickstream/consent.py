"""Who has agreed to what: a ledger per person or visitor and purpose, to which rows are only added.

Nothing is granted until somebody grants it. A withdrawal holds for everything that is asked after it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from clickstream.models import ConsentRecord
from core import clock
from core.errors import Invalid

CLICKS = "clicks"  # record what is looked at
PERSONALISATION = "personalisation"  # use clicks and orders to recommend
MARKETING = "marketing"  # promotion mail
PURPOSES = (CLICKS, PERSONALISATION, MARKETING)
VERSION = (
    "1"  # of the wording of the purposes; whoever agreed to an older one is asked again after it changes
)


def has(
    session: Session,
    purpose: str,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
) -> bool:
    """Whether `purpose` is granted just now. With both ids the person's own decision outweighs the visitor's."""
    decision = find_decision(session, purpose, person_id=person_id)
    if decision is None:
        decision = find_decision(session, purpose, visitor_id=visitor_id)
    return bool(decision)


def find_decision(
    session: Session,
    purpose: str,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
) -> bool | None:
    """True or False as last decided; None while undecided, or without an id."""
    _check_purpose(purpose)
    subject = _subject(person_id, visitor_id)
    if subject is None:
        return None
    return session.scalar(
        select(ConsentRecord.granted)
        .where(subject, ConsentRecord.purpose == purpose)
        .order_by(ConsentRecord.at.desc(), ConsentRecord.id.desc())
        .limit(1)
    )


def decisions(
    session: Session, *, person_id: uuid.UUID | None = None, visitor_id: uuid.UUID | None = None
) -> dict[str, bool]:
    """The decided purposes of one subject: purpose -> granted. One query."""
    subject = _subject(person_id, visitor_id)
    if subject is None:
        return {}
    rows = session.execute(
        select(ConsentRecord.purpose, ConsentRecord.granted)
        .where(subject)
        .order_by(ConsentRecord.at, ConsentRecord.id)
    )
    return {row.purpose: row.granted for row in rows}


def decisions_of(session: Session, person_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, bool]]:
    """The same for several persons, in one query: person -> purpose -> granted."""
    rows = session.execute(
        select(ConsentRecord.person_id, ConsentRecord.purpose, ConsentRecord.granted)
        .where(ConsentRecord.person_id.in_(person_ids))
        .order_by(ConsentRecord.at, ConsentRecord.id)
    )
    found: dict[uuid.UUID, dict[str, bool]] = {}
    for person_id, purpose, granted in rows:
        if person_id is not None:
            found.setdefault(person_id, {})[purpose] = granted
    return found


def record(
    session: Session,
    purpose: str,
    granted: bool,
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    source: str,
    version: str = VERSION,
) -> ConsentRecord:
    """Adds a decision of exactly one subject; it holds from now on. `source`: where it was made."""
    _check_purpose(purpose)
    if (person_id is None) == (visitor_id is None):
        raise ValueError("a decision belongs to one person or to one visitor")
    row = ConsentRecord(
        person_id=person_id,
        visitor_id=visitor_id,
        purpose=purpose,
        granted=granted,
        version=version,
        source=source,
        at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def decide(
    session: Session,
    wanted: Mapping[str, bool],
    *,
    person_id: uuid.UUID | None = None,
    visitor_id: uuid.UUID | None = None,
    source: str,
    version: str = VERSION,
) -> list[str]:
    """Records what differs from the present decisions. Returns the purposes that were written."""
    present = decisions(session, person_id=person_id, visitor_id=visitor_id)
    changed = [purpose for purpose, granted in wanted.items() if present.get(purpose) != granted]
    for purpose in changed:
        record(
            session, purpose, wanted[purpose], person_id=person_id, visitor_id=visitor_id, source=source, version=version
        )  # fmt: skip
    return changed


def history(
    session: Session,
    person_id: uuid.UUID | None = None,
    *,
    visitor_id: uuid.UUID | None = None,
    limit: int = 100,
) -> Sequence[ConsentRecord]:
    """The decisions of one subject, newest first."""
    subject = _subject(person_id, visitor_id)
    if subject is None:
        return ()
    return session.scalars(
        select(ConsentRecord)
        .where(subject)
        .order_by(ConsentRecord.at.desc(), ConsentRecord.id.desc())
        .limit(limit)
    ).all()


def granted_persons(purpose: str) -> Select[tuple[uuid.UUID | None]]:
    """A subquery of the ids of everybody who grants `purpose` just now, for lists: `.where(x.in_(…))`."""
    return _granted(purpose, ConsentRecord.person_id)


def granted_visitors(purpose: str) -> Select[tuple[uuid.UUID | None]]:
    """As granted_persons, of visitors."""
    return _granted(purpose, ConsentRecord.visitor_id)


def _granted(
    purpose: str, subject: InstrumentedAttribute[uuid.UUID | None]
) -> Select[tuple[uuid.UUID | None]]:
    _check_purpose(purpose)
    place = func.row_number().over(
        partition_by=subject, order_by=(ConsentRecord.at.desc(), ConsentRecord.id.desc())
    )
    ranked = (
        select(subject.label("subject"), ConsentRecord.granted, place.label("place"))
        .where(ConsentRecord.purpose == purpose, subject.is_not(None))
        .subquery()
    )
    return select(ranked.c.subject).where(ranked.c.place == 1, ranked.c.granted)


def erase(
    session: Session, *, person_id: uuid.UUID | None = None, visitor_id: uuid.UUID | None = None
) -> int:
    """Forgets all decisions of one subject: only where the subject itself ceases to exist."""
    subject = _subject(person_id, visitor_id)
    if subject is None:
        return 0
    return int(session.execute(delete(ConsentRecord).where(subject)).rowcount)  # type: ignore[attr-defined]


def _subject(person_id: uuid.UUID | None, visitor_id: uuid.UUID | None) -> ColumnElement[bool] | None:
    if person_id is not None:
        return ConsentRecord.person_id == person_id
    return ConsentRecord.visitor_id == visitor_id if visitor_id is not None else None


def _check_purpose(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise Invalid("consent.purpose", field="purpose")
