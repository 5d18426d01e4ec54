"""An installation is prepared once, and again when anything that preparing depends on has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.prepared import is_prepared, note_prepared
from core.settings import Settings

pytestmark = pytest.mark.no_database


def _settings(home: Path, **values: str) -> Settings:
    chosen = {"home": home, "mode": "demo", "database_url": f"sqlite:///{home / 'own.db'}", **values}
    return Settings(**chosen)  # type: ignore[arg-type]


def test_prepared_once_the_work_is_noted(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    (tmp_path / "own.db").touch()
    assert not is_prepared(settings, with_demo=True)
    note_prepared(settings, with_demo=True)
    assert is_prepared(settings, with_demo=True)


def test_another_wish_or_a_lost_database_prepares_again(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    (tmp_path / "own.db").touch()
    note_prepared(settings, with_demo=False)
    assert not is_prepared(settings, with_demo=True)
    (tmp_path / "own.db").unlink()
    assert not is_prepared(settings, with_demo=False)


def test_a_database_elsewhere_is_looked_at_each_time(tmp_path: Path) -> None:
    settings = _settings(tmp_path, database_url="postgresql+psycopg://somewhere/rapport")
    note_prepared(settings, with_demo=True)
    assert not is_prepared(settings, with_demo=True)
