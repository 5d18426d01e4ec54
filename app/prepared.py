"""Whether an installation on SQLite is prepared already, told without opening anything: starting again is quick."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "migrations/versions/*.py",
    "core/web/static/*.css",
    "core/web/static/*.js",
    "app/demo/data/catalogue/*.yaml",
)


def _marker(settings: Settings) -> Path:
    return settings.home / "prepared"


def _state(settings: Settings, *, with_demo: bool) -> str:
    """Changes with the database's place, the migrations, the static files and the demo data."""
    told = [settings.database, str(with_demo)]
    for pattern in SOURCES:
        told += [
            f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}"
            for path in sorted(ROOT.glob(pattern))
        ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def is_prepared(settings: Settings, *, with_demo: bool) -> bool:
    """True only for SQLite: what happens to a database elsewhere cannot be known from here."""
    if not settings.is_sqlite or settings.mode != "demo":
        return False
    file, marker = Path(settings.database.partition("///")[2]), _marker(settings)
    return (
        file.is_file()
        and marker.is_file()
        and marker.read_text("ascii", "replace") == _state(settings, with_demo=with_demo)
    )


def note_prepared(settings: Settings, *, with_demo: bool) -> None:
    """Written last of all, so that an interrupted preparation is done again."""
    _marker(settings).write_text(_state(settings, with_demo=with_demo), encoding="ascii")
