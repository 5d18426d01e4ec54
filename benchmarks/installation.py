"""An installation with the real data in it, made for one run of the benchmarks, and servers over it."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

from sqlalchemy import func, select

from app.cli.processes import web_arguments
from core import clock
from core.actor import SYSTEM
from core.db.engine import reset_engine
from core.settings import get_settings
from core.transaction import reading, transaction
from crm.customers.models import Account, Contact
from crm.identity.models import User
from crm.identity.services import set_password
from crm.orders.models import Order, OrderLine

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("RAPPORT_DATA") or ROOT.parent / "shared" / "data")
RETAIL = DATA / "online_retail.csv.xz"
EMAIL, PASSWORD = "purchasing@benchmark.example", secrets.token_urlsafe(18)
MOST_ORDERS = 60  # of the customer who is measured: three pages of the list


@dataclass(frozen=True)
class Customer:
    """An imported customer who can sign in. `order` is the number of one with a middling number of lines, and
    `similar` are those next to it in size."""

    account_id: uuid.UUID
    order: str
    orders: int
    lines: int
    similar: tuple[str, ...] = ()


@contextmanager
def imported(database_url: str = "") -> Iterator[Customer]:
    """The data of RETAIL in an installation of its own; everything but a given database is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as home:
        with _environment(RAPPORT_HOME=home, RAPPORT_DATABASE_URL=database_url, RAPPORT_LOG_LEVEL="WARNING"):
            rapport("import", "orders", str(RETAIL), "--profile", "uci-online-retail")
            rapport("reindex")
            yield _customer()


@contextmanager
def empty(database_url: str = "") -> Iterator[None]:
    """A migrated installation with nothing in it."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as home:
        with _environment(RAPPORT_HOME=home, RAPPORT_DATABASE_URL=database_url, RAPPORT_LOG_LEVEL="WARNING"):
            rapport("migrate")
            yield


def rapport(*arguments: str) -> None:
    """One command of the product, as a person types it."""
    subprocess.run([sys.executable, "-m", "app", *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("RAPPORT_")}
    for name in kept:
        if not name.startswith("RAPPORT_TEST_"):
            del os.environ[name]
    os.environ.update({name: value for name, value in values.items() if value})
    get_settings.cache_clear()
    reset_engine()
    try:
        yield
    finally:
        for name in values:
            os.environ.pop(name, None)
        os.environ.update(kept)
        get_settings.cache_clear()
        reset_engine()


def _customer() -> Customer:
    """The customer with the most orders among those with at most MOST_ORDERS, and a password for them."""
    with reading() as session:
        account_id, orders = session.execute(
            select(Order.account_id, func.count())
            .where(Order.account_id.is_not(None))
            .group_by(Order.account_id)
            .having(func.count() <= MOST_ORDERS)
            .order_by(func.count().desc(), Order.account_id)
            .limit(1)
        ).one()
        by_size = session.execute(
            select(Order.number, func.count())
            .join(OrderLine, OrderLine.order_id == Order.id)
            .where(Order.account_id == account_id)
            .group_by(Order.id, Order.number)
            .order_by(func.count(), Order.number)
        ).all()
    with transaction() as session:
        account = session.get_one(Account, account_id)
        user = User(email=EMAIL, kind="customer", name=account.name, email_verified_at=clock.now())
        session.add(user)
        session.flush()
        session.add(
            Contact(account_id=account.id, user_id=user.id, role="company_administrator", scope="company")
        )
        set_password(session, SYSTEM, user.id, PASSWORD)
    middle = len(by_size) // 2
    number, lines = by_size[middle]
    similar = tuple(row[0] for row in by_size[max(middle - 4, 0) : middle + 5])
    return Customer(account_id, number, orders, lines, similar)


@dataclass(frozen=True)
class Server:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(application: str = "app.wsgi:application", *, processes: int = 1) -> Iterator[Server]:
    """gunicorn over `application` with the product's own settings."""
    port = _free_port()
    values = {"RAPPORT_BIND": f"127.0.0.1:{port}", "RAPPORT_WEB_PROCESSES": str(processes)}
    os.environ.update(values)
    get_settings.cache_clear()
    try:
        arguments = [application if part == "app.wsgi:application" else part for part in web_arguments()]
        process = subprocess.Popen(arguments, cwd=ROOT)
    finally:
        for name in values:
            del os.environ[name]
        get_settings.cache_clear()
    try:
        _wait(port, process)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(15)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start within a minute")


def sign_in(server: Server) -> str:
    """Signs the customer in through the form, as a browser does; returns the Cookie header."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{server.url}/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(
        r'name="csrf-token" content="([^"]+)"', page
    )
    assert token is not None
    form = urllib.parse.urlencode({"csrf_token": token[1], "email": EMAIL, "password": PASSWORD})
    with browser.open(f"{server.url}/sign-in", form.encode()) as answer:
        if answer.url.endswith("/sign-in"):
            raise RuntimeError("the customer could not sign in")
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
