"""How much memory this process has used at its height, and how much it may."""

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


def bound_memory(most: int) -> None:
    """From now on an allocation beyond `most` bytes fails with MemoryError; nothing where the system cannot.

    Linux counts private memory that can be written, so libraries and threads' reserved stacks cost little.
    """
    try:
        resource = load("resource")
    except ImportError:
        return
    if not sys.platform.startswith("linux"):
        return
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
