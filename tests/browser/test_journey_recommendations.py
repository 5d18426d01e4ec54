"""Recommendations: the next page knows the last click of a visitor who agreed, each reason can be looked up, "not
interested" works at once and can be undone, with and without script, and staff read what the model is made of."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

COLLECTOR = "/api/v1/events/batch"
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


def _names(page: Page, slot: str) -> list[str]:
    return [text.strip() for text in page.locator(f"#slot-{slot} .product-name").all_inner_texts()]


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_a_visitors_next_page_reflects_the_last_click(
    browser: Browser, house: House, width: int, theme: str
) -> None:
    context = browser.new_context(
        base_url=house.url, user_agent=PERSON, locale="en", viewport={"width": width, "height": 900},
        color_scheme=theme,
    )  # type: ignore[arg-type]  # fmt: skip
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#slot-home")).to_have_count(0)
    page.click(".consent-answers button[value=accept]")
    expect(page.locator(".consent-bar")).to_have_count(0)
    page.goto("/shop/coffee-machines")
    with page.expect_response(lambda answer: COLLECTOR in answer.url):
        page.locator("main .product-name a").first.click()
        page.wait_for_url("**/product/**")
    name = page.locator("h1").inner_text()
    steps.until(
        lambda: (page.goto("/") and page.get_by_text(f"Because you looked at {name} today").count()) or None,
        "the click in the recommendations",
    )
    check(page)
    page.locator("#slot-home .offer-why").first.click()
    expect(page.locator("h1")).to_have_text("Your recommendations")
    page.goto("/recommendations")  # from the top: the fixed header lies over the cards above the explanation
    check(page)
    context.close()


def test_not_interested_works_at_once_and_is_undone(open_as: Callable[..., BrowserContext]) -> None:
    page = open_as("company_administrator").new_page()
    page.goto("/")
    before = _names(page, "home")
    assert len(before) == 4
    page.locator("#slot-home .offer-hide").first.click()
    notice = page.locator("#slot-home .offers-notice")
    expect(notice).to_contain_text(before[0])
    after = _names(page, "home")
    assert before[0] not in after
    assert len(after) == 4
    check(page)
    page.goto("/recommendations")
    expect(page.locator("#not-interested")).to_contain_text(before[0])
    page.goto("/")
    assert before[0] not in _names(page, "home")
    page.locator("#slot-home .offer-hide").first.click()
    expect(notice).to_contain_text(after[0])
    notice.get_by_role("button").click()
    expect(notice).to_have_count(0)
    assert _names(page, "home")[0] == after[0]
    page.goto("/recommendations")
    page.locator("#not-interested form button").first.click()
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    page.goto("/")
    assert _names(page, "home") == before


def test_without_script_a_visitor_puts_something_aside_beside_a_product(
    browser: Browser, house: House
) -> None:
    context = browser.new_context(base_url=house.url, locale="zh-TW", java_script_enabled=False)
    page = context.new_page()
    page.goto("/product/mill-210-espresso")
    before = _names(page, "product")
    page.locator("#slot-product .offer-hide").first.click()
    expect(page).to_have_url(f"{house.url}/product/mill-210-espresso")
    assert before[0] not in _names(page, "product")
    page.goto("/recommendations")
    page.locator("#not-interested form button").first.click()
    page.goto("/product/mill-210-espresso")
    assert _names(page, "product") == before
    context.close()


def test_a_reason_leads_to_the_line_of_the_order_and_the_order_has_its_own_row(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as("private_customer").new_page()
    page.goto("/")
    reason = page.locator("#slot-home .offer-why[href*='/orders/']").first
    told = reason.inner_text()
    reason.click()
    page.wait_for_url(re.compile(r"/orders/.+#line-"))
    line = page.locator(f"[id='{page.url.split('#')[1]}']")
    expect(line).to_be_visible()
    ordered = line.locator("p").first.inner_text()
    assert ordered in told or told.startswith("You last ordered this")
    expect(page.locator("#slot-order .offer").first).to_be_visible()
    check(page)
    steps.empty_cart(page)
    steps.put_in_cart(page, "mill-210-espresso")
    page.goto("/cart")
    expect(page.locator("#slot-cart .offer-why").first).to_contain_text("in your cart")
    check(page)
    steps.empty_cart(page)


@pytest.mark.parametrize(("role", "locale", "width"), [("analyst", "en", 1280), ("marketer", "en", 320)])
def test_staff_read_the_models_card_and_why_a_customer_sees_what(
    open_as: Callable[..., BrowserContext], role: str, locale: str, width: int
) -> None:
    page = open_as(role, locale=locale, width=width, theme="dark" if width < 400 else "light").new_page()
    page.goto("/staff/recommender")
    expect(page.locator("main")).to_contain_text("Popularity")
    expect(page.locator("main")).to_contain_text("Item to item (Jaccard)")
    assert page.get_by_role("button", name="Train now").count() == (1 if role == "marketer" else 0)
    check(page)
    page.fill("main input[name=q]", "Nordlicht")
    page.press("main input[name=q]", "Enter")
    page.locator("main a[href*='/staff/recommender/customers/']").first.click()
    page.wait_for_url("**/staff/recommender/customers/**")
    expect(page.locator("main tbody tr").first).to_be_visible()
    check(page)
