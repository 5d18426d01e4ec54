"""Buying: a cart on every device, a checkout on account and by card, one order however often it is pressed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

ADDRESS = {"recipient": "Front desk", "line1": "Harbour Road 9", "postal_code": "20457", "city": "Hamburg"}
BEANS, FILTER = "office-blend-1-kg", "panel-for-horizon-410"
TEXTS = {
    "en": ("Thank you for your order", "Order received"),
    "zh-Hant": ("感謝您的訂購", "已收到訂單"),
    "zh-Hans": ("感谢您的订购", "已收到订单"),
}


def _speak(page: Page, locale: str) -> None:
    page.goto("/")
    page.click(f"footer form[action='/language'] button[value={locale}]")
    expect(page.locator("html")).to_have_attribute("lang", locale)


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
def test_a_cart_moves_to_another_device_and_becomes_an_order_on_account(
    house: House, open_as: Callable[..., BrowserContext], locale: str
) -> None:
    phone = open_as("customer", fresh=True, width=390).new_page()
    steps.empty_cart(phone)
    steps.put_in_cart(phone, BEANS, 2)
    desk = open_as("customer", fresh=True).new_page()
    _speak(desk, locale)
    desk.goto("/cart")
    expect(desk.locator("#quantity-" + BEANS)).to_have_value("2")
    desk.fill("#quantity-" + BEANS, "3")
    desk.press("#quantity-" + BEANS, "Tab")
    expect(desk.locator("#cart-link")).to_contain_text("3")

    steps.choose(desk, payment="account", address=ADDRESS)
    expect(desk.locator("main address")).to_contain_text("Harbour Road 9")
    number = steps.place(desk)
    expect(desk.locator("h1")).to_have_text(TEXTS[locale][0])
    expect(desk.locator("main")).to_contain_text(number)
    email = house.accounts["customer"]["email"]
    steps.mailed_link(house, email, "/o/", contains=number)

    desk.click(f"main a[href='/orders/{number}']")
    expect(desk.locator("main ol.course")).to_contain_text(TEXTS[locale][1])
    assert steps.order_numbers(desk)[0] == number
    phone.goto("/cart")
    expect(phone.locator("main .empty")).to_be_visible()
    _speak(desk, "en")


def test_pressing_twice_makes_one_order_and_reordering_fills_the_cart(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as("customer_of_another_company").new_page()
    before = steps.order_numbers(page)
    steps.empty_cart(page)
    steps.put_in_cart(page, BEANS)
    steps.choose(page, payment="account", address=ADDRESS)
    page.dblclick("main form[action='/checkout/review'] button[type=submit]")
    page.wait_for_url(steps.DONE)
    number = steps.order_number(page)
    after = steps.order_numbers(page)
    assert [one for one in after if one not in before] == [number]

    page.goto(f"/orders/{number}")
    page.click(f"main form[action='/orders/{number}/reorder'] button")
    page.wait_for_url("**/cart")
    expect(page.locator("#quantity-" + BEANS)).to_have_value("1")
    steps.empty_cart(page)


def test_the_same_last_look_sent_again_by_the_browser_is_the_same_order(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as("customer_of_another_company").new_page()
    steps.empty_cart(page)
    steps.put_in_cart(page, BEANS)
    steps.choose(page, payment="account")
    form = page.eval_on_selector(
        "main form[action='/checkout/review']", "form => Object.fromEntries(new FormData(form))"
    )
    number = steps.place(page)
    again = page.request.post("/checkout/review", form=form)
    assert again.ok
    assert again.url.endswith(f"/checkout/done/{number}")


def test_a_declined_card_can_be_changed_and_a_late_answer_is_paid_once(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as("private_customer").new_page()
    steps.empty_cart(page)
    steps.put_in_cart(page, BEANS)
    steps.choose(page, payment="card:demo_declines", address=ADDRESS)
    number = steps.place(page)
    approves = page.locator("input[name=payment][value='card:demo_approves']")
    approves.wait_for(timeout=steps.LONG)
    expect(page.locator("#payment .notice-error")).to_be_visible()
    check(page)
    approves.check()
    page.click(f"main form[action='/checkout/done/{number}/payment'] button[type=submit]")
    expect(page.locator("#payment .notice-success")).to_be_visible(timeout=steps.LONG)

    steps.put_in_cart(page, FILTER)
    steps.choose(page, payment="card:demo_times_out_once")
    late = steps.place(page)
    assert late != number
    expect(page.locator("#payment .notice-success")).to_be_visible(timeout=steps.LONG)
    check(page)


def test_the_whole_checkout_works_without_javascript(house: House, browser: Browser) -> None:
    context = browser.new_context(base_url=house.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/product/{FILTER}")
    page.fill("main input[name=quantity]", "2")
    page.click("main article form[action='/cart/items'] button[type=submit]")
    page.goto("/cart")
    page.click("main a[href='/checkout']")
    account = house.accounts["colleague"]
    page.fill("main input[name=email]", account["email"])
    page.fill("main input[name=password]", account["password"])
    page.click("main form[action='/sign-in'] button[type=submit]")
    assert page.url == f"{house.url}/checkout"
    page.check("input[name=address][value=new]")  # one that is not filled in, whatever else there is
    page.click("main form[action='/checkout'] button[type=submit]")
    expect(page.locator("main [data-error-summary]")).to_be_visible()
    steps.choose(page, payment="card:demo_approves", address=ADDRESS, delivery="express")
    number = steps.place(page)

    def paid() -> bool:
        page.goto(f"/checkout/done/{number}")
        return page.locator("#payment .notice-success").count() == 1

    steps.until(paid, "the payment")
    assert steps.order_numbers(page)[0] == number
    context.close()
