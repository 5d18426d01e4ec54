"""Each of the seven roles signs in to a home with its own work, and opens a customer with everything side by side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.axe import check

# role -> a kind of work that is theirs in the demo, waiting or done
THEIRS = {
    "agent": "orders-late",
    "supervisor": "cases-escalated",
    "editor": "article_drafts",
    "marketer": "campaign-drafts",
    "partner_manager": "material_drafts",
    "analyst": "quarantine",
    "administrator": "jobs-dead",
}


@pytest.mark.parametrize("role", THEIRS)
def test_each_role_signs_in_to_its_work(open_as: Callable[..., BrowserContext], role: str) -> None:
    page = open_as(role).new_page()
    page.goto("/staff")
    expect(page.locator("h1")).to_be_visible()
    kinds = [*page.locator("[data-work]").all(), *page.locator("[data-done]").all()]
    keys = {kind.get_attribute("data-work") or kind.get_attribute("data-done") or "" for kind in kinds}
    assert THEIRS[role] in keys
    check(page)
    first = page.locator("[data-work] li a").first
    if first.count():
        address = str(first.get_attribute("href"))
        assert page.request.get(page.url.rsplit("/staff", 1)[0] + address).status == 200


@pytest.mark.parametrize("width", [390, 1280])
def test_a_customer_is_seen_as_a_whole(open_as: Callable[..., BrowserContext], width: int) -> None:
    page = open_as("administrator", width=width, theme="dark").new_page()
    page.goto("/staff/customers?q=nordlicht")
    page.locator("main tbody th a").first.click()
    for panel in ("orders", "cases", "owned", "recommendations", "visits", "mails", "consent"):
        expect(page.locator(f"section#{panel}")).to_be_visible()
    check(page)
    page.locator("nav.jump-links a[href*='person=']").first.click()
    expect(page.locator("nav.jump-links a[aria-current=true][href*='person=']")).to_be_visible()
