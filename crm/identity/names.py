"""Names and phone numbers as people type them, made safe for one line of a page, a mail header or a label."""

from __future__ import annotations

import re
import unicodedata

from core.errors import Invalid

_SPACE = re.compile(r"\s+")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/]{3,38}")


def clean_line(text: str, *, most: int, field: str) -> str:
    """One line without control or direction characters. Raises Invalid when it is longer than `most`."""
    kept = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter) not in {"Cf", "Cs", "Co", "Cn"} or letter == "\u200d"
    )
    line = _SPACE.sub(" ", kept).strip()
    if len(line) > most:
        raise Invalid("text.too_long", field=field, limit=most)
    return line


def clean_name(text: str, *, field: str = "name", most: int = 120) -> str:
    """A name of a person, company or place. Raises Invalid when nothing is left."""
    line = clean_line(text, most=most, field=field)
    if not any(unicodedata.category(letter)[0] in "LN" for letter in line):
        raise Invalid("user.name_needed", field=field)
    return line


def clean_phone(text: str | None, *, field: str = "phone") -> str | None:
    """A phone number as it was written, or None for nothing. Raises Invalid."""
    line = clean_line(text or "", most=40, field=field)
    if not line:
        return None
    if not _PHONE.fullmatch(line):
        raise Invalid("user.phone", field=field)
    return line
