"""Rate limits counted in the database, so that they hold without Redis and across processes.

A window per (rule, subject) that begins with the first use: one row, one statement. `limits` gives the written form of rules.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from limits import RateLimitItem, parse
from sqlalchemy import case, delete, update
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
    moment = clock.now()
    with transaction() as session:
        count, end = _increment(
            session, _key(item, name, subject), moment, timedelta(seconds=item.get_expiry())
        )
    if count > item.amount:
        raise RateLimited(retry_after=max(int((end - moment).total_seconds()) + 1, 1))


def _increment(session: Session, key: str, moment: datetime, length: timedelta) -> tuple[int, datetime]:
    insert = sqlite.insert(RateCounter) if is_sqlite(session) else postgresql.insert(RateCounter)
    statement = insert.values(key=key, window_start=moment, window_end=moment + length, hits=1)
    is_over = RateCounter.window_end <= moment
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "hits": case((is_over, 1), else_=RateCounter.hits + 1),
            "window_start": case((is_over, statement.excluded.window_start), else_=RateCounter.window_start),
            "window_end": case((is_over, statement.excluded.window_end), else_=RateCounter.window_end),
        },
    )
    row = session.execute(statement.returning(RateCounter.hits, RateCounter.window_end)).one()
    return int(row.hits), row.window_end


def forget(rule: str, name: str, subject: str) -> None:
    """Clears the count, for example of wrong passwords after the right one."""
    with transaction() as session:
        session.execute(delete(RateCounter).where(RateCounter.key == _key(parse(rule), name, subject)))


def give_back(rule: str, name: str, subject: str) -> None:
    """Takes one use back, for example a sign-in that was right and so was no guess."""
    key = _key(parse(rule), name, subject)
    with transaction() as session:
        session.execute(
            update(RateCounter)
            .where(RateCounter.key == key, RateCounter.hits > 0)
            .values(hits=RateCounter.hits - 1)
        )


@recurring("core.prune_rate_counters", every=timedelta(minutes=10))
def prune_rate_counters(session: Session) -> None:
    session.execute(delete(RateCounter).where(RateCounter.window_end < clock.now()))
