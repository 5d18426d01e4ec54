"""Clicks: nothing before a yes, the path of a visitor who signs in, the analyst who reads it, and the end at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House, sign_in

COLLECTOR = "/api/v1/events/batch"
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@contextmanager
def _browser_of(browser: Browser, house: House, **options: object) -> Iterator[tuple[Page, list[Request]]]:
    """A person's own browser, and what it sends to the collector."""
    context = browser.new_context(base_url=house.url, user_agent=PERSON, locale="en", **options)  # type: ignore[arg-type]
    sent: list[Request] = []
    context.on("request", lambda request: sent.append(request) if COLLECTOR in request.url else None)
    try:
        yield context.new_page(), sent
    finally:
        context.close()


def _cookies(page: Page) -> set[str]:
    return {str(cookie["name"]) for cookie in page.context.cookies()}


def _taken(page: Page, address: str) -> int:
    """Opens a page; how many events of it the collector took in."""
    # The page before may still be telling about itself; what counts is what this one says.
    told = f'"path":"{urlsplit(address).path}"'
    with page.expect_response(
        lambda answer: (
            COLLECTOR in answer.url
            and answer.request.resource_type == "fetch"
            and told in (answer.request.post_data or "")
        )
    ) as waiting:
        page.goto(address)
    assert waiting.value.status == 202
    return int(waiting.value.json()["accepted"])


@pytest.mark.parametrize("headers", [{}, {"Sec-GPC": "1"}, {"DNT": "1"}])
def test_nothing_is_sent_and_no_name_given_without_a_yes(
    browser: Browser, house: House, headers: dict[str, str]
) -> None:
    with _browser_of(browser, house, extra_http_headers=headers) as (page, sent):
        for address in ("/", "/shop", "/product/mill-210-espresso", "/cart", "/search?q=filter"):
            page.goto(address)
            page.wait_for_load_state("networkidle")
        assert page.locator(".consent-bar").count() == (0 if headers else 1)
        assert sent == []
        assert _cookies(page) <= {"rapport_session", "rapport_lang", "rapport_theme"}
        assert page.locator("script[src*='clicks.js']").count() == 0


@pytest.mark.parametrize(("width", "theme"), [(320, "dark"), (1280, "light")])
@pytest.mark.parametrize("locale", ["en", "zh-Hant"])
def test_the_question_fits_every_screen_and_weighs_all_answers_alike(
    open_as: Callable[..., BrowserContext], width: int, theme: str, locale: str
) -> None:
    page = open_as(width=width, theme=theme, locale=locale).new_page()
    page.goto("/shop")
    answers = page.locator(".consent-answers .btn")
    expect(answers).to_have_count(3)
    boxes = [answers.nth(number).bounding_box() for number in range(3)]
    assert len({round(box["width"]) for box in boxes if box}) == 1
    looks = answers.evaluate_all(
        "all => all.map(one => { const s = getComputedStyle(one); return s.color + s.backgroundColor + s.fontWeight })"
    )
    assert len(set(looks)) == 1
    check(page)
    page.locator(".consent-answers button[value=decline]").click()
    expect(page.locator(".consent-bar")).to_have_count(0)
    page.goto("/privacy")
    check(page)


def test_a_no_is_remembered_and_sends_nothing(browser: Browser, house: House) -> None:
    with _browser_of(browser, house, java_script_enabled=False) as (page, sent):
        page.goto("/shop?sort=price")
        page.click(".consent-answers button[value=decline]")
        expect(page).to_have_url(f"{house.url}/shop?sort=price")
        page.goto("/cart")
        assert page.locator(".consent-bar").count() == 0
        assert sent == []
        assert "rapport_visitor" not in _cookies(page)


def test_a_path_from_the_first_look_through_signing_in_to_the_analyst_and_its_end(
    browser: Browser, house: House, open_as: Callable[..., BrowserContext]
) -> None:
    with _browser_of(browser, house) as (page, sent):
        page.goto("/shop")
        page.click(".consent-answers button[value=accept]")
        expect(page.locator(".consent-bar")).to_have_count(0)
        assert "rapport_visitor" in _cookies(page)
        assert _taken(page, "/search?q=grinder") >= 1
        page.locator("main .product-name a").first.click()
        page.wait_for_url("**/product/**")
        name = page.locator("h1").inner_text()
        page.click("main article form[action='/cart/items'] button[type=submit]")
        expect(page.locator("#flashes .notice-success")).to_be_visible()
        page.wait_for_timeout(700)  # the page's own short wait before it sends

        sign_in(page, house, "colleague")
        assert "rapport_visitor" not in _cookies(page)
        assert _taken(page, "/cart") >= 1

        desk = open_as("analyst").new_page()
        # What an emulated browser sends while a page ends bears the name of the headless one: a program's.
        desk.goto("/staff/clicks?bots=1")
        visit = desk.locator("tbody tr", has_text="Head barista").first
        visit.locator("th a").click()
        desk.wait_for_url("**/staff/clicks/visits/**")
        trail = desk.locator(".trail")
        for words in ("“grinder”", name, "Put into the cart", "Cart"):
            expect(trail).to_contain_text(words)
        check(desk)
        desk.set_viewport_size({"width": 390, "height": 844})
        check(desk)

        page.goto("/privacy")
        check(page)
        page.uncheck("input[name=clicks]")
        page.click("form[action='/privacy'] button[type=submit]")
        expect(page.locator("#flashes .notice-success")).to_be_visible()
        sent.clear()
        page.goto("/shop")
        page.wait_for_load_state("networkidle")
        assert sent == []
        assert page.locator("script[src*='clicks.js']").count() == 0

        page.goto("/privacy")
        expect(page.locator("#history li").first).to_contain_text("Not allowed")
        page.locator("#joined form button").first.click()
        expect(page.locator("#flashes .notice-success")).to_be_visible()
        page.goto("/privacy")
        page.check("input[name=clicks]")  # as it was, for whoever comes next
        page.click("form[action='/privacy'] button[type=submit]")
        expect(page.locator("#flashes .notice-success")).to_be_visible()
        steps.empty_cart(page)


def test_an_analyst_mends_an_event(
    browser: Browser, house: House, open_as: Callable[..., BrowserContext]
) -> None:
    with _browser_of(browser, house) as (page, _sent):
        page.goto("/shop")
        page.click(".consent-answers button[value=accept]")
        expect(page.locator(".consent-bar")).to_have_count(0)
        told = page.evaluate(
            """async () => (await fetch("/api/v1/events/batch", {method: "POST",
                headers: {"Content-Type": "application/json"},
                body: JSON.stringify({batch: [{type: "track", event: "Kettle Boiled",
                    messageId: "journey-" + crypto.getRandomValues(new Uint32Array(2)).join("")}]})})).json()"""
        )
        assert (told["accepted"], told["quarantined"]) == (0, 1)
        desk = open_as("analyst").new_page()
        desk.goto("/staff/clicks/quarantine?reason=event")
        desk.locator("tbody th a").first.click()
        box = desk.locator("textarea[name=body]")
        expect(box).to_have_value(re.compile("Kettle Boiled"))
        check(desk)
        desk.click("button[value=take]")
        expect(desk.locator("main [role=alert], main .notice-error").first).to_be_visible()
        box.fill(box.input_value().replace("Kettle Boiled", "Cart Viewed"))
        desk.click("button[value=take]")
        expect(desk.locator("#flashes .notice-success")).to_be_visible()
