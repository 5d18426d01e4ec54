"""Check 14 in a real browser: texts that want to be more than text open nothing, run nothing and add nothing."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import steps
from tests.browser.conftest import House
from tests.security.markup import MARK, PAYLOADS

HALVES = (PAYLOADS[:32], PAYLOADS[32:])


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page that notes every dialog and every call of the marker's function, whoever calls it."""
    page, seen = context.new_page(), []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    context.expose_function(MARK, lambda *_: seen.append("called"))
    return page, seen


def nodes(page: Page) -> int:
    """Elements or handlers that came out of a text: none has any business on a page."""
    return int(
        page.evaluate(
            """(mark) => [...document.querySelectorAll('*')].filter(node =>
                 (['SCRIPT', 'STYLE'].includes(node.tagName) && node.textContent.includes(mark)) ||
                 [...node.attributes].some(one => one.value.includes(mark) &&
                   (one.name.startsWith('on') || one.name.startsWith('hx-on') ||
                    (['href', 'src', 'action', 'formaction', 'data', 'srcdoc', 'xlink:href'].includes(one.name) &&
                     /^\\s*(javascript|data|vbscript):/i.test(one.value))))).length""",
            MARK,
        )
    )


@pytest.mark.parametrize("texts", HALVES, ids=["first", "second"])
def test_a_request_full_of_markup_is_text_for_customer_and_staff(
    house: House, open_as: Callable[..., BrowserContext], texts: list[str]
) -> None:
    page, seen = watched(open_as("colleague"))
    page.goto("/requests/new?kind=question")
    page.fill("main input[name=subject]", texts[0][:100])
    page.fill("main textarea[name=text]", "\n".join(texts))
    for _ in range(2):  # answers may be offered first
        page.locator("main form button[type=submit].btn-primary").last.click()
        page.wait_for_load_state()
        if "/requests/new" not in page.url:
            break
    reference = page.url.rstrip("/").rsplit("/", 1)[-1].partition("?")[0]
    assert reference.startswith("SR-"), page.url
    assert MARK in page.inner_text("main")
    assert (seen, nodes(page)) == ([], 0)
    page.goto("/requests")
    assert (seen, nodes(page)) == ([], 0)

    agent, told = watched(open_as("agent"))
    for path in (f"/staff/cases/{reference}", f"/staff/cases?q={reference}", "/staff"):
        agent.goto(path)
        assert (told, nodes(agent)) == ([], 0), path
    mail = steps.until(
        lambda: next(iter(steps.list_mails(house, house.accounts["colleague"]["email"])), None), "the mail"
    )
    page.goto(mail)
    assert (seen, nodes(page)) == ([], 0)


def test_searches_full_of_markup_are_text(open_as: Callable[..., BrowserContext]) -> None:
    page, seen = watched(open_as())
    paths = ("/search", "/help/search", "/shop")
    for number, text in enumerate(PAYLOADS):
        path = paths[number % 3]
        page.goto(f"{path}?{urlencode({'q': text})}", wait_until="domcontentloaded")
        assert (seen, nodes(page)) == ([], 0), (path, text)
