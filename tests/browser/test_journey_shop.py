"""A visitor looks around: browses, searches with a typing mistake and in both kinds of Chinese, filters, sorts,
opens a product."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check

NAMES = "main .product-name a"
WORDS = {
    "en": ("All products", "Put in the cart"),
    "zh-Hant": ("所有商品", "放入購物車"),
    "zh-Hans": ("全部商品", "加入购物车"),
}


def _slugs(page: Page) -> list[str]:
    found = page.locator(NAMES).evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [str(href).removeprefix("/product/") for href in found]


def _prices(page: Page) -> list[Decimal]:
    texts = page.locator("main .product .price").all_inner_texts()
    return [Decimal(re.sub(r"[^\d.]", "", text)) for text in texts]


def _search(page: Page, text: str) -> list[str]:
    page.fill("header .site-search input[name=q]", text)
    page.press("header .site-search input[name=q]", "Enter")
    page.wait_for_url(lambda address: parse_qs(urlsplit(address).query).get("q") == [text])
    return _slugs(page)


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
def test_a_visitor_browses_in_their_language(open_as: Callable[..., BrowserContext], locale: str) -> None:
    page = open_as(locale=locale).new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", locale)
    page.click("main a[href='/shop']")
    expect(page.locator("h1")).to_have_text(WORDS[locale][0])
    page.click("main .shop-categories a[href='/shop/purifier-filters']")
    expect(page.locator(".shop-categories [aria-current=true]")).to_have_attribute(
        "href", "/shop/purifier-filters"
    )
    name = page.locator(NAMES).first.inner_text()
    page.locator(NAMES).first.click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("main article form[action='/cart/items'] .btn-primary").first).to_have_text(
        WORDS[locale][1]
    )
    picture = page.locator(".product-hero img")
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
    assert picture.get_attribute("alt")
    page.go_back()
    expect(page).to_have_url(re.compile("/shop/purifier-filters$"))


def test_search_forgives_a_typing_mistake_and_both_kinds_of_chinese_find_each_other(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as().new_page()
    page.goto("/")
    right = steps.until(lambda: _search(page, "espresso"), "the search index")
    mistaken = steps.until(lambda: _search(page, "esspresso"), "a result in spite of the mistake")
    assert "mill-210-espresso" in right
    assert "mill-210-espresso" in mistaken
    traditional, simplified = _search(page, "濾網"), _search(page, "滤网")
    assert traditional == simplified
    assert any("filter" in slug or "panel" in slug for slug in traditional)
    check(page)


def test_filters_and_order_are_in_the_address_and_back_undoes_them(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as().new_page()
    page.goto("/shop/coffee-machines")
    count = page.locator(NAMES).count()
    page.select_option("main select[name=sort]", "price")
    page.wait_for_url("**sort=price**")
    expect(page.locator("#results")).to_be_visible()
    prices = _prices(page)
    assert prices == sorted(prices)
    page.fill("main input[name=to]", "400")
    page.press("main input[name=to]", "Enter")
    page.wait_for_url("**to=400**")
    cheap = steps.until(
        lambda: ((found := _prices(page)) and max(found) <= 400 and found) or None, "the filter"
    )
    assert 0 < len(cheap) < count
    page.go_back()
    page.wait_for_url(lambda address: "to=400" not in address)
    expect(page.locator(NAMES)).to_have_count(len(prices))
    page.fill("main input[type=search][name=q]", "no such thing at all")
    expect(page.locator("#results .empty")).to_be_visible()
    check(page)


def test_the_shop_works_without_javascript(browser, house) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(base_url=house.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/shop?stock=1&sort=-price")
    prices = _prices(page)
    assert prices == sorted(prices, reverse=True)
    page.fill("main input[type=search][name=q]", "grinder")
    page.click("main form.filters button[type=submit]")
    assert page.locator(NAMES).count() > 0
    page.locator("main .product form[action='/cart/items'] button").first.click()
    expect(page.locator("#cart-link .count")).to_contain_text("1")
    context.close()
