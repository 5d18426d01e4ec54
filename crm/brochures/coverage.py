"""Which characters our fonts hold. A missing one would be printed as nothing at all, so it is found before."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
MISSING = "〓"  # the printers' sign for a type that is not in the case


@cache
def covered() -> frozenset[int]:
    """Code points that every document can print: each is in the Traditional or the Simplified face."""
    faces = [FONTS / f"NotoSansCJK{script}-Regular.otf" for script in ("tc", "sc")]
    return frozenset().union(*(_characters(path.read_bytes()) for path in faces))


def printable(text: str) -> tuple[str, str]:
    """(the text as it can be printed, the characters that were replaced by 〓).

    Control and direction characters go without a trace: they have no shape.
    """
    known, missing = covered(), []
    out = []
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character)[0] == "C":
            continue
        if ord(character) in known:
            out.append(character)
        else:
            out.append(MISSING)
            missing.append(character)
    return "".join(out), "".join(dict.fromkeys(missing))


def _characters(font: bytes) -> set[int]:
    """The code points of a font's cmap table (formats 4 and 12, OpenType specification)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    places = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)
    }
    start = places[b"cmap"]
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for index in range(count):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * index + 4)
        (layout,) = struct.unpack_from(">H", font, start + offset)
        if layout == 12:
            found |= _wide(font, start + offset)
        elif layout == 4:
            found |= _narrow(font, start + offset)
    return found


def _wide(font: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">I", font, at + 12)
    found: set[int] = set()
    for index in range(groups):
        first, last, _glyph = struct.unpack_from(">III", font, at + 16 + 12 * index)
        found.update(range(first, last + 1))
    return found


def _narrow(font: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + double)
    found: set[int] = set()
    for first, last in zip(starts, ends, strict=True):
        found.update(range(first, last + 1))
    return found - {0xFFFF}
