"""Small files of orders, and importing them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.transaction import reading
from crm.orders.importing.profile import Profile, load_profile
from crm.orders.importing.report import Summary
from crm.orders.importing.run import import_orders
from crm.orders.models import Order, OrderLine, StockAdjustment

PROFILE = "uci-online-retail"
HEADING = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
Row = Sequence[object]


def row(
    document: str = "536365",
    code: str = "85123A",
    name: str = "WHITE HANGING HEART",
    quantity: object = 6,
    at: str = "2010-12-01 08:26:00",
    price: object = "2.55",
    customer: str = "17850",
    country: str = "United Kingdom",
) -> Row:
    return (document, code, name, quantity, at, price, customer, country)


def csv_bytes(rows: Iterable[Row], heading: Sequence[str] = HEADING, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def load(
    folder: Path, content: bytes | Iterable[Row], profile: Profile | None = None, **options: bool
) -> Summary:
    """Imports what a test made up; the report is in `folder`/report.csv."""
    path = folder / "orders.csv"
    path.write_bytes(content if isinstance(content, bytes) else csv_bytes(content))
    return import_orders(path, profile or load_profile(PROFILE), report_path=folder / "report.csv", **options)


def report(folder: Path) -> list[dict[str, str]]:
    with (folder / "report.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def get_order(number: str) -> Order:
    with reading() as session:
        order = session.scalars(select(Order).where(Order.number == number)).one()
        order.lines  # noqa: B018 - loaded while the session is open
        return order


def sums_by_document(session: Session) -> dict[str, Decimal]:
    """Every document in the database with the sum of its lines."""
    found: dict[str, Decimal] = {}
    lines = session.execute(
        select(Order.number, OrderLine.amount).join(Order, Order.id == OrderLine.order_id)
    )
    adjustments = session.execute(select(StockAdjustment.document, StockAdjustment.amount))
    for number, amount in [*lines, *adjustments]:
        found[number] = found.get(number, Decimal(0)) + amount
    return found
