"""Rate limits counted in the database, so that they hold without Redis and across processes.

A fixed window per (rule, subject): one row, one statement. `limits` gives the written form of rules.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from limits import RateLimitItem, parse
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.db import Base, BoundedText, is_sqlite
from core.errors import RateLimited
from core.jobs import recurring
from core.transaction import transaction


class RateCounter(Base):
    __tablename__ = "rate_counter"

    key: Mapped[str] = mapped_column(BoundedText(80), primary_key=True)
    window_start: Mapped[datetime]
    window_end: Mapped[datetime] = mapped_column(index=True)
    hits: Mapped[int]


def _key(rule: RateLimitItem, name: str, subject: str) -> str:
    return hashlib.sha256(f"{name}|{rule}|{subject}".encode("utf-8", "surrogatepass")).hexdigest()


def hit(rule: str, name: str, subject: str) -> None:
    """Counts one use of `name` by `subject` (an address, an account) and raises RateLimited over `rule`.

    `rule` as in "10 per 5 minutes". The count is durable whatever becomes of the request: it has its own
    transaction, and must be called before the caller opens one.
    """
    item = parse(rule)
    seconds = item.get_expiry()
    moment = clock.now()
    start = datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)
    with transaction() as session:
        count = _increment(session, _key(item, name, subject), start, start + timedelta(seconds=seconds))
    if count > item.amount:
        wait = int((start + timedelta(seconds=seconds) - moment).total_seconds()) + 1
        raise RateLimited(retry_after=max(wait, 1))


def _increment(session: Session, key: str, start: datetime, end: datetime) -> int:
    insert = sqlite.insert(RateCounter) if is_sqlite(session) else postgresql.insert(RateCounter)
    statement = insert.values(
        key=f"{key[:50]}:{int(start.timestamp())}", window_start=start, window_end=end, hits=1
    )
    statement = statement.on_conflict_do_update(index_elements=["key"], set_={"hits": RateCounter.hits + 1})
    return int(session.execute(statement.returning(RateCounter.hits)).scalar_one())


def forget(rule: str, name: str, subject: str) -> None:
    """Clears the count, for example of wrong passwords after the right one."""
    item = parse(rule)
    seconds = item.get_expiry()
    start = int(clock.now().timestamp()) // seconds * seconds
    with transaction() as session:
        session.execute(
            delete(RateCounter).where(RateCounter.key == f"{_key(item, name, subject)[:50]}:{start}")
        )


@recurring("core.prune_rate_counters", every=timedelta(minutes=10))
def prune_rate_counters(session: Session) -> None:
    session.execute(delete(RateCounter).where(RateCounter.window_end < clock.now()))
