"""A domain's document -> the columns that both engines index."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from core.search import text
from core.search.interface import Document, Entry, FieldSpec, IndexSpec

# Columns that every index has. Texts are weighed by repeating their tokens, as BM25F does, so that one column
# ranks a query over all fields.
ALL, WORDS, BEGINNINGS, CODES, CODE_BEGINNINGS = "all", "words", "beginnings", "codes", "code_beginnings"
MOST_KEYWORD, MOST_TEXT = 200, 200_000
_PREFIX = {
    "text": "t_",
    "code": "k_",
    "keyword": "k_",
    "keywords": "k_",
    "bool": "k_",
    "number": "n_",
    "date": "d_",
}


def column(spec: FieldSpec) -> str:
    """The engine's column that holds a field."""
    return _PREFIX[spec.type] + spec.name


def keyword(value: Any) -> str:
    """A value as it is filtered by: exact, but never more than a column holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return text.clean(str(value), MOST_KEYWORD)


def number(value: Any) -> float:
    """Numbers as they are, moments as milliseconds. Raises ValueError for what is neither or has no end."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return float(int(value.timestamp() * 1000))
    result = float(value)
    if not math.isfinite(result):
        raise ValueError("not a finite number")
    return result


def _many(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple, set, frozenset)) else (value,)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return text.clean(str(value), MOST_TEXT)


def prepare(spec: IndexSpec, document: Document) -> Entry:
    """Raises ValueError for a field that the index does not declare."""
    unknown = set(document.fields) - {field.name for field in spec.fields}
    if unknown:
        raise ValueError(f"{spec.kind} does not declare {', '.join(sorted(unknown))}")
    everything: list[str] = []
    words: set[str] = set()
    starts: set[str] = set()
    codes: set[str] = set()
    columns: dict[str, Any] = {}
    source: dict[str, Any] = {}
    for field in spec.fields:
        given = document.fields.get(field.name)
        values = [value for value in _many(given) if value is not None]
        if not values:
            continue
        if field.type == "text":
            joined = text.clean(" \n ".join(str(value) for value in values), MOST_TEXT)
            found = text.tokens(joined)
            columns[column(field)] = " ".join(found)
            everything += found * max(1, min(5, round(field.boost)))
            words.update(text.surface_words(joined))
            if field.suggest:
                starts |= text.beginnings(joined)
            source[field.name] = joined
            continue
        if field.type == "number":
            columns[column(field)] = number(values[0])
        elif field.type == "date":
            columns[column(field)] = int(number(values[0]))
        else:
            columns[column(field)] = sorted({keyword(value) for value in values})
            if field.type == "code":
                codes |= {text.fold_code(str(value)) for value in values} - {""}
        if field.stored or field.type == "code":
            source[field.name] = _plain(given)
    columns[ALL] = " ".join(everything)
    columns[WORDS] = " ".join(sorted(words))
    columns[BEGINNINGS] = " ".join(sorted(starts))
    columns[CODES] = " ".join(sorted(codes))
    columns[CODE_BEGINNINGS] = " ".join(
        sorted({code[:size] for code in codes for size in range(2, len(code) + 1)})
    )
    return Entry(document.id, document.revision, columns, source)


def tombstone(row_id: UUID, revision: int) -> Entry:
    return Entry(row_id, revision, None, {})
