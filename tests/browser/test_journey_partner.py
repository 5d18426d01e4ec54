"""The partner: finds a brochure by product and language, sees it with the own logo, fetches the PDF; a partner manager
makes the next version, and the partner sees it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from tests.browser.axe import check
from tests.browser.conftest import House

SLUG = "air-purifiers-and-filters"
TITLES = {"en": "Air purifiers and filters", "zh-Hant": "空氣清淨機與濾網", "zh-Hans": "空气净化器与滤芯"}
HEADLINES = {
    "en": "Airthatyoudonotnotice",
    "zh-Hant": "好空氣，安靜得讓您忘了它",
    "zh-Hans": "好空气，安静得让您忘了它",
}


def _speak(page: Page, locale: str) -> None:
    page.goto("/partners")
    page.click(f"footer form[action='/language'] button[value={locale}]")
    expect(page.locator("html")).to_have_attribute("lang", locale)


def _pages_are_drawn(page: Page) -> None:
    pictures = page.locator("main .sheets img")
    for index in range(pictures.count()):
        pictures.nth(index).scroll_into_view_if_needed()
        page.wait_for_function(
            "node => node.complete && node.naturalWidth > 300", arg=pictures.nth(index).element_handle()
        )


def _text(path: Path) -> str:
    return "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(path.read_bytes())).pages
    )


@pytest.mark.parametrize(("locale", "width"), [("en", 1280), ("zh-Hant", 390), ("zh-Hans", 1280)])
def test_a_dealer_finds_sees_and_fetches_a_brochure(
    open_as: Callable[..., BrowserContext], locale: str, width: int
) -> None:
    page = open_as("partner", width=width).new_page()
    _speak(page, locale)
    page.goto("/materials")
    page.select_option("main select[name=product]", "air-purifiers")
    page.select_option("main select[name=language]", locale)
    page.select_option("main select[name=kind]", "brochure")
    page.wait_for_url("**kind=brochure**")
    expect(page.locator("main .material-name a")).to_have_text([TITLES[locale]])
    check(page)
    page.click("main .material-name a")
    expect(page.locator("h1")).to_have_text(TITLES[locale])
    expect(page.locator("main .chip-active")).to_have_attribute("lang", locale)
    _pages_are_drawn(page)
    check(page)
    with page.expect_download() as waiting:
        page.click(f"main form[action='/materials/{SLUG}/download'] button")
    told = _text(waiting.value.path())
    assert HEADLINES[locale] in told
    assert "MorgenrotCoffeeEquipment" in told
    assert waiting.value.suggested_filename.endswith(".pdf")
    assert TITLES[locale][:4] in waiting.value.suggested_filename
    page.reload()
    expect(page.locator("main .facts")).to_contain_text(
        {"en": "this version", "zh-Hant": "這個版本", "zh-Hans": "这个版本"}[locale]
    )
    _speak(page, "en")


def test_the_own_logo_and_lines_change_what_is_printed(
    open_as: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page = open_as("partner").new_page()
    _speak(page, "en")
    page.goto("/materials/profile")
    before = page.locator("main .logo-field img").get_attribute("src")
    phone = f"+41 44 555 {uuid.uuid4().int % 10_000:04}"
    page.fill("main input[name=phone]", phone)
    page.fill("main input[name=email]", "not an address")
    page.click("main form[action='/materials/profile'] button[type=submit]")
    expect(page.locator("[data-error-summary] a")).to_have_count(1)
    expect(page.locator("main input[name=phone]")).to_have_value(phone)
    check(page)
    page.fill("main input[name=email]", "sales@morgenrot-coffee.example")
    page.click("main form[action='/materials/profile'] button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    assert page.locator("main .logo-field img").get_attribute("src") == before
    page.goto("/materials/coffee-machines?language=en")
    with page.expect_download() as waiting:
        page.click("main form[action='/materials/coffee-machines/download'] button")
    assert phone.replace(" ", "") in _text(waiting.value.path())


def test_a_manager_makes_the_next_version_and_the_dealer_sees_it(
    house: House, open_as: Callable[..., BrowserContext]
) -> None:
    desk = open_as("partner_manager").new_page()
    desk.goto("/staff/materials")
    desk.fill("main input[name=q]", "service")
    desk.click("main tbody th a >> text=Service and warranty")
    check(desk)
    desk.click("main a[href$='/versions/new']")
    desk.select_option("main select[name=language]", "en")
    expect(desk.locator("main input[name=headline]")).not_to_have_value("")
    headline = f"Help that comes, {uuid.uuid4().hex[:6]}"
    desk.fill("main input[name=headline]", headline)
    desk.fill("main input[name=note]", "The steps are shorter.")
    check(desk)
    desk.click("main form[action$='/versions/template'] button[type=submit]")
    expect(desk.locator("h1 .state")).to_have_text("Draft")
    _pages_are_drawn(desk)
    check(desk)
    dealer = open_as("partner").new_page()
    _speak(dealer, "en")
    dealer.goto("/materials/service-and-warranty?language=en")
    expect(dealer.locator("main")).not_to_contain_text("The steps are shorter.")
    desk.click("main form[action$='/publish'] button")
    confirm = desk.locator("dialog[open] button.btn-primary, dialog[open] [data-confirm-yes]")
    if confirm.count():
        confirm.first.click()
    # By its words: the notice that the draft was saved still stands there until the answer comes.
    expect(desk.locator("#flashes .notice-success")).to_contain_text("dealers get this version")
    dealer.goto("/materials")
    expect(dealer.locator("main #results")).to_contain_text("The steps are shorter.")
    dealer.goto("/materials/service-and-warranty?language=en")
    expect(dealer.locator("main .facts")).to_contain_text("The steps are shorter.")
    with dealer.expect_download() as waiting:
        dealer.click("main form[action='/materials/service-and-warranty/download'] button")
    assert "".join(headline.split()) in _text(waiting.value.path())
    desk.goto("/staff/materials/downloads")
    expect(desk.locator("main tbody tr").first).to_contain_text("Service and warranty")
    expect(desk.locator("main tbody tr").first).to_contain_text("Morgenrot")
    check(desk)
    desk.goto("/staff/partners")
    desk.click("main tbody th a >> text=Morgenrot Coffee Equipment")
    expect(desk.locator("main .logo-field img")).to_be_visible()
    check(desk)
