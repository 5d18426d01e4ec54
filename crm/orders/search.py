"""Finding orders by what people remember of them: a number however it was typed, a product, a code.

Orders are searched in the database, not in the search engine: a list must never miss the order placed a moment
ago, and the conditions of `access` hold without being repeated in an index. A number is answered from its
unique index; words are looked for in `search_text`, within the orders that the person may see.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Invalid
from core.ids import check_digit, make_reference, parse_reference
from core.search import fold
from core.search.fallback import like
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.orders.access import visibility
from crm.orders.models import Order

MOST_WORDS = 8
MOST_ACCOUNTS = 200
MOST_TEXT = 4_000  # of an order with a thousand lines the beginning is enough


def searchable_text(number: str, lines: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """What Order.search_text holds: the number, and of each line the code and the names, folded."""
    parts = dict.fromkeys(
        [number, *(part for sku, names in lines for part in (sku, *names.values()) if part)]
    )
    return fold(" ".join(parts))[:MOST_TEXT]


def number_candidates(text: str) -> list[str]:
    """The numbers that somebody may mean: 'so 100042 5', '100042' and '1000425' all mean SO-100042-5."""
    plain = unicodedata.normalize("NFKC", text[:60]).strip().upper()
    bare = re.sub(r"[\W_]+", "", plain)
    found = dict.fromkeys([plain, bare])
    digits = bare.removeprefix("SO")
    if re.fullmatch(r"[0-9]{4,13}X?", digits):
        if digits.isascii() and digits.isdigit() and len(digits) <= 12:
            found[make_reference("SO", int(digits))] = None
        if len(digits) > 4 and check_digit(int(digits[:-1])) == digits[-1]:
            found[make_reference("SO", int(digits[:-1]))] = None
    try:
        found[parse_reference(plain)] = None
    except Invalid:
        pass  # not one of our own references: the other forms are looked for
    return [candidate for candidate in found if candidate and len(candidate) <= 40]


def matching(session: Session, actor: Actor, text: str) -> ColumnElement[bool] | None:
    """The condition for a search text; None for an empty one. An exact number wins over everything else."""
    text = text.strip()[:200]
    if not text:
        return None
    candidates = number_candidates(text)
    exact = list(session.scalars(select(Order.number).where(visibility(actor), Order.number.in_(candidates))))
    if exact:
        return Order.number.in_(exact)
    words = list(dict.fromkeys(fold(text).split()))[:MOST_WORDS]
    if not words:
        # Nothing but signs: they are looked for as they stand.
        words = [text.lower()]
    if actor.scope == "all":
        if "@" in text:
            return or_(
                Order.email == text.lower()[:254], Order.account_id.in_(_accounts_of_address(session, text))
            )
        if accounts := _accounts_named(session, words):
            # Who searches for a customer wants their orders, from an index; products are looked for otherwise.
            return Order.account_id.in_(accounts)
    return and_(*(like(Order.search_text, word) for word in words))


def _accounts_named(session: Session, words: list[str]) -> list[uuid.UUID]:
    """Customers whose name or number holds every word."""
    named = (
        select(Account.id).where(*(like(Account.search_text, word) for word in words)).limit(MOST_ACCOUNTS)
    )
    return list(session.scalars(named))


def _accounts_of_address(session: Session, text: str) -> list[uuid.UUID]:
    """Customers with a contact who has this address."""
    by_mail = (
        select(Contact.account_id)
        .join(User, User.id == Contact.user_id)
        .where(User.email == text.lower()[:254])
    )
    return list(session.scalars(by_mail))
