"""A new customer: signs up, confirms by mail, signs in, fills in the profile and an address, ends another device,
changes the password, forgets it, and signs out."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

FIRST, SECOND, THIRD = "a calm morning coffee", "a second calm coffee", "a third calm coffee"


def _submit(page: Page, action: str) -> None:
    page.click(f"main form[action='{action}'] button[type=submit]")


def _opened(house: House, context: BrowserContext, email: str) -> None:
    page = context.new_page()
    page.goto("/sign-up")
    page.fill("main input[name=name]", "Somebody new")
    page.fill("main input[name=email]", email)
    page.fill("main input[name=password]", FIRST)
    _submit(page, "/sign-up")
    page.wait_for_url("**/sign-up/sent")
    expect(page.locator("main")).to_contain_text(email)
    page.goto(steps.mailed_link(house, email, "/verify"))
    assert "token" not in page.url
    _submit(page, "/verify")
    page.wait_for_url("**/sign-in")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    page.close()


def test_from_signing_up_to_signing_out(
    house: House, browser: Browser, open_as: Callable[..., BrowserContext]
) -> None:
    email = steps.new_email("newcomer")
    context = open_as()
    _opened(house, context, email)
    page = context.new_page()
    steps.sign_in_with(page, email, FIRST)

    page.goto("/account/profile")
    page.fill("main input[name=name]", "Kitchen on the second floor")
    page.fill("main input[name=phone]", "+886 2 5550 1234")
    page.select_option("main select[name=locale]", "zh-Hant")
    page.select_option("main select[name=timezone]", "Asia/Taipei")
    _submit(page, "/account/profile")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("h1")).to_have_text("個人資料")
    expect(page.locator("main input[name=name]")).to_have_value("Kitchen on the second floor")
    check(page)
    page.select_option("main select[name=locale]", "en")
    _submit(page, "/account/profile")
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.goto("/account/addresses/new")
    for name, value in {
        "recipient": "Kitchen", "line1": "Quay 3", "postal_code": "20457", "city": "Hamburg", "label": "Work",
    }.items():  # fmt: skip
        page.fill(f"main input[name={name}]", value)
    _submit(page, "/account/addresses/new")
    page.wait_for_url("**/account/addresses")
    expect(page.locator("main address")).to_contain_text("Quay 3")
    page.goto("/account/addresses/new")
    _submit(page, "/account/addresses/new")
    expect(page.locator("[data-error-summary] a")).to_have_count(2)
    check(page)

    _ends_the_other_device(browser, house, page, email)
    _changes_the_password(page)
    page.goto("/")
    page.click("header summary.tool >> visible=true")
    page.click("header form[action='/sign-out'] button >> visible=true")
    page.wait_for_load_state()
    _is_signed_out(page)

    page.goto("/forgot")
    page.fill("main input[name=email]", email)
    _submit(page, "/forgot")
    page.wait_for_url("**/forgot/sent")
    page.goto(steps.mailed_link(house, email, "/reset"))
    page.fill("main input[name=password]", THIRD)
    _submit(page, "/reset")
    page.wait_for_url("**/sign-in")
    steps.sign_in_with(page, email, THIRD)
    page.goto("/account")
    expect(page.locator("main")).to_contain_text(email)


def _is_signed_out(page: Page) -> None:
    answer = page.goto("/account")
    assert answer is not None
    assert answer.status == 401
    expect(page.locator("main form[action='/sign-in'], main a[href*='/sign-in']").first).to_be_visible()


def _ends_the_other_device(browser: Browser, house: House, page: Page, email: str) -> None:
    other = browser.new_context(base_url=house.url)
    there = other.new_page()
    steps.sign_in_with(there, email, FIRST)
    page.goto("/account/sessions")
    expect(page.locator("main ul.divide-y > li")).to_have_count(2)
    mine = page.locator("main ul.divide-y > li", has=page.locator(".state-success"))
    expect(mine).to_have_count(1)
    page.locator("main ul.divide-y > li").filter(has_not_text="This device").locator("button").click()
    expect(page.locator("main ul.divide-y > li")).to_have_count(1)
    _is_signed_out(there)
    other.close()


def _changes_the_password(page: Page) -> None:
    page.goto("/account/security")
    form = "main form[action='/account/password']"
    page.fill(f"{form} input[name=current]", "not this one at all")
    page.fill(f"{form} input[name=password]", SECOND)
    _submit(page, "/account/password")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.fill(f"{form} input[name=current]", FIRST)
    page.fill(f"{form} input[name=password]", SECOND)
    _submit(page, "/account/password")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
