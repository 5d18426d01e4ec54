"""On what the figures were measured: they mean little without it."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


def describe(database_url: str) -> list[str]:
    """Processor, memory, Python and database, a line each."""
    return [
        f"processor: {_processor()}, {os.cpu_count()} cores",
        f"memory: {_memory()}",
        f"system: {platform.system()} {platform.release()}",
        f"Python: {platform.python_version()}",
        f"database: {_database(database_url)}",
        _others(os.getloadavg()[0], os.cpu_count() or 1),
    ]


def _others(load: float, cores: int) -> str:
    told = f"load average when this began: {load:.1f}"
    busy = (
        " on {} cores: other work took part of the machine, so times and rates are worse than on a quiet one"
    )
    return told + (busy.format(cores) if load > cores / 2 else "")


def _field(path: str, name: str) -> str:
    file = Path(path)
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _processor() -> str:
    return (
        platform.processor() if not Path("/proc/cpuinfo").exists() else _field("/proc/cpuinfo", "model name")
    )


def _memory() -> str:
    told = _field("/proc/meminfo", "MemTotal").split()
    return f"{int(told[0]) / 1024 / 1024:.0f} GB" if told[0].isdigit() else "unknown"


def _database(url: str) -> str:
    if make_url(url).get_backend_name() == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    engine = create_engine(url)
    with engine.connect() as connection:
        version = str(connection.scalar(text("SHOW server_version")))
    engine.dispose()
    return f"PostgreSQL {version.split(maxsplit=1)[0]}"
