"""A customer's own products: one registered by search, its serial number, help with it, removed and taken back; and
what staff mark as returned is told on the order."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from core import clock
from tests.browser import steps
from tests.browser.axe import check


@pytest.mark.parametrize(("width", "locale"), [(1280, "en"), (390, "zh-TW")])
def test_a_product_is_registered_corrected_and_removed_with_a_way_back(
    open_as: Callable[..., BrowserContext], width: int, locale: str
) -> None:
    page = open_as("private_customer", width=width, locale=locale).new_page()
    page.goto("/products/new")
    page.fill("main input[name=q]", "daybreak")
    page.click("main form[action='/products/new'] button[type=submit]")
    page.locator("main a[href*='/products/new?product=']").first.click()
    form = "main form[method=post][action='/products/new']"
    page.fill(f"{form} input[name=acquired_on]", "2999-01-01")
    page.fill(f"{form} input[name=nickname]", "Window sill")
    page.click(f"{form} button[type=submit]")
    expect(page.locator(f"{form} input[name=acquired_on]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"{form} input[name=nickname]")).to_have_value("Window sill")
    check(page)
    page.fill(f"{form} input[name=acquired_on]", clock.today().isoformat())
    page.click(f"{form} button[type=submit]")
    expect(page.locator("h1")).to_contain_text("Window sill")
    serial = uuid.uuid4().hex[:10]
    page.fill("#details input[name=serial_number]", serial)
    page.click("#details button[type=submit]")
    expect(page.locator("main .ref").first).to_have_text(serial.upper())
    check(page)
    address = page.url
    page.click("main a[href^='/requests/new?owned=']")
    expect(page).to_have_url(re.compile(r"/requests/new\?.*owned="))
    page.goto(address)
    page.click("main details.confirm-fold summary")
    page.click("main form[action$='/remove'] button[type=submit]")
    expect(page).to_have_url(re.compile("/removed$"))
    check(page)
    page.click("main form[action$='/take-back'] button[type=submit]")
    expect(page).to_have_url(address)
    page.goto("/products")
    expect(page.locator("main").get_by_text(serial.upper())).to_be_visible()
    check(page)


def test_what_came_back_is_marked_by_staff_and_told_to_the_customer(
    open_as: Callable[..., BrowserContext],
) -> None:
    agent = open_as("agent").new_page()
    agent.goto("/staff/orders?state=delivered")
    agent.locator("main tbody th a").first.click()
    number = agent.url.rsplit("/", 1)[1]
    first = agent.locator("#returned details").first
    first.locator("summary").click()
    first.locator("select[name=reason]").select_option("damaged")
    first.locator("button[type=submit]").click()
    expect(agent.locator("main form[action$='/return-undone']").first).to_be_visible()
    expect(agent).to_have_url(re.compile(f"/staff/orders/{number}"))
    check(agent)
    agent.locator("main form[action$='/return-undone'] button").first.click()
    expect(agent.locator("main form[action$='/return-undone']")).to_have_count(0)


def test_parts_of_a_product_go_into_the_cart(open_as: Callable[..., BrowserContext]) -> None:
    page = open_as("company_administrator").new_page()
    steps.empty_cart(page)
    page.goto("/products")
    expect(page.locator("main ul > li.panel").first).to_be_visible()
    for address in [link.get_attribute("href") for link in page.locator("main li.panel h2 a").all()]:
        page.goto(str(address))
        add = page.locator("main article.product form button")
        if add.count():
            add.first.click()
            page.goto("/cart")
            expect(page.locator("main .product-row").first).to_be_visible()
            return
    raise AssertionError("no product of the company has a part that fits")
