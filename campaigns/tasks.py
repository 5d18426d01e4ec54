"""Jobs of the campaigns: looking for causes, and deciding what is due."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from campaigns.decisions import MAIL_KIND, decide, may_go_out
from campaigns.triggers import DECIDE, look_for_left_carts
from core.db import JSONMap
from core.jobs import job, recurring
from core.mail import guard

LOOK_EVERY = timedelta(seconds=20)


@recurring("campaigns.look_for_left_carts", every=LOOK_EVERY)
def look(session: Session) -> None:
    look_for_left_carts(session)


@job(DECIDE)
def decide_one(session: Session, payload: JSONMap) -> None:
    decide(session, uuid.UUID(payload["send_id"]))


guard(MAIL_KIND, may_go_out)
