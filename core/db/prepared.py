"""Statements of the pages asked most: spelled once for each database and handed to the driver as they are.

SQLAlchemy writes and reads them as it writes and reads every other; only its bookkeeping for each execution is left
out, which for a short statement takes as long as the database (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.orm import Session

Processor = Callable[[Any], Any]


class _Parameter(NamedTuple):
    name: str
    key: str | None  # under which the caller gives it; None for a constant
    constant: Any
    write: Processor | None


class _Spelled(NamedTuple):
    text: str
    parameters: tuple[_Parameter, ...]
    is_positional: bool

    def values(self, given: Mapping[str, Any]) -> Any:
        made = [
            one.constant
            if one.key is None
            else given[one.key]
            if one.write is None
            else one.write(given[one.key])
            for one in self.parameters
        ]
        return (
            tuple(made)
            if self.is_positional
            else dict(zip((p.name for p in self.parameters), made, strict=True))
        )


class Prepared:
    """A select with parameters that each hold one value; lists of any length are refused."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any]) -> None:
        self.statement = statement
        self._spelled: dict[str, _Spelled] = {}
        self._readers: dict[str, list[tuple[int, Processor]]] = {}

    def all(self, session: Session, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows. Like every statement over tables it does not flush what the session holds. Raises KeyError for
        a parameter that is not given."""
        connection = session.connection()
        name = connection.dialect.name
        spelled = self._spelled.get(name)
        if spelled is None:
            spelled = self._spelled[name] = _spell(self.statement, connection.dialect)
        found = connection.exec_driver_sql(spelled.text, spelled.values(given))
        readers = self._readers.get(name)
        if readers is None:
            readers = self._readers[name] = self._find_readers(connection, found.cursor)
        rows = found.all()
        if not readers:
            return rows  # type: ignore[return-value]
        out = []
        for row in rows:
            values = list(row)
            for position, read in readers:
                values[position] = read(values[position])
            out.append(tuple(values))
        return out

    def _find_readers(self, connection: Connection, cursor: Any) -> list[tuple[int, Processor]]:
        dialect = connection.dialect
        readers: list[tuple[int, Processor]] = []
        for position, column in enumerate(self.statement.selected_columns):
            code = cursor.description[position][1]
            read = column.type.dialect_impl(dialect).result_processor(dialect, code)
            if read is not None:
                readers.append((position, read))
        return readers


def _spell(statement: Select[Any] | CompoundSelect[Any], dialect: Dialect) -> _Spelled:
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params:
        raise TypeError("a prepared statement holds a list")
    parameters = []
    for name in compiled.positiontup if compiled.positional else compiled.bind_names.values():
        bind = compiled.binds[name]
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.required:
            parameters.append(_Parameter(name, bind.key, None, write))
        else:
            constant = bind.effective_value
            parameters.append(_Parameter(name, None, write(constant) if write else constant, None))
    return _Spelled(compiled.string, tuple(parameters), compiled.positional)
