"""Keeping bytes: first whole on the disk under their digest, then a row in the caller's transaction."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound, Unavailable
from core.files.kinds import ATTACHMENTS, media_type_of
from core.files.models import StoredFile
from core.files.names import clean_name
from core.settings import get_settings

LARGEST = 10_000_000  # bytes of one file


@dataclass(frozen=True)
class Kept:
    """Bytes that lie safely on the disk and have no row yet."""

    digest: str
    size: int
    media_type: str
    name: str


def files_folder() -> Path:
    settings = get_settings()
    return settings.home / settings.files


def path_of(digest: str) -> Path:
    """Where the bytes of `digest` lie: two levels of folders, so that none grows large."""
    return files_folder() / digest[:2] / digest[2:4] / digest


def keep(
    stream: BinaryIO,
    name: str | None,
    *,
    kinds: Collection[str] = ATTACHMENTS,
    largest: int = LARGEST,
    field: str = "file",
) -> Kept:
    """Checks and stores what `stream` holds. Call it outside a transaction, then `record` inside one.

    Raises Invalid when the file is empty, larger than `largest` bytes or of no kind in `kinds`, Unavailable when the
    disk is full; nothing is left behind then.
    """
    content = stream.read(largest + 1)
    if not content:
        raise Invalid("file.empty", field=field)
    if len(content) > largest:
        raise Invalid("file.too_large", field=field, limit=max(1, largest // 1_000_000))
    media_type = media_type_of(content)
    if media_type is None or media_type not in kinds:
        raise Invalid("file.kind", field=field)
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not path.exists():
        _write(path, content)
    else:
        os.utime(path)  # the sweep leaves what was handed in lately
    return Kept(digest, len(content), media_type, clean_name(name, media_type))


def _write(path: Path, content: bytes) -> None:
    candidate = path.with_name(f".{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with candidate.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        candidate.replace(path)
    except OSError as error:
        candidate.unlink(missing_ok=True)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Unavailable("file.no_space") from error
        raise


def record(session: Session, kept: Kept) -> StoredFile:
    """The row of a kept file, in the caller's transaction."""
    row = StoredFile(digest=kept.digest, size=kept.size, media_type=kept.media_type, name=kept.name)
    session.add(row)
    session.flush()
    return row


def open_file(file: StoredFile) -> BinaryIO:
    """The bytes of `file`. Raises NotFound when they are gone from the disk."""
    try:
        return path_of(file.digest).open("rb")
    except FileNotFoundError as error:
        raise NotFound("file.gone") from error
