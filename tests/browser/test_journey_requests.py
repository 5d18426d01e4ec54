"""A request from an order line: an article offered and a file handed in, the agent's reply and note, the supervisor's
decision, and the customer who reads the brief version and accepts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

NOTE, REASON = "Goodwill up to fifty euros", "Third leak this year; a new machine?"


def _file_from_a_line(page: Page, folder: Path) -> str:
    """Files a repair from the newest order; returns its reference."""
    picture = folder / "pump.txt"
    picture.write_text("It drips from the left hose.", "utf-8")
    page.goto("/orders")
    page.locator("main tbody th a").first.click()
    page.locator("main a[href*='/requests/new'][href*='line=']").first.click()
    expect(page.locator("main .choices a")).to_have_count(7)
    page.click("main .choices a[href*='kind=repair']")
    page.fill("#subject", "Water below the machine")
    page.select_option("#symptom", "leaks")
    page.fill("#text", "After every coffee there is water below the machine.")
    offered = page.locator("#answers a").first
    expect(offered).to_be_visible(timeout=steps.LONG)
    with page.context.expect_page() as opened:
        offered.click()
    opened.value.close()
    expect(page.locator("#answers input[name=read]").first).to_be_checked()
    check(page)
    page.set_input_files("#files", str(picture))
    page.click("main form[action='/requests/new'] button[type=submit]")
    page.wait_for_url("**/requests/SR-*")
    expect(page.locator("main")).to_contain_text("pump.txt")
    return page.url.rpartition("/")[2]


def test_a_request_goes_from_an_order_line_to_an_accepted_solution(
    house: House, open_as: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    phone = open_as("private_customer", width=390).new_page()
    reference = _file_from_a_line(phone, tmp_path)
    email = house.accounts["private_customer"]["email"]
    steps.mailed_link(house, email, f"/requests/{reference}")
    check(phone)

    agent = open_as("agent").new_page()
    agent.goto("/staff/cases?view=unassigned")
    agent.fill("#filter-q", reference)
    expect(agent.locator("main tbody tr")).to_have_count(1)
    agent.locator("main tbody th a").first.click()
    agent.wait_for_url(f"**/staff/cases/{reference}")
    agent.keyboard.press("n")
    expect(agent.locator("#note-text")).to_be_focused()
    agent.fill("#note-text", NOTE)
    agent.click("form[action$='/notes'] button[type=submit]")
    expect(agent.locator("article.message-note")).to_contain_text(NOTE)
    agent.click("details summary[data-key=e]")
    agent.fill("#escalate-reason", REASON)
    agent.click("form[action$='/escalate'] button[type=submit]")
    expect(agent.locator("main .notice-error")).to_contain_text(REASON)
    agent.keyboard.press("r")
    agent.fill("#reply-text", "Please close the tap; we look at it today.")
    agent.click("form[action$='/replies'] button[type=submit]")
    expect(agent.locator("main article.message-mine")).to_contain_text("close the tap")
    check(agent)

    boss = open_as("supervisor").new_page()
    boss.goto("/staff")
    expect(boss.locator("main")).to_contain_text(reference)
    boss.goto(f"/staff/cases/{reference}")
    boss.fill("#resolve-outcome", "A new machine is granted.")
    boss.click("form[action$='/resolve'] button[type=submit]")
    expect(boss.locator("main .notice-error")).to_have_count(0)
    boss.fill("#reply-text", "You get a new machine; we bring it on Friday.")
    boss.select_option("#reply-then", "solved")
    boss.click("form[action$='/replies'] button[type=submit]")
    expect(boss.locator("#flashes .notice-success")).to_be_visible()

    phone.reload()
    main = phone.locator("main")
    expect(main).to_contain_text("You get a new machine; we bring it on Friday.")
    for hidden in (NOTE, REASON, "A new machine is granted.", "Service agent", "supervisor"):
        expect(main).not_to_contain_text(hidden)
    expect(phone.locator("main ol.course li[aria-current=step]")).to_have_count(1)
    phone.click("details summary:has-text('Yes, it is solved')")
    phone.check("input[name=rating][value='5']", force=True)
    phone.click("form[action$='/accept'] button[type=submit]")
    expect(phone.locator("#flashes .notice-success")).to_be_visible()
    expect(phone.locator("main h1 .state")).to_have_text("Closed")
    steps.mailed_link(house, email, f"/requests/{reference}", contains="closed")


def test_a_visitor_gets_a_link_to_a_request_by_mail(
    house: House, open_as: Callable[..., BrowserContext]
) -> None:
    known = open_as("private_customer").new_page()
    known.goto("/requests")
    reference = known.locator("main tbody th .ref").first.inner_text().strip()
    visitor = open_as("", width=320).new_page()
    visitor.goto("/requests/find")
    check(visitor)
    visitor.fill("#reference", reference.lower().replace("-", " "))
    visitor.fill("#email", house.accounts["private_customer"]["email"])
    visitor.click("form[action='/requests/find'] button[type=submit]")
    expect(visitor.locator("#flashes .notice-success")).to_be_visible()
    visitor.goto(steps.mailed_link(house, house.accounts["private_customer"]["email"], "/r/"))
    expect(visitor.locator("h1")).to_contain_text(reference)
    check(visitor)
