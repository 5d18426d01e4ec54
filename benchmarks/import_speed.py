"""Lines per second of the order import, as a share of the plainest thing that the database can do.

The raw side inserts the same number of rows, with as many columns and the same indexes, from memory by the fastest
plain way of each database: executemany on SQLite, COPY on PostgreSQL. The import also unpacks, decodes, parses,
checks, groups and reports every line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, create_engine, text

from core.ids import new_id

ROOT = Path(__file__).resolve().parents[1]
FILE = Path(os.environ.get("RAPPORT_DATA") or ROOT.parent / "shared" / "data") / "online_retail.csv.xz"
LINES, DOCUMENTS, PRODUCTS, CHUNK = 540_570, 24_561, 4_059, 40_000
TABLE = """CREATE TABLE raw_line (id CHAR(32) PRIMARY KEY, order_id CHAR(32) NOT NULL, position INTEGER, kind VARCHAR(10),
 product_id CHAR(32), sku VARCHAR(60), names VARCHAR(255), quantity INTEGER, cancelled_quantity INTEGER, unit_price BIGINT,
 amount BIGINT, tax_rate INTEGER)"""


@dataclass(frozen=True)
class Speed:
    """Lines per second."""

    database: str
    imported: float
    raw: float

    @property
    def ratio(self) -> float:
        return self.imported / self.raw


def _rows() -> list[tuple[Any, ...]]:
    documents = [new_id().hex for _ in range(DOCUMENTS)]
    products = [new_id().hex for _ in range(PRODUCTS)]
    return [
        (new_id().hex, documents[n * DOCUMENTS // LINES], n % 22 + 1, "product", products[n * 7919 % PRODUCTS],
         f"{10_000 + n * 7919 % PRODUCTS}", '{"en": "WHITE HANGING HEART T-LIGHT HOLDER"}', n % 12, 0, 25_500, 25_500 * (n % 12), 0)
        for n in range(LINES)
    ]  # fmt: skip


def _insert_raw(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * 12)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO raw_line VALUES ({marks})", rows)
        return
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy("COPY raw_line FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def measure_raw(url: str) -> float:
    engine = create_engine(url)
    rows = _rows()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA journal_mode = WAL"))
        connection.execute(text("DROP TABLE IF EXISTS raw_line"))
        connection.execute(text(TABLE))
        connection.execute(text("CREATE INDEX raw_line_order ON raw_line (order_id)"))
        connection.execute(text("CREATE INDEX raw_line_product ON raw_line (product_id)"))
    began = time.monotonic()
    for at in range(0, LINES, CHUNK):
        with engine.begin() as connection:
            _insert_raw(connection, rows[at : at + CHUNK])
    seconds = time.monotonic() - began
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE raw_line"))
    engine.dispose()
    return LINES / seconds


def measure_import(url: str, home: Path) -> float:
    """A whole run of the command, from its start to its end."""
    environment = {**os.environ, "RAPPORT_HOME": str(home), "RAPPORT_DATABASE_URL": url}
    program = [sys.executable, "-m", "app"]
    subprocess.run([*program, "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True)
    command = [*program, "import", "orders", str(FILE), "--profile", "uci-online-retail"]
    began = time.monotonic()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return 541_909 / (time.monotonic() - began)


def measure(url: str | None = None, say: Callable[[str], object] = print) -> Speed | None:
    """`url`: an empty PostgreSQL database; without it SQLite in a temporary folder. None without the data set."""
    if not FILE.exists():
        say(f"skipped: {FILE.name} is not in ../shared/data")
        return None
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        address = url or f"sqlite:///{folder}/bench.db"
        speed = Speed(
            "PostgreSQL" if url else "SQLite", measure_import(address, Path(folder)), measure_raw(address)
        )
    say(
        f"{speed.database}: {speed.imported:,.0f} lines/s imported, {speed.raw:,.0f} rows/s raw, ratio {speed.ratio:.2f}"
    )
    return speed


if __name__ == "__main__":
    measure(sys.argv[1] if len(sys.argv) > 1 else None)
