"""From lines to documents: what a first reading learns, and whole documents in the second."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crm.orders.importing.lines import LARGEST_AMOUNT, Line, LineParser, Refusal
from crm.orders.importing.profile import Profile
from crm.orders.importing.reader import Advance, open_records

LEAST_PRICE = 100  # 0.01: what was sold for less tells no price for the catalogue


@dataclass(slots=True)
class DocumentFacts:
    """What is known of a document after the first reading. `amount` in 1/10,000."""

    last_line: int
    customer: str
    amount: int = 0
    lines: int = 0
    problem: str | None = None


@dataclass(slots=True)
class CodeFacts:
    """What the file says about an article. The newest sale gives name and price; notes on stock corrections
    ("damaged", "found") name it only if it was never sold."""

    name: str = ""
    named_at: datetime | None = None
    is_sale_name: bool = False
    units: int = 0
    priced_at: datetime | None = None
    first_at: datetime | None = None


@dataclass(slots=True)
class CustomerFacts:
    country: str
    seen_at: datetime
    first_at: datetime


@dataclass(slots=True)
class Survey:
    lines: int = 0
    documents: dict[str, DocumentFacts] = field(default_factory=dict)
    codes: dict[str, CodeFacts] = field(default_factory=dict)
    customers: dict[str, CustomerFacts] = field(default_factory=dict)

    def problems(self) -> dict[str, str]:
        return {number: facts.problem for number, facts in self.documents.items() if facts.problem}


@dataclass(slots=True)
class Document:
    """All lines of one document; `at` is the earliest of their times."""

    number: str
    lines: list[Line]
    is_cancellation: bool

    @property
    def at(self) -> datetime:
        return min(line.at for line in self.lines)

    @property
    def order_lines(self) -> list[Line]:
        return [line for line in self.lines if line.kind != "adjustment"]

    @property
    def adjustments(self) -> list[Line]:
        return [line for line in self.lines if line.kind == "adjustment"]


def survey_file(
    path: Path, profile: Profile, *, refused: Collection[str] = (), advance: Advance | None = None
) -> Survey:
    """Reads the whole file once. Documents in `refused` say nothing about articles and customers.

    Raises SourceFileError when the file cannot be read to its end.
    """
    found = Survey()
    with open_records(path, profile, advance) as (columns, records):
        parser = LineParser(profile, columns)
        for record in records:
            found.lines += 1
            line = parser.parse(record)
            facts = found.documents.get(line.document)
            if facts is None:
                facts = found.documents[line.document] = DocumentFacts(
                    line.number, line.customer if isinstance(line, Line) else ""
                )
            facts.last_line, facts.lines = line.number, facts.lines + 1
            if isinstance(line, Refusal):
                facts.problem = facts.problem or f"line {line.number} of this document was rejected"
                continue
            facts.amount += line.amount
            if line.customer != facts.customer and facts.problem is None:
                facts.problem = f"names several customers (on line {line.number} another one)"
            if abs(facts.amount) > LARGEST_AMOUNT and facts.problem is None:
                facts.problem = "the amount of the document is too large"
            if line.document not in refused:
                if not parser.is_charge(line.code):
                    _learn_code(found.codes, line, parser.is_cancellation(line.document))
                if line.customer:
                    _learn_customer(found.customers, line)
    return found


def _learn_code(codes: dict[str, CodeFacts], line: Line, is_cancellation: bool) -> None:
    facts = codes.get(line.code)
    if facts is None:
        facts = codes[line.code] = CodeFacts()
    at = line.at
    if facts.first_at is None or at < facts.first_at:
        facts.first_at = at
    is_sale = line.kind == "product" and not is_cancellation and line.units > 0
    if line.name and (is_sale, at) >= (facts.is_sale_name, facts.named_at or at):
        facts.name, facts.named_at, facts.is_sale_name = line.name, at, is_sale
    if is_sale and line.units >= LEAST_PRICE and (facts.priced_at is None or at >= facts.priced_at):
        facts.units, facts.priced_at = line.units, at


def _learn_customer(customers: dict[str, CustomerFacts], line: Line) -> None:
    facts = customers.get(line.customer)
    if facts is None:
        customers[line.customer] = CustomerFacts(line.country, line.at, line.at)
        return
    facts.first_at = min(facts.first_at, line.at)
    if line.at >= facts.seen_at:
        facts.country, facts.seen_at = line.country or facts.country, line.at


def read_documents(
    path: Path,
    profile: Profile,
    survey: Survey,
    *,
    refused: dict[str, str],
    on_refusal: Callable[[Line | Refusal, str], object],
    advance: Advance | None = None,
) -> Iterator[Document]:
    """Each document once it is whole, wherever its lines stand. Lines of refused ones go to `on_refusal`."""
    waiting: dict[str, list[Line]] = {}
    with open_records(path, profile, advance) as (columns, records):
        parser = LineParser(profile, columns)
        for record in records:
            line = parser.parse(record)
            if isinstance(line, Refusal):
                on_refusal(line, line.reason)
                continue
            number = line.document
            if number in refused:
                on_refusal(line, refused[number])
                continue
            lines = waiting.get(number)
            if lines is None:
                lines = waiting[number] = []
            lines.append(line)
            if line.number == survey.documents[number].last_line:
                yield Document(number, waiting.pop(number), parser.is_cancellation(number))
