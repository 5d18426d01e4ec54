"""Somebody looks for help: mistyped, in Chinese, as they type; says whether it helped. An editor writes an answer
that was missing, looks at it, publishes it, and the next reader finds it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check

TITLES = "#results .article-list .title a"


def _search(page: Page, text: str) -> list[str]:
    page.goto(f"/help/search?q={text}")
    return [
        str(href)
        for href in page.locator(TITLES).evaluate_all("all => all.map(one => one.getAttribute('href'))")
    ]


def test_a_visitor_finds_an_article_in_spite_of_a_mistake_and_says_that_it_helped(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as(width=390).new_page()
    steps.until(lambda: _search(page, "descale"), "the index of articles")
    page.goto("/help")
    expect(page.locator("h1")).to_have_text("How can we help?")
    page.locator("#help-q").press_sequentially("descalling esspresso", delay=20)
    first = page.locator("#help-live a").first
    expect(first).to_contain_text("espresso machine")
    expect(first.locator("mark").first).to_be_visible()
    check(page)
    page.locator("#help-q").press("Enter")
    page.wait_for_url("**/help/search?q=descalling+esspresso")
    expect(page.locator("#results mark").first).to_be_visible()
    page.locator(TITLES, has_text="Descale your espresso machine").click()
    expect(page.locator("h1")).to_have_text("Descale your espresso machine step by step")
    page.get_by_role("button", name="Yes, it helped").click()
    expect(page.locator("#feedback")).to_contain_text("You said: it helped.")
    page.get_by_role("button", name="It did not help after all").click()
    expect(page.locator("#feedback")).to_contain_text("You said: it did not help.")
    page.get_by_label("It is hard to understand").check()
    page.fill("#feedback textarea", "Which of the two buttons?")
    page.locator("#feedback").get_by_role("button", name="Send").click()
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    expect(page.locator("#feedback textarea")).to_have_value("Which of the two buttons?")
    expect(page.locator("#feedback").get_by_role("link", name="Ask us instead")).to_have_attribute(
        "href", re.compile("^/requests/new\\?kind=question")
    )
    check(page)


def test_both_kinds_of_chinese_find_each_other_and_are_read_in_ones_own(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as(locale="zh-TW").new_page()
    traditional = steps.until(lambda: _search(page, "濾網"), "the index of articles")
    assert _search(page, "滤网") == traditional
    expect(page.locator("#results mark").first).to_have_text(re.compile("濾網"))
    check(page)
    page.goto("/help/change-purifier-filter")
    expect(page.locator("h1")).to_have_text("更換空氣清淨機濾網並重設提示")
    page.goto("/help/service-hours-on-holidays")
    expect(page.locator(".notice-info")).to_contain_text("這篇文章還沒有繁體中文版，您現在看到的是英文版。")
    expect(page.locator("main article")).to_have_attribute("lang", "en")
    check(page)


def test_each_reader_gets_their_own_shelf(open_as: Callable[..., BrowserContext]) -> None:
    seen = {}
    for role in ("", "customer", "partner", "agent"):
        page = open_as(role).new_page()
        page.goto("/help")
        shelves = page.locator(".shelf").count()
        page.goto("/help/search?q=goodwill")
        seen[role] = (shelves, page.locator(TITLES).count() > 0)
    assert [found for _shelves, found in seen.values()] == [False, False, False, True]
    assert seen["agent"][0] > seen[""][0]


def test_search_and_answers_work_without_javascript(browser, house) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(base_url=house.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/help")
    page.fill("#help-q", "refund")
    page.click(".help-ask button")
    page.locator(TITLES).first.click()
    page.get_by_role("button", name="No, it did not").click()
    expect(page.locator("#feedback")).to_contain_text("You said: it did not help.")
    context.close()


def test_an_editor_writes_looks_and_publishes_and_the_next_reader_finds_it(
    open_as: Callable[..., BrowserContext],
) -> None:
    word = f"quill{''.join(secrets.choice('bcdfghjk') for _ in range(6))}"
    desk = open_as("editor").new_page()
    desk.goto("/staff")
    expect(desk.get_by_text("Drafts to be published")).to_be_visible()
    desk.goto("/staff/articles")
    check(desk)
    desk.get_by_role("link", name="New article").click()
    desk.select_option("select[name=category_id]", label="Cleaning and descaling")
    desk.fill("input[name=title]", f"Clean the {word}")
    desk.fill("textarea[name=summary]", "Once a week, in two minutes.")
    desk.fill(
        "textarea[name=body]", f"## Open it\n\n1. Turn the **{word}** to the left.\n2. <b>Rinse</b> it."
    )
    expect(desk.locator("#preview h2")).to_have_text("Open it")
    expect(desk.locator("#preview li strong")).to_have_text(word)
    expect(desk.locator("#preview")).to_contain_text("<b>Rinse</b>")
    check(desk)
    desk.get_by_role("button", name="Save draft").click()
    expect(desk.locator("#flashes")).to_contain_text("Readers do not see it yet.")
    check(desk)
    reader = open_as("customer").new_page()
    assert _search(reader, word) == []
    expect(reader.locator("#results .empty")).to_be_visible()
    desk.get_by_role("button", name="Save and publish").click()
    expect(desk.locator("#flashes")).to_contain_text("Readers see this version now.")
    assert steps.until(lambda: _search(reader, word), "the new article in the index") == [
        f"/help/clean-the-{word}"
    ]
    reader.locator(TITLES).click()
    expect(reader.locator("h1")).to_have_text(f"Clean the {word}")
    desk.get_by_role("button", name="Unpublish").click()
    desk.locator("dialog[open] button.btn-error, dialog[open] button.btn-primary").first.click()
    expect(desk.locator("#flashes")).to_contain_text("do not see this language any more")
    reader.goto(f"/help/clean-the-{word}")
    expect(reader.locator("h1")).not_to_have_text(f"Clean the {word}")


def test_two_editors_are_told_of_each_other(open_as: Callable[..., BrowserContext]) -> None:
    first, second = open_as("editor").new_page(), open_as("administrator").new_page()
    first.goto("/staff/articles?q=brochure")
    first.locator("#results tbody th a").first.click()
    second.goto(first.url)
    first.fill("textarea[name=summary]", f"First {secrets.token_hex(3)}")
    first.get_by_role("button", name="Save draft").click()
    expect(first.locator("#flashes .notice-success")).to_be_visible()
    second.fill("textarea[name=summary]", "Second, typed meanwhile")
    second.get_by_role("button", name="Save draft").click()
    expect(second.locator("[data-error-summary]")).to_contain_text("while you were writing")
    expect(second.locator("textarea[name=summary]")).to_have_value("Second, typed meanwhile")
    check(second)
