"""Identifiers: UUIDv7 for rows, short references with a check digit for people."""

from __future__ import annotations

import re
import secrets
import threading
import time
import unicodedata
from uuid import UUID

from core.errors import Invalid

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562), rising within this process so that index pages fill in order."""
    global _last
    with _lock:
        # 48 bits of milliseconds and 12 bits of their fraction; never twice the same.
        ticks = time.time_ns() * 4096 // 1_000_000
        _last = ticks = max(ticks, _last + 1)
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


_REFERENCE = re.compile(r"^([A-Z]{2})-?(\d{4,12})-?([0-9X])$")


def check_digit(number: int) -> str:
    """ISO 7064 MOD 11-2: finds every single wrong digit and every swap of neighbours."""
    product = 0
    for digit in str(number):
        product = (product + int(digit)) * 2 % 11
    result = (12 - product) % 11
    return "X" if result == 10 else str(result)


def make_reference(prefix: str, number: int) -> str:
    """`SO`, 100042 -> 'SO-100042-5'."""
    return f"{prefix}-{number}-{check_digit(number)}"


def parse_reference(text: str, prefix: str | None = None) -> str:
    """The reference in its one written form, however it was typed. Raises Invalid for a wrong check digit."""
    folded = re.sub(r"[\s._/#]+", "", unicodedata.normalize("NFKC", text[:60])).upper()
    folded = re.sub(r"[‐-―−]", "-", folded)
    found = _REFERENCE.match(folded)
    if not found or (prefix and found[1] != prefix) or check_digit(int(found[2])) != found[3]:
        raise Invalid("reference.invalid", field="reference")
    return make_reference(found[1], int(found[2]))
