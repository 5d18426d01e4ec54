"""From a file to records: plain, gzip or xz, decoded line by line, so that what is wrong can be named by line."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crm.orders.importing.errors import SourceFileError
from crm.orders.importing.profile import Profile

LONGEST_LINE = 1_000_000  # bytes
TOLD_EVERY = 4_096  # records

Advance = Callable[[int, int], None]  # bytes of the file read so far, bytes in all


class Record(NamedTuple):
    """One record; `line` is the line of the file that it begins on."""

    line: int
    fields: list[str]


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """(content, file): what is inside, by the file's first bytes and not by its name, and the file itself."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise SourceFileError(f"{path} cannot be opened: {error.strerror}") from None
    with raw:
        try:
            head = raw.read(6)
            raw.seek(0)
        except OSError as error:
            raise SourceFileError(f"{path} cannot be read: {error.strerror}") from None
        content: BinaryIO
        if head.startswith(b"\xfd7zXZ\x00"):
            content = io.BufferedReader(lzma.LZMAFile(raw))  # noqa: SIM115
        elif head.startswith(b"\x1f\x8b"):
            content = io.BufferedReader(gzip.GzipFile(fileobj=raw))
        else:
            content = raw
        yield content, raw


def _lines(content: BinaryIO, encoding: str) -> Iterator[str]:
    """Decoded lines. Raises SourceFileError naming the line that cannot be read."""
    number = 0
    while True:
        number += 1
        try:
            data = content.readline(LONGEST_LINE + 1)
        except (EOFError, lzma.LZMAError, zlib.error, OSError) as error:
            told = f"the file is damaged or cut off here ({error})"
            raise SourceFileError(told, number) from None
        if not data:
            return
        if len(data) > LONGEST_LINE:
            raise SourceFileError(f"is longer than {LONGEST_LINE} bytes: not a table of this kind", number)
        if number == 1 and encoding == "utf-8":
            data = data.removeprefix(b"\xef\xbb\xbf")
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError as error:
            told = f"byte {error.start + 1} is not {encoding}: say the file's encoding in the profile (file.encoding)"
            raise SourceFileError(told, number) from None


class Columns(NamedTuple):
    """Where each thing stands in a record; `width` is how many fields a record has."""

    width: int
    document: int
    code: int
    quantity: int
    unit_price: int
    placed_at: int
    name: int | None
    customer: int | None
    country: int | None


def _columns(heading: list[str], profile: Profile, line: int) -> Columns:
    headings = [text.strip() for text in heading]
    wanted = {key: name for key, name in profile.columns.model_dump().items() if name is not None}
    if any("\0" in text for text in headings):
        raise SourceFileError("is not text: the file is binary", line)
    if missing := [name for name in wanted.values() if name not in headings]:
        told = f"the file has no column {', '.join(missing)}; it has {', '.join(headings)[:500]}"
        raise SourceFileError(told, line)
    if doubled := sorted({name for name in headings if headings.count(name) > 1}):
        raise SourceFileError(f"several columns are called {', '.join(doubled)[:500]}", line)
    known = {*wanted.values(), *profile.ignore_columns}
    if unknown := [name for name in headings if name not in known]:
        told = f"the profile does not know the column {', '.join(unknown)[:500]}: add it to ignore_columns or columns"
        raise SourceFileError(told, line)
    places = {key: headings.index(wanted[key]) if key in wanted else None for key in Columns._fields[1:]}
    return Columns(len(headings), **places)  # type: ignore[arg-type]


@contextmanager
def open_records(
    path: Path, profile: Profile, advance: Advance | None = None
) -> Iterator[tuple[Columns, Iterator[Record]]]:
    """The columns of the file and its records. Raises SourceFileError, also while reading on."""
    with _opened(path) as (content, raw):
        shape = profile.file
        size = path.stat().st_size
        rows = csv.reader(
            _lines(content, shape.encoding), delimiter=shape.delimiter, quotechar=shape.quote, strict=True
        )
        heading = next(_checked(rows), None)
        if heading is None:
            raise SourceFileError("the file is empty: even the line with the names of the columns is missing")
        columns = _columns(heading.fields, profile, heading.line)
        yield columns, _told(_checked(rows), raw, size, advance)


def _checked(rows: Iterator[list[str]]) -> Iterator[Record]:
    line = rows.line_num + 1  # type: ignore[attr-defined]
    while True:
        try:
            fields = next(rows, None)
        except csv.Error as error:
            raise SourceFileError(f"cannot be read as a table: {error}", line) from None
        if fields is None:
            return
        if fields:
            yield Record(line, fields)
        line = rows.line_num + 1  # type: ignore[attr-defined]


def _told(records: Iterator[Record], raw: BinaryIO, size: int, advance: Advance | None) -> Iterator[Record]:
    for count, record in enumerate(records):
        if advance is not None and count % TOLD_EVERY == 0:
            advance(raw.tell(), size)
        yield record
    if advance is not None:
        advance(size, size)
