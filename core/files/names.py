"""Names of files, made harmless: for headers, for disks, and for eyes."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from core.files.kinds import ENDINGS

LONGEST = 120
_FORBIDDEN = set('<>:"/\\|?*%;')


def clean_name(given: str | None, media_type: str) -> str:
    """What is left of a sender's name: no folders, no control or direction characters, an ending that is true."""
    base = (given or "").replace("\\", "/").rsplit("/", 1)[-1]
    base = unicodedata.normalize("NFC", base.encode("utf-8", "replace").decode("utf-8"))
    kept = "".join(
        character
        for character in base
        if unicodedata.category(character)[0] != "C" and character not in _FORBIDDEN
    )
    kept = " ".join(kept.split()).strip(". ")
    endings = ENDINGS.get(media_type, ("",))
    ending = PurePosixPath(kept).suffix.lower()
    if ending in endings:
        stem = kept[: -len(ending)] if ending else kept
    else:
        stem, ending = kept, endings[0]
    stem = stem.strip(". ")[:LONGEST] or "file"
    return f"{stem}{ending}"
