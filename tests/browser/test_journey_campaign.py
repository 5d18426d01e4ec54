"""The mail that knows: a marketer edits the cart reminder, looks at it and switches it on; a cart that is left gives
one mail with recommendations; who unsubscribes gets no second one, and reads why."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

PHRASE = "a calm morning coffee"
BEANS, MILL = "office-blend-1-kg", "mill-210-espresso"
CAMPAIGN = "/staff/campaigns/left-cart"
LANGUAGES = ("en", "zh-Hant", "zh-Hans")
WAITING = 150  # seconds: a minute of delay, the look for carts, and a busy machine


def _until(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAITING
    while time.monotonic() < deadline:
        if look():
            return
        time.sleep(2)
    raise AssertionError(f"{what} did not come")


def _save(page: Page, *, minutes: int, subject: str | None = None) -> None:
    """Times and the English subject, then each language confirmed, then on."""
    page.goto(f"{CAMPAIGN}/edit")
    page.fill("main input[name=delay]", str(minutes))
    page.select_option("main select[name=unit]", "minutes")
    page.select_option("main select[name=quiet_from]", "")
    page.fill("main input[name=pause_days]", "0")
    for block in ("cart", "recommendations"):
        page.check(f"main input[name=blocks][value={block}]")
    if subject is not None:
        page.fill("main input[name=subject_en]", subject)
    page.click(f"main form[action='{CAMPAIGN}/edit'] button[type=submit]")
    page.wait_for_url("**/preview")
    for language in LANGUAGES:
        page.goto(f"{CAMPAIGN}/preview?person=sample&language={language}")
        expect(page.frame_locator("main iframe").locator("h1")).to_be_visible()
        confirm = page.locator(f"main form[action='{CAMPAIGN}/approve'] button[type=submit]")
        if confirm.count():
            confirm.click()
            page.wait_for_load_state()
    page.goto(CAMPAIGN)
    switch = page.locator(f"main form[action='{CAMPAIGN}/on'] button[type=submit]")
    if switch.count():
        switch.click()
        expect(page.locator("#flashes .notice-success")).to_be_visible()


@pytest.fixture
def marketer(house: House, open_as: Callable[..., BrowserContext]) -> Iterator[Page]:
    page = open_as("marketer").new_page()
    yield page
    _save(page, minutes=60)


def _new_customer(house: House, context: BrowserContext) -> tuple[Page, str]:
    email, page = steps.new_email("left-cart"), context.new_page()
    page.goto("/sign-up")
    for name, value in (("name", "Somebody busy"), ("email", email), ("password", PHRASE)):
        page.fill(f"main input[name={name}]", value)
    page.click("main form[action='/sign-up'] button[type=submit]")
    page.wait_for_url("**/sign-up/sent")
    page.goto(steps.mailed_link(house, email, "/verify"))
    page.click("main form[action='/verify'] button[type=submit]")
    page.wait_for_url("**/sign-in")
    steps.sign_in_with(page, email, PHRASE)
    return page, email


def test_a_left_cart_gives_one_mail_that_can_be_ended(
    house: House, open_as: Callable[..., BrowserContext], marketer: Page
) -> None:
    marketer.goto(f"{CAMPAIGN}/edit")
    marketer.fill("main input[name=subject_en]", "{{ 7 * 7 }}")
    expect(marketer.locator("#status")).to_contain_text("no placeholder")
    check(marketer)
    marketer.fill("main input[name=subject_en]", "{{ 7 * 7 }}")
    marketer.click(f"main form[action='{CAMPAIGN}/edit'] button[type=submit]")
    expect(marketer.locator("main [role=alert]").first).to_be_visible()
    _save(marketer, minutes=1, subject="Your {{ cart.product }} is waiting")
    check(marketer)
    marketer.goto(f"{CAMPAIGN}/preview?person=sample&width=phone")
    check(marketer)

    page, email = _new_customer(house, open_as(width=390))
    page.goto("/account/mail")
    page.click("main form[action='/account/mail/consent'] button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    steps.put_in_cart(page, BEANS)
    steps.put_in_cart(page, MILL)

    def mails() -> list[str]:
        return [
            mail
            for mail in steps.list_mails(house, email)
            if "/unsubscribe/" in steps.fetch(house, f"{mail}/html")
        ]

    _until(lambda: bool(mails()), "the reminder")
    (mail,) = mails()
    html = steps.fetch(house, f"{mail}/html")
    letter = open_as(width=390).new_page()
    letter.goto(f"{mail}/html")
    expect(letter.locator("h1")).to_have_text("Your cart is waiting for you")
    expect(letter.locator("h2")).to_be_visible()  # over the recommendations
    assert letter.locator("a[href*='/product/']").count() >= 6
    loaded = "images => images.every(image => image.complete && image.naturalWidth > 0)"
    letter.wait_for_load_state("networkidle")
    assert letter.locator("img").evaluate_all(loaded), "every picture is there"
    assert letter.evaluate("document.documentElement.scrollWidth") <= 390

    why = re.search(r'href="([^"]+/account/mail/[^"]+)"', html)
    assert why
    page.goto(urlsplit(unescape(why[1])).path)
    expect(page.locator("h1")).to_have_text("Why did I get this mail?")
    check(page)

    link = re.search(r'href="[^"]+(/unsubscribe/[^"]+)"', html)
    assert link
    stranger = open_as(locale="zh-TW").new_page()
    stranger.goto(link[1])
    expect(stranger.locator("h1")).to_have_text("不再收到行銷郵件？")
    check(stranger)
    stranger.click("main form:has(input[value=all]) button[type=submit]")
    expect(stranger.locator("h1")).to_have_text("您已取消訂閱")

    steps.put_in_cart(page, BEANS, 2)
    page.goto("/account/mail")
    expect(page.locator("#promotion")).to_contain_text("Off")
    check(page)

    def is_told() -> bool:
        page.reload()
        return "You ended promotion mail" in page.locator("#history").inner_text()

    _until(is_told, "the reason for no second mail")
    assert len(mails()) == 1

    marketer.goto(f"/staff/campaigns/decisions?q={email}")
    expect(marketer.locator("#results tbody tr")).to_have_count(2)
    expect(marketer.locator("#results")).to_contain_text("Withdrew the consent")
    check(marketer)
