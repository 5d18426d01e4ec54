"""Bytes whose row was never written, or is gone, leave the disk after a day."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.files.models import StoredFile
from core.files.store import files_folder
from core.jobs import recurring

GRACE = timedelta(days=1)


@recurring("core.sweep_files", every=timedelta(hours=6))
def sweep(session: Session) -> None:
    """Removes what no row names; a file handed in within the last day is left, its row may still come."""
    folder = files_folder()
    if not folder.is_dir():
        return
    before = (clock.now() - GRACE).timestamp()
    for path in folder.glob("*/*/*"):
        if not path.is_file() or path.stat().st_mtime > before:
            continue
        if session.scalar(select(StoredFile.id).where(StoredFile.digest == path.name).limit(1)) is None:
            path.unlink(missing_ok=True)
