"""What became of every line: a CSV file, and the sums that are told at the end."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from core.money import SCALE
from crm.orders.importing.grouping import Document
from crm.orders.importing.lines import Line, Refusal

HEADING = ("line", "document", "code", "outcome", "kind", "amount", "reason")
ALREADY = "already loaded"


def amount_text(units: int | None) -> str:
    """1/10,000 -> '-11062.06'; at least two decimals, never an exponent."""
    if units is None:
        return ""
    whole, fraction = divmod(abs(units), SCALE)
    digits = f"{fraction:04}".rstrip("0").ljust(2, "0")
    return f"{'-' if units < 0 else ''}{whole}.{digits}"


@dataclass(slots=True)
class Summary:
    """Counts of lines and documents; amounts in 1/10,000. `documents` counts by what they became."""

    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    accepted_amount: int = 0
    rejected_amount: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    written: int = 0
    unchanged: int = 0
    products_made: int = 0
    products_changed: int = 0
    accounts_made: int = 0
    seconds: float = 0.0


class Report:
    """Writes the file beside its final name and moves it there when it is whole."""

    def __init__(self, path: Path, summary: Summary) -> None:
        self._path, self.summary = path, summary
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(HEADING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def refuse(self, line: Line | Refusal, reason: str) -> None:
        summary = self.summary
        summary.rejected += 1
        summary.rejected_amount += line.amount or 0
        summary.reasons[reason.partition(":")[0] if isinstance(line, Refusal) else "document refused"] += 1
        self._rows.writerow(
            (
                line.number,
                _shown(line.document),
                _shown(line.code),
                "rejected",
                "",
                amount_text(line.amount),
                reason,
            )
        )

    def accept(self, document: Document, *, is_known: bool) -> None:
        summary, reason = self.summary, ALREADY if is_known else ""
        summary.accepted += len(document.lines)
        summary.documents[_became(document)] += 1
        if is_known:
            summary.unchanged += 1
        for line in document.lines:
            summary.accepted_amount += line.amount
            summary.kinds[line.kind] += 1
            self._rows.writerow(
                (
                    line.number,
                    line.document,
                    line.code,
                    "accepted",
                    line.kind,
                    amount_text(line.amount),
                    reason,
                )
            )


def _became(document: Document) -> str:
    if not document.order_lines:
        return "adjustment"
    return "cancellation" if document.is_cancellation else "order"


def _shown(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
