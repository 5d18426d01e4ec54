"""How much memory this process has used at its height."""

from __future__ import annotations

import sys

from core.loader import load


def peak_memory_bytes() -> int:
    """0 where the system does not tell (Windows has no `resource`)."""
    try:
        resource = load("resource")
    except ImportError:
        return 0
    found = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return found if sys.platform == "darwin" else found * 1024
