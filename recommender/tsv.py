"""Interactions from a tab-separated file; every malformed line is named with its number."""

from __future__ import annotations

import gzip
import lzma
import math
import zlib
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from recommender.interactions import Interactions

COLUMNS = ("user", "item", "weight", "time")
MAX_LINE = 10_000
MAX_ID = 200
MAX_WEIGHT = 1e12
SHOWN = 20  # problems kept in full; the rest is counted


class InteractionFileError(Exception):
    """The file cannot be used; `problems` are (line, what), `count` is how many there are in all."""

    def __init__(self, path: Path, problems: list[tuple[int, str]], count: int | None = None) -> None:
        self.path, self.problems, self.count = path, problems, count or len(problems)
        lines = [f"{path}, line {line}: {what}" if line else f"{path}: {what}" for line, what in problems]
        if self.count > len(problems):
            lines.append(f"{path}: and {self.count - len(problems)} more malformed lines")
        super().__init__("\n".join(lines))


def read_interactions(path: Path) -> Interactions:
    """Header `user item`, optionally `weight time`, in any order; plain, .xz or .gz; UTF-8.

    weight: a finite number above 0. time: ISO 8601 (UTC where it names no zone) or a Unix time in seconds
    (from 1e11 on it is read as milliseconds, from 1e14 as microseconds, from 1e17 as nanoseconds).
    """
    columns: dict[str, int] = {}
    known_users: dict[str, int] = {}
    known_items: dict[str, int] = {}
    users, items, weights, times = array("q"), array("q"), array("d"), array("d")
    problems: list[tuple[int, str]] = []
    count = 0
    for number, line in _lines(path):
        try:
            text = _text(line, first=number == 1)
            if not columns:
                columns = _header(text)
                width = len(columns)
                continue
            if not text:
                raise ValueError("the line is empty")
            cells = text.split("\t")
            if len(cells) != width:
                raise ValueError(f"{len(cells)} columns where the header has {width}")
            user, item = _id(cells[columns["user"]], "user"), _id(cells[columns["item"]], "item")
            weight = _weight(cells[columns["weight"]]) if "weight" in columns else 1.0
            time = _time(cells[columns["time"]]) if "time" in columns else 0.0
        except ValueError as error:
            count += 1
            if len(problems) < SHOWN:
                problems.append((number, str(error)))
            if not columns:
                break
            continue
        users.append(known_users.setdefault(user, len(known_users)))
        items.append(known_items.setdefault(item, len(known_items)))
        weights.append(weight)
        times.append(time)
    if problems:
        raise InteractionFileError(path, problems, count)
    if not users:
        raise InteractionFileError(path, [(0, "holds no interactions" if columns else "is empty")])
    user_ids, user_order = np.unique(np.array(list(known_users), dtype=np.str_), return_inverse=True)
    item_ids, item_order = np.unique(np.array(list(known_items), dtype=np.str_), return_inverse=True)
    return Interactions(
        user_ids, item_ids,
        user_order[np.frombuffer(users, dtype=np.int64)], item_order[np.frombuffer(items, dtype=np.int64)],
        np.array(weights), np.array(times), "time" in columns,
    )  # fmt: skip


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with _open(path) as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise InteractionFileError(path, [(number, f"is longer than {MAX_LINE} bytes")])
                yield number, line
    except FileNotFoundError:
        raise InteractionFileError(path, [(0, "there is no such file")]) from None
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error) as error:
        raise InteractionFileError(
            path, [(0, f"the compressed file is damaged or cut off ({error})")]
        ) from None
    except OSError as error:
        raise InteractionFileError(path, [(0, f"cannot be read ({error.strerror or error})")]) from None


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".xz":
        return cast(BinaryIO, lzma.open(path, "rb"))
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _text(line: bytes, *, first: bool) -> str:
    if first and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("is UTF-16; save the file as UTF-8")
    try:
        text = line.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not UTF-8") from None
    text = text.rstrip("\r\n")
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def _header(text: str) -> dict[str, int]:
    names = [name.strip().lower() for name in text.split("\t")]
    wanted = "the header must be user, item and optionally weight and time, separated by tabs"
    if unknown := [name for name in names if name not in COLUMNS]:
        raise ValueError(f"unknown column {unknown[0][:60]!r}; {wanted}")
    if len(set(names)) != len(names):
        raise ValueError(f"a column is named twice; {wanted}")
    if missing := [name for name in COLUMNS[:2] if name not in names]:
        raise ValueError(f"column {missing[0]!r} is missing; {wanted}")
    return {name: place for place, name in enumerate(names)}


def _id(cell: str, what: str) -> str:
    cell = cell.strip()
    if not cell:
        raise ValueError(f"{what} is empty")
    if len(cell) > MAX_ID:
        raise ValueError(f"{what} is longer than {MAX_ID} characters")
    return cell


def _number(cell: str, what: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise ValueError(f"{what} {cell[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{what} {cell[:40]!r} is not a finite number")
    return value


def _weight(cell: str) -> float:
    value = _number(cell, "weight")
    if not 0 < value <= MAX_WEIGHT:
        raise ValueError(f"weight {cell[:40]!r} must be above 0 and at most {MAX_WEIGHT:g}")
    return value


def _time(cell: str) -> float:
    text = cell.strip()
    if len(text) >= 8 and text[4:5] == "-":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"time {text[:40]!r} is not ISO 8601") from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    value = _number(text, "time")
    size = abs(value)
    if size >= 1e19:
        raise ValueError(f"time {text[:40]!r} is out of range")
    for least, divisor in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if size >= least:
            return value / divisor
    return value
