"""Tables that people download: CSV that a spreadsheet opens as a table and never as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

# What a spreadsheet would take for the beginning of a formula, also after spaces and separators (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "|", "%")


def plain(value: object) -> str:
    """The cell's text; an apostrophe before it says that it is text, where it could be read as a formula."""
    text = "" if value is None else str(value)
    text = " ".join(text.replace("\x00", "").splitlines()) if "\n" in text or "\r" in text else text
    return f"'{text}" if text.lstrip(" ;,\"'").startswith(_FORMULA) else text


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file line by line, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    yield "\ufeff"
    writer.writerow([plain(cell) for cell in head])
    yield _taken(out)
    for row in rows:
        writer.writerow([plain(cell) for cell in row])
        yield _taken(out)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def send_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The answer, written while it is sent."""
    answer = Response(stream_with_context(lines(head, rows)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
