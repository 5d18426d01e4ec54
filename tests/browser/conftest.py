"""A whole running house with demo data, and Chromium to walk through it.

On the SQLite run it stands on the embedded engines; on the PostgreSQL run on Elasticsearch and RabbitMQ as well.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.demo.accounts import ACCOUNTS
from tests.conftest import service_url
from tests.source import ROOT

CHROMIUM_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class House:
    """A running copy: its address and its demo sign-ins by role."""

    url: str
    home: Path
    accounts: dict[str, dict[str, str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.no_database)
            item.add_marker(pytest.mark.browser_run)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(home: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    chosen = {
        "RAPPORT_HOME": str(home),
        "RAPPORT_MODE": "demo",
        "RAPPORT_BIND": f"127.0.0.1:{port}",
        "RAPPORT_LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
    }
    suite = os.environ.get("RAPPORT_TEST_DATABASE_URL", "")
    if suite.startswith("postgresql"):
        own = make_url(suite)
        url = own.set(database=f"{own.database}_house")
        admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{url.database}"'))
        admin.dispose()
        chosen["RAPPORT_DATABASE_URL"] = url.render_as_string(hide_password=False)
        chosen["RAPPORT_SEARCH_URL"] = service_url("elasticsearch")
        chosen["RAPPORT_SEARCH_PREFIX"] = f"browser{port}"
        chosen["RAPPORT_BROKER_URL"] = service_url("rabbitmq")
    return {**kept, **chosen}


@contextmanager
def running(home: Path) -> Iterator[House]:
    """`rapport up` in `home`, ended with everything it started."""
    port = _free_port()
    environment = _environment(home, port)
    log = (home / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "up"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_ready(url, process, home / "up.log")
        told = subprocess.run(
            [sys.executable, "-m", "app", "demo", "accounts", "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
        listed = json.loads(told.stdout)
        yield House(url, home, {account["role"].replace(" ", "_"): account for account in listed})
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the house did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """RAPPORT_TEST_HOUSE=http://… names a demo that runs already, for writing journeys without waiting."""
    service_url("chromium")
    if running_already := os.environ.get("RAPPORT_TEST_HOUSE"):
        listed = [{"role": one.role, "email": one.email, "password": one.password} for one in ACCOUNTS]
        yield House(running_already, Path(), {one["role"].replace(" ", "_"): one for one in listed})
        return
    with tempfile.TemporaryDirectory(prefix="rapport-house-") as folder, running(Path(folder)) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = service_url("chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield found
        found.close()


def sign_in(page: Page, house: House, role: str) -> None:
    """Through the form, as people do."""
    account = house.accounts[role]
    page.goto(f"{house.url}/sign-in")
    page.fill("main input[type=email]", account["email"])
    page.fill("main input[type=password]", account["password"])
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)


class States:
    """The cookies of each role, signed in once for the whole run."""

    def __init__(self, house: House, browser: Browser) -> None:
        self._house, self._browser = house, browser
        self._known: dict[str, dict[str, object]] = {}

    def __call__(self, role: str) -> dict[str, object]:
        if role not in self._known:
            context = self._browser.new_context(base_url=self._house.url)
            sign_in(context.new_page(), self._house, role)
            self.keep(role, context)
            context.close()
        return self._known[role]

    def keep(self, role: str, context: BrowserContext) -> None:
        self._known[role] = dict(context.storage_state())


@pytest.fixture(scope="session")
def states(house: House, browser: Browser) -> States:
    return States(house, browser)


@pytest.fixture
def open_as(house: House, browser: Browser, states: States) -> Iterator[Callable[..., BrowserContext]]:
    """A browser context of a role ('' is a visitor), in a language, width and theme."""
    opened: list[BrowserContext] = []

    def make(
        role: str = "", *, locale: str = "en", width: int = 1280, theme: str = "light", fresh: bool = False
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=house.url,
            locale=locale,
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            storage_state=states(role) if role and not fresh else None,  # type: ignore[arg-type]
        )
        opened.append(context)
        if role and fresh:
            sign_in(context.new_page(), house, role)
        return context

    yield make
    for context in opened:
        context.close()
