"""Passwords: which are accepted, how they are kept, and comparing without telling whether somebody exists."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid

SHORTEST = 10
LONGEST = 200

# OWASP's recommendation for argon2id: 19 MiB, two passes. Eight at a time still fit a small machine.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def common_passwords() -> frozenset[str]:
    """The 3000 most common passwords, and the common ones among the next 27,000 that are long enough."""
    path = Path(__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text(encoding="utf-8").split("\n")) - {""}


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("the password of nobody")


def _normal(password: str) -> str:
    """The same typed characters give the same password on every keyboard (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_acceptable(password: str, *, personal: tuple[str, ...] = (), field: str = "password") -> None:
    """Raises Invalid for a password that is too short, too long, well known or simply the person's own name.

    There is no rule about kinds of characters: length is what counts.
    """
    if len(password) < SHORTEST:
        raise Invalid("password.too_short", field=field, least=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid("password.too_long", field=field, most=LONGEST)
    folded = _normal(password).casefold().strip()
    own = {word.casefold().strip() for word in personal if word}
    own |= {word.partition("@")[0] for word in own if "@" in word}
    if folded in common_passwords() or folded in own or len(set(folded)) <= 2:
        raise Invalid("password.too_common", field=field)


def hash_password(password: str) -> str:
    return _hasher.hash(_normal(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one kept as `stored`. Takes as long when there is none."""
    known = stored or _nobodys_hash()
    try:
        matches = _hasher.verify(known, _normal(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)
