"""What people do on the pages, for the journeys: by form fields and addresses, so that it works in every language."""

from __future__ import annotations

import re
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from html import unescape
from typing import TypeVar

from playwright.sync_api import Page, expect

from tests.browser.conftest import House

LONG = 40_000  # milliseconds that work of the background may take on a busy machine
_MAIL = re.compile(r'href="(/mailbox/[0-9a-f-]{36})"')
_HREF = re.compile(r'href="([^"]+)"')
DONE = re.compile(r"/checkout/done/([A-Z0-9-]+)$")


Found = TypeVar("Found")


def new_email(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}@example.org"


def fetch(house: House, path: str) -> str:
    """A public page, without a browser."""
    with urllib.request.urlopen(house.url + path, timeout=20) as answer:
        return str(answer.read().decode("utf-8"))


def until(look: Callable[[], Found | None], what: str) -> Found:
    """Waits for work of the background."""
    deadline = time.monotonic() + LONG / 1000
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"{what} did not come")


def list_mails(house: House, recipient: str) -> list[str]:
    """Addresses of the mails to `recipient`, newest first."""
    page = fetch(house, f"/mailbox?q={urllib.parse.quote(recipient)}")
    return list(dict.fromkeys(_MAIL.findall(page)))


def mailed_link(house: House, recipient: str, path: str, *, contains: str = "") -> str:
    """The link to `path` in the newest mail to `recipient` that has one (and the word `contains`)."""

    def look() -> str | None:
        for mail in list_mails(house, recipient):
            html = fetch(house, f"{mail}/html")
            for link in map(unescape, _HREF.findall(html)):
                if urllib.parse.urlsplit(link).path.startswith(path) and contains in html:
                    return link
        return None

    return until(look, f"a mail to {recipient} with a link to {path}")


def sign_in_with(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.fill("main input[name=email]", email)
    page.fill("main input[name=password]", password)
    page.click("main form[action='/sign-in'] button[type=submit]")
    page.wait_for_url(lambda address: "/sign-in" not in address)


def put_in_cart(page: Page, slug: str, quantity: int = 1) -> None:
    page.goto(f"/product/{slug}")
    page.fill("main input[name=quantity]", str(quantity))
    page.click("main article form[action='/cart/items'] button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()


def empty_cart(page: Page) -> None:
    page.goto("/cart")
    while page.locator("form[action$='/remove'] button").count():
        left = page.locator("form[action$='/remove']").count()
        page.locator("form[action$='/remove'] button").first.click()
        expect(page.locator("form[action$='/remove']")).to_have_count(left - 1)


def choose(
    page: Page, *, payment: str, delivery: str = "standard", address: dict[str, str] | None = None
) -> None:
    """Delivery and payment, up to the page that asks to check and order. `address` None takes the saved one."""
    page.goto("/checkout")
    if address is not None:
        page.check("input[name=address][value=new]")
        if page.locator("main details:not([open]) > summary").count():
            page.locator("main details:not([open]) > summary").first.click()
        for name, value in address.items():
            page.fill(f"main input[name={name}]", value)
    page.check(f"input[name=delivery][value={delivery}]")
    page.check(f"input[name=payment][value='{payment}']")
    page.click("main form[action='/checkout'] button[type=submit]")
    page.wait_for_url("**/checkout/review")


def place(page: Page) -> str:
    """Orders; returns the number."""
    page.click("main form[action='/checkout/review'] button[type=submit]")
    page.wait_for_url(DONE)
    return order_number(page)


def order_number(page: Page) -> str:
    found = DONE.search(urllib.parse.urlsplit(page.url).path)
    assert found is not None, page.url
    return found[1]


def order_numbers(page: Page) -> list[str]:
    """The numbers on the first page of the person's orders."""
    page.goto("/orders")
    return [text.strip() for text in page.locator("main tbody th a").all_inner_texts()]
