"""Many rows at once: COPY on PostgreSQL, one prepared statement on SQLite, values encoded by the column types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

Encoder = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


class BulkTable:
    """Writes rows of one table. Every column of the table must be given: defaults of the models do not apply."""

    def __init__(self, dialect: Dialect, table: Table, columns: Sequence[str]) -> None:
        missing = {column.name for column in table.columns} - set(columns)
        if missing:
            raise ValueError(f"{table.name} needs {', '.join(sorted(missing))} too")
        self._is_postgres = dialect.name == "postgresql"
        self.encoders: dict[str, Encoder] = {
            name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) or _same
            for name in columns
        }
        quoted = ", ".join(f'"{name}"' for name in columns)
        if self._is_postgres:
            self._statement = f'COPY "{table.name}" ({quoted}) FROM STDIN'
        else:
            marks = ", ".join("?" * len(columns))
            self._statement = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})'

    def encode(self, row: Iterable[Any]) -> tuple[Any, ...]:
        """A row with the values that the models use -> as the database takes them."""
        return tuple(encode(value) for encode, value in zip(self.encoders.values(), row, strict=True))

    def insert(self, session: Session, rows: Sequence[tuple[Any, ...]]) -> None:
        """Writes encoded rows."""
        if not rows:
            return
        connection = session.connection()
        if not self._is_postgres:
            connection.exec_driver_sql(self._statement, list(rows))
            return
        driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(self._statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)
