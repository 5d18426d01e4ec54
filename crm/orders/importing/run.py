"""The import from beginning to end. It emits no events, sends no mail and takes no stock."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core.db import get_engine, is_sqlite
from core.money import to_units
from core.search import enqueue_rebuild
from core.transaction import reading, transaction
from crm.orders.importing.errors import SourceFileError
from crm.orders.importing.goods import (
    count_popularity,
    ensure_accounts,
    ensure_products,
    load_accounts,
    load_products,
)
from crm.orders.importing.grouping import Document, Survey, read_documents, survey_file
from crm.orders.importing.profile import Profile
from crm.orders.importing.reader import Advance
from crm.orders.importing.report import Report, Summary
from crm.orders.importing.writer import Rows
from crm.orders.models import Order, StockAdjustment
from crm.orders.numbers import take_turn

# Lines of one transaction. Others can write between two of them; but every transaction touches most pages of the
# index of products, so four times as many would write four times as much.
CHUNK = 40_000
ASKED = 500  # numbers in one query
Step = Callable[[str], Advance]  # told what begins, gives who is told how far it is


@dataclass(slots=True)
class Loaded:
    """What an earlier run of this source brought: document -> amount; and numbers that others use."""

    amounts: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    until: datetime | None = None


def import_orders(
    path: Path,
    profile: Profile,
    *,
    report_path: Path,
    dry_run: bool = False,
    is_empty: bool = False,
    step: Step | None = None,
) -> Summary:
    """Loads the file and writes the report; a document is loaded whole or not at all, and only once.

    `is_empty`: there is no database yet, which only a dry run may say. Raises SourceFileError before anything
    is written when the file cannot be read to its end.
    """
    began = time.monotonic()
    steps = step or (lambda _name: lambda _done, _size: None)
    survey = survey_file(path, profile, advance=steps("Reading"))
    loaded = Loaded() if is_empty else find_loaded(profile, survey)
    refused = survey.problems() | _conflicts(survey, loaded)
    if refused:
        survey = survey_file(
            path, profile, refused=refused, advance=steps("Reading again without rejected documents")
        )
    new = [n for n in survey.documents if n not in refused and n not in loaded.amounts]
    summary = Summary(lines=survey.lines)
    with Report(report_path, summary) as report:
        writing = not dry_run and bool(new)
        chunks = Chunks(profile, survey, loaded, summary) if writing else None
        documents = read_documents(
            path, profile, survey,
            refused=refused, on_refusal=report.refuse, advance=steps("Loading" if writing else "Checking"),
        )  # fmt: skip
        for document in documents:
            is_known = document.number in loaded.amounts
            report.accept(document, is_known=is_known)
            if chunks is not None and not is_known:
                chunks.add(document)
        if summary.accepted + summary.rejected != survey.lines:
            raise SourceFileError("the file changed while it was read")
        if chunks is not None:
            chunks.finish()
    summary.seconds = time.monotonic() - began
    return summary


class Chunks:
    """Writes documents in transactions of about CHUNK lines that end at whole documents."""

    def __init__(self, profile: Profile, survey: Survey, loaded: Loaded, summary: Summary) -> None:
        self._profile, self._summary = profile, summary
        with transaction() as session:
            take_turn(session, f"import:{profile.source}")
            made, changed = ensure_products(session, profile, survey.codes, loaded.until)
            summary.products_made, summary.products_changed = made, changed
            summary.accounts_made = ensure_accounts(session, profile, survey.customers)
        with reading() as session:
            self._rows = Rows(
                get_engine().dialect,
                profile,
                products=load_products(session, survey.codes),
                accounts=load_accounts(session, profile),
            )

    def add(self, document: Document) -> None:
        # Before and not after adding, so that something is always left for the last transaction.
        if self._rows.size >= CHUNK:
            with transaction() as session:
                self._write(session)
            self._rows.clear()
        self._rows.add(document)

    def finish(self) -> None:
        """The last documents, and in the same transaction what follows from all of them: whoever finds work
        left after a crash also finds these left."""
        with transaction() as session:
            self._write(session)
            count_popularity(session, self._profile)
            enqueue_rebuild(session, "product")
            _analyse(session)

    def _write(self, session: Session) -> None:
        _prepare(session)
        # Another run may have loaded the same documents since we looked.
        take_turn(session, f"import:{self._profile.source}")
        there = _numbers_there(session, self._profile, [document.number for document in self._rows.documents])
        self._summary.written += self._rows.write(session, skip=frozenset(there))


def _prepare(session: Session) -> None:
    """Room for one large write: this process writes little often, and here much at once."""
    if is_sqlite(session):
        session.execute(text("PRAGMA cache_size = -96000"))
        session.execute(text("PRAGMA mmap_size = 0"))
    else:
        session.execute(text("SET LOCAL statement_timeout = '5min'"))


def _batches(items: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(items)
    while batch := list(islice(rest, ASKED)):
        yield batch


def _numbers_there(session: Session, profile: Profile, numbers: list[str]) -> set[str]:
    found: set[str] = set()
    for batch in _batches(numbers):
        found |= set(session.scalars(select(Order.number).where(Order.number.in_(batch))))
        found |= set(
            session.scalars(
                select(StockAdjustment.document).where(
                    StockAdjustment.document.in_(batch), StockAdjustment.source == profile.source
                )
            )
        )
    return found


def find_loaded(profile: Profile, survey: Survey) -> Loaded:
    """What of this file is there already. Reads only documents that the file names."""
    found = Loaded()
    amounts: defaultdict[str, int] = defaultdict(int)
    with reading() as session:
        for batch in _batches(survey.documents):
            orders = session.execute(
                select(Order.number, Order.source, Order.total).where(Order.number.in_(batch))
            )
            for number, source, total in orders:
                if source == profile.source:
                    amounts[number] += to_units(total)
                else:
                    found.taken.add(number)
            adjusted = session.execute(
                select(StockAdjustment.document, StockAdjustment.amount).where(
                    StockAdjustment.document.in_(batch), StockAdjustment.source == profile.source
                )
            )
            for number, amount in adjusted:
                amounts[number] += to_units(amount)
        found.until = session.scalar(select(func.max(Order.placed_at)).where(Order.source == profile.source))
    found.amounts = dict(amounts)
    return found


def _conflicts(survey: Survey, loaded: Loaded) -> dict[str, str]:
    refused = dict.fromkeys(loaded.taken, "an order of another source has this number")
    for number, amount in loaded.amounts.items():
        if survey.documents[number].amount != amount:
            refused[number] = "differs from the document of this number that was loaded before"
    return refused


def _analyse(session: Session) -> None:
    """Statistics for the planner, which knows nothing of what was just loaded."""
    if is_sqlite(session):
        session.execute(text("PRAGMA analysis_limit = 2000"))
    for table in ("sales_order", "order_line", "order_event", "stock_adjustment", "product", "account"):
        session.execute(text(f"ANALYZE {table}"))
