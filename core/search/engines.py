"""The engine this installation is set to, one per process."""

from __future__ import annotations

import os
import threading
from typing import cast

from core.loader import load
from core.search.interface import Engine
from core.settings import get_settings

_engine: Engine | None = None
_lock = threading.Lock()


def get_engine() -> Engine:
    global _engine
    with _lock:
        if _engine is None:
            settings = get_settings()
            if settings.search_url == "embedded:":
                made = load("core.search.tantivy_engine:TantivyEngine")(settings.home / "search")
            else:
                made = load("core.search.elastic_engine:ElasticEngine")(
                    settings.search_url, settings.search_prefix
                )
            _engine = cast(Engine, made)
        return _engine


def use_engine(engine: Engine | None) -> None:
    """Sets the engine; for tests, and None to forget it."""
    global _engine
    _engine = engine


def reset_engine() -> None:
    """Forget the engine: after a fork, since connections must not be shared."""
    global _lock
    _lock = threading.Lock()
    use_engine(None)


os.register_at_fork(after_in_child=reset_engine)
