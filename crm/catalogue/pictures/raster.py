"""Drawings as PNG, for mail programs: most of them show no SVG. Each is made once and kept in a file."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import structlog

from core.errors import Unavailable
from core.settings import get_settings

log = structlog.get_logger()

PROGRAM = Path(__file__).with_name("rasterizer.py")
SECONDS = 20
AT_A_TIME = threading.BoundedSemaphore(
    2
)  # of one process; others wait, so that a full mail does not start six


def png_of(svg: str) -> bytes:
    """The drawing as 480 × 360 dots. Raises Unavailable when it cannot be made."""
    file = get_settings().home / "pictures" / f"{hashlib.sha256(svg.encode()).hexdigest()[:40]}.png"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        pass
    with AT_A_TIME:
        made = _made(svg)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}")
    part.write_bytes(made)
    part.replace(file)  # whole or not at all
    return made


def _made(svg: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the drawing goes through its input
            [sys.executable, "-P", str(PROGRAM)],
            input=svg.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable from error
    if done.returncode != 0 or not done.stdout.startswith(b"\x89PNG"):
        log.error("picture_failed", code=done.returncode, told=done.stderr.decode("utf-8", "replace")[-1000:])
        raise Unavailable
    return done.stdout
