"""The append-only audit log: who did what to which object, and what changed. A hash chain finds any change."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DDL, Index, event, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.actor import Actor
from core.db import Base, BoundedText, JSONMap, is_sqlite

GENESIS = "0" * 64


class AuditEntry(Base):
    """One event. `seq` has no gaps; `digest` covers this row and the digest before it."""

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(BoundedText(254))
    address: Mapped[str | None] = mapped_column(BoundedText(64))
    action: Mapped[str] = mapped_column(BoundedText(80))
    object_kind: Mapped[str] = mapped_column(BoundedText(60))
    object_id: Mapped[str] = mapped_column(BoundedText(80))
    before: Mapped[JSONMap | None]
    after: Mapped[JSONMap | None]
    digest: Mapped[str] = mapped_column(BoundedText(64))

    __table_args__ = (
        Index("ix_audit_entry_object", "object_kind", "object_id"),
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_actor_id_at", "actor_id", "at"),
    )

    def line(self) -> str:
        """The entry as one line of JSON, for export and grep: no value can begin a line of its own."""
        told = {
            "seq": self.seq,
            "at": self.at.isoformat(),
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "actor": self.actor_name,
            "address": self.address,
            "action": self.action,
            "object": f"{self.object_kind}:{self.object_id}",
            "before": self.before,
            "after": self.after,
            "digest": self.digest,
        }
        return json.dumps(told, ensure_ascii=True)


# The database itself refuses to change or delete an entry.
_FUNCTION = DDL(  # type: ignore[no-untyped-call, unused-ignore]
    "CREATE OR REPLACE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$"
).execute_if(dialect="postgresql")
_TRIGGER = DDL(  # type: ignore[no-untyped-call, unused-ignore]
    "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
    "EXECUTE FUNCTION audit_entry_is_append_only()"
).execute_if(dialect="postgresql")
APPEND_ONLY_SQL = {
    "postgresql": [_FUNCTION.statement, _TRIGGER.statement],
    "sqlite": [
        f"CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
}
event.listen(AuditEntry.__table__, "after_create", _FUNCTION)
event.listen(AuditEntry.__table__, "after_create", _TRIGGER)
for _statement in APPEND_ONLY_SQL["sqlite"]:
    event.listen(AuditEntry.__table__, "after_create", DDL(_statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call, unused-ignore]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def _digest(previous: str, entry: AuditEntry) -> str:
    content = json.dumps(
        [
            entry.seq,
            entry.at.isoformat(),
            str(entry.actor_id),
            entry.actor_name,
            entry.address,
            entry.action,
            entry.object_kind,
            entry.object_id,
            entry.before,
            entry.after,
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{previous}{content}".encode()).hexdigest()


_address_reader: dict[str, Callable[[], str | None]] = {"current": lambda: None}


def set_address_reader(reader: Callable[[], str | None]) -> None:
    """Tells how to learn the client's address of the present request; None outside of one."""
    _address_reader["current"] = reader


def record(
    session: Session,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: object,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Adds an entry in the caller's transaction. Give only what changed; never a secret.

    Entries are chained, so writers take turns: on PostgreSQL by an advisory lock until their transaction ends.
    """
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(7201)"))
    last = session.execute(
        select(AuditEntry.seq, AuditEntry.digest).order_by(AuditEntry.seq.desc()).limit(1)
    ).one_or_none()
    entry = AuditEntry(
        seq=(last.seq if last else 0) + 1,
        at=clock.now(),
        actor_id=actor.user_id,
        actor_name=(actor.email or actor.name or actor.kind)[:254],
        address=address or _address_reader["current"](),
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        before=_plain(before),
        after=_plain(after),
    )
    entry.digest = _digest(last.digest if last else GENESIS, entry)
    session.add(entry)
    session.flush()
    return entry


def find_broken_link(session: Session) -> int | None:
    """The first `seq` whose digest or place in the chain is wrong, or None when all is whole."""
    previous, expected = GENESIS, 1
    query = select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=500)
    with session.scalars(query) as entries:
        for entry in entries:
            if entry.seq != expected or entry.digest != _digest(previous, entry):
                return entry.seq
            previous, expected = entry.digest, expected + 1
    return None


def list_entries(
    session: Session,
    *,
    object_kind: str | None = None,
    object_id: str | None = None,
    before_seq: int | None = None,
    action: str | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """Newest first; `before_seq` continues a list."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    if object_kind:
        query = query.where(AuditEntry.object_kind == object_kind)
    if object_id:
        query = query.where(AuditEntry.object_id == object_id)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if before_seq is not None:
        query = query.where(AuditEntry.seq < before_seq)
    return session.scalars(query).all()
