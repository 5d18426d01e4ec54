"""The one place that imports by name at run time: optional or heavy engines."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def load(dotted: str) -> Any:
    """`package.module:attribute` (or a module) -> the object. Raises ImportError naming what is missing."""
    module, _, attribute = dotted.partition(":")
    found: Any = import_module(module)
    return getattr(found, attribute) if attribute else found
