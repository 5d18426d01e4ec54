"""The real file: every line, every invoice to the penny, in bounded memory, and found afterwards."""

from __future__ import annotations

import contextlib
import csv
import lzma
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.engine import make_url

from core.settings import get_settings
from crm.catalogue.models import Product
from crm.customers.models import Account
from crm.orders.models import Order, OrderLine, StockAdjustment
from tests.source import ROOT

FILE = ROOT.parent / "shared" / "data" / "online_retail.csv.xz"
MOST_MEMORY = 500 * 1024  # KiB
CHARGES = {"POST", "DOT", "M", "m", "D", "S", "B", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.no_database,
    pytest.mark.browser_run,  # on either database
    pytest.mark.timeout(900),
    pytest.mark.skipif(not FILE.exists(), reason=f"the data set is absent: {FILE.name} in ../shared/data"),
]


def run(home: Path, url: str, report: Path) -> tuple[int, int, str]:
    """Imports the file; gives the exit code, the most memory of that process in kilobytes, and what it wrote."""
    environment = {**os.environ, "RAPPORT_HOME": str(home), "RAPPORT_DATABASE_URL": url}
    command = [sys.executable, "-m", "app", "import", "orders", str(FILE), "--profile", "uci-online-retail"]
    with (home / "import.log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*command, "--report", str(report)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        most = 0  # what wait4 tells would count this process too: a child begins as its copy
        while process.poll() is None:
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{process.pid}/status").read_text("ascii")
                most = max([most, *(int(size) for size in re.findall(r"VmHWM:\s+(\d+) kB", told))])
            time.sleep(0.2)
        log.seek(0)
        return process.returncode, most, log.read()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Path]]:
    """A database of its own with the file loaded, and the report."""
    folder = tmp_path_factory.mktemp("retail")
    url = make_url(get_settings().database)
    if url.get_backend_name() == "postgresql":
        own = url.set(database=f"{url.database}_retail")
        admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{own.database}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{own.database}"'))
        address = own.render_as_string(hide_password=False)
    else:
        admin, address = None, f"sqlite:///{folder / 'retail.db'}"
    status, memory, told = run(folder, address, folder / "report.csv")
    assert status == 0, told
    assert 100 * 1024 < memory < MOST_MEMORY
    engine = create_engine(address)
    with engine.connect() as connection:
        yield connection, folder
    engine.dispose()
    if admin is not None:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{own.database}" WITH (FORCE)'))
        admin.dispose()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with lzma.open(FILE, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_line_is_accounted_for_to_the_penny(
    loaded: tuple[Connection, Path], rows: list[dict[str, str]]
) -> None:
    connection, folder = loaded
    expected: dict[str, Decimal] = {}
    for row in rows:
        amount = Decimal(row["UnitPrice"]) * int(row["Quantity"])
        expected[row["InvoiceNo"]] = expected.get(row["InvoiceNo"], Decimal(0)) + amount
    found: dict[str, Decimal] = {}
    lines = connection.execute(
        select(Order.number, func.sum(OrderLine.amount)).join(OrderLine).group_by(Order.number)
    )
    adjusted = connection.execute(
        select(StockAdjustment.document, func.sum(StockAdjustment.amount)).group_by(StockAdjustment.document)
    )
    for number, amount in [*lines, *adjusted]:
        found[number] = found.get(number, Decimal(0)) + amount
    assert len(expected) == 25_900
    assert found == expected
    with (folder / "report.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert sorted(int(one["line"]) for one in told) == list(range(2, 541_911))
    assert Counter(one["outcome"] for one in told) == {"accepted": 541_909}
    assert sum(Decimal(one["amount"]) for one in told) == Decimal("9747747.934")


def test_the_counted_traps(loaded: tuple[Connection, Path], rows: list[dict[str, str]]) -> None:
    connection, _folder = loaded
    sales = [
        row
        for row in rows
        if row["InvoiceNo"][0] != "A" and (row["InvoiceNo"][0] == "C" or int(row["Quantity"]) > 0)
    ]
    kinds = Counter(
        "charge" if row["StockCode"] in CHARGES else "gift" if Decimal(row["UnitPrice"]) == 0 else "product"
        for row in sales
    )
    assert (
        dict(connection.execute(select(OrderLine.kind, func.count()).group_by(OrderLine.kind)).all()) == kinds
    )
    assert connection.execute(select(func.count()).select_from(StockAdjustment)).scalar_one() == 1_336 + 3
    states = dict(connection.execute(select(Order.state, func.count()).group_by(Order.state)).all())
    assert states["cancelled"] == 3_836
    assert connection.execute(select(func.count()).select_from(Account)).scalar_one() == 4_372
    guests = {row["InvoiceNo"] for row in sales if not row["CustomerID"]}
    without = select(func.count()).select_from(Order).where(Order.account_id.is_(None))
    assert connection.execute(without).scalar_one() == len(guests)
    codes = {row["StockCode"] for row in rows} - CHARGES
    assert set(connection.execute(select(Product.sku)).scalars()) == codes


def test_names_are_the_newest_of_a_sale(loaded: tuple[Connection, Path], rows: list[dict[str, str]]) -> None:
    newest: dict[str, str] = {}
    for row in rows:  # the file is in the order of time
        name, is_sale = row["Description"].strip(), int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0
        if name and is_sale and row["InvoiceNo"][0] not in "AC":
            newest[row["StockCode"]] = name
    for code in CHARGES:
        newest.pop(code, None)
    found = dict(loaded[0].execute(select(Product.sku, Product.names)).all())
    assert {code: found[code]["en"] for code in newest} == newest


def test_a_second_run_changes_nothing(loaded: tuple[Connection, Path]) -> None:
    connection, folder = loaded
    address = connection.engine.url.render_as_string(hide_password=False)
    newest = select(func.max(Order.updated_at), func.count(OrderLine.id)).select_from(Order).join(OrderLine)
    before = connection.execute(newest).one()
    connection.rollback()
    status, _memory, told = run(folder, address, folder / "again.csv")
    assert status == 0, told
    assert (
        "written           0 documents, 0 products and 0 customers; 25,900 documents were there already"
        in told
    )
    assert connection.execute(newest).one() == before
