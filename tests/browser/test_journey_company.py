"""An order found without an account, and what the people of one company see of each other's orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

TEXTS = {
    "en": ("Find an order", "This is the short page of your order"),
    "zh-Hant": ("查詢訂單", "這是訂單的簡要頁面"),
    "zh-Hans": ("查询订单", "这是订单的简要页面"),
}


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
def test_a_guest_finds_an_order_by_number_and_email_and_sees_the_short_page(
    house: House, open_as: Callable[..., BrowserContext], locale: str
) -> None:
    email = house.accounts["customer_of_another_company"]["email"]
    number = steps.order_numbers(open_as("customer_of_another_company").new_page())[-1]
    page = open_as(locale=locale).new_page()
    page.goto("/orders/find")
    expect(page.locator("h1")).to_have_text(TEXTS[locale][0])
    page.fill("main input[name=number]", number.replace("-", " ").lower())
    page.fill("main input[name=email]", email.upper())
    page.click("main form[action='/orders/find'] button[type=submit]")
    expect(page.locator("#flashes .notice, main .notice").first).to_be_visible()
    page.goto(steps.mailed_link(house, email, "/o/", contains=number))
    expect(page.locator("h1")).to_contain_text(number)
    expect(page.locator("main .notice-title")).to_have_text(TEXTS[locale][1])
    assert page.locator("main address, main .product-row").count() == 0
    check(page)


def test_a_wrong_pair_of_number_and_email_says_the_same_and_mails_nothing(
    house: House, open_as: Callable[..., BrowserContext]
) -> None:
    stranger = steps.new_email("stranger")
    number = steps.order_numbers(open_as("customer_of_another_company").new_page())[-1]
    page = open_as().new_page()
    page.goto("/orders/find")
    page.fill("main input[name=number]", number)
    page.fill("main input[name=email]", stranger)
    page.click("main form[action='/orders/find'] button[type=submit]")
    expect(page.locator("#flashes .notice, main .notice").first).to_be_visible()
    assert steps.list_mails(house, stranger) == []


def test_the_administrator_of_a_company_sees_all_its_orders_and_a_colleague_only_the_own_ones(
    open_as: Callable[..., BrowserContext],
) -> None:
    everything = open_as("company_administrator").new_page()
    own = open_as("colleague").new_page()
    foreign = open_as("customer_of_another_company").new_page()
    all_numbers, own_numbers = steps.order_numbers(everything), steps.order_numbers(own)
    expect(everything.locator("select[name=person]")).to_be_visible()
    expect(own.locator("select[name=person]")).to_have_count(0)
    others = [number for number in all_numbers if number not in own_numbers]
    assert others
    assert everything.goto(f"/orders/{others[0]}").status == 200  # type: ignore[union-attr]
    assert own.goto(f"/orders/{others[0]}").status == 404  # type: ignore[union-attr]
    assert foreign.goto(f"/orders/{others[0]}").status == 404  # type: ignore[union-attr]
    check(foreign)
    everything.goto(f"/orders?q={others[0].replace('-', '').lower()}")
    expect(everything.locator("main tbody th a")).to_have_text([others[0]])


def test_a_colleague_who_is_invited_by_mail_joins_the_company(
    house: House, browser: Browser, open_as: Callable[..., BrowserContext]
) -> None:
    invited = steps.new_email("colleague")
    page = open_as("company_administrator").new_page()
    page.goto("/account/colleagues")
    form = "main form[action='/account/colleagues/invite']"
    page.fill(f"{form} input[name=email]", invited)
    page.check(f"{form} input[name=access][value=company]")
    page.click(f"{form} button[type=submit]")
    expect(page.locator("main")).to_contain_text(invited)

    context = browser.new_context(base_url=house.url)
    theirs = context.new_page()
    theirs.goto(steps.mailed_link(house, invited, "/invitation"))
    assert "token" not in theirs.url
    theirs.fill("main input[name=name]", "Pastry kitchen")
    theirs.fill("main input[name=password]", "a quiet pastry kitchen")
    theirs.click("main form[action='/invitation'] button[type=submit]")
    theirs.wait_for_url(lambda address: "/invitation" not in address)
    if "/sign-in" in theirs.url:
        steps.sign_in_with(theirs, invited, "a quiet pastry kitchen")
    assert steps.order_numbers(theirs) == steps.order_numbers(page)
    page.goto("/account/colleagues")
    expect(page.locator("main")).to_contain_text("Pastry kitchen")
    context.close()
