"""A browser comes: its session, who is signed in and what is in their cart, in one statement instead of three."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core.db.prepared import Prepared
from core.transaction import count_of_writes
from core.web.sessions import HELD, IS_LIVE, Arrival, Held, WebSession
from crm.customers.actors import MAY_ACT, PERSON, Person, compose, join_places
from crm.identity.models import User
from crm.orders.carts import units_of

_SESSION, _USER = WebSession.__table__.c, User.__table__.c
_ARRIVAL = Prepared(
    select(*HELD, units_of(_SESSION.user_id), and_(_USER.id.is_not(None), MAY_ACT), *PERSON)
    .select_from(join_places(WebSession.__table__.outerjoin(User.__table__, _USER.id == _SESSION.user_id)))
    .where(IS_LIVE)
)
_WIDTH = len(HELD)


def arrive(session: Session, asked: dict[str, Any]) -> Arrival | None:
    """None where no live session has that name. `who` is None for visitors and for those who may not act."""
    writes = count_of_writes()
    session.flush()  # inside a transaction of the caller's; nothing to do otherwise
    rows = _ARRIVAL.all(session, asked)
    if not rows:
        return None
    first = rows[0]
    able = [Person._make(row[_WIDTH + 2 :]) for row in rows if row[_WIDTH + 1]]
    held = Held._make(first[:_WIDTH])
    return Arrival(held, compose(able) if able else None, int(first[_WIDTH] or 0), writes)
