"""Reading what was mailed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from core.mail import Mail
from core.transaction import reading


def mails_to(address: str, kind: str | None = None) -> Sequence[Mail]:
    """The ledger's mails to an address, oldest first."""
    query = select(Mail).where(Mail.recipient == address).order_by(Mail.created_at, Mail.id)
    if kind:
        query = query.where(Mail.kind == kind)
    with reading() as session:
        return session.scalars(query).all()


def link_in(mail: Mail) -> str:
    """The path and query of the only link with a token in a mail's text."""
    found = re.findall(r"https?://[^/\s]+(/\S*token=\S+)", mail.text)
    assert len(found) == 1, mail.text
    return str(found[0])


def token_in(mail: Mail) -> str:
    return link_in(mail).partition("token=")[2]
