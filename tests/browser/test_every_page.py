"""Every page of the URL map: found by following links as each role, then looked at with axe in both themes and
at three widths. A page that nobody can reach, and that is not in the tables below, fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser import steps
from tests.browser.axe import look_at
from tests.browser.conftest import House, States

# Some hundred pages, each in two themes at three widths, beside the other lanes of the suite.
pytestmark = pytest.mark.timeout(1800)

ROLES = [
    "", "private_customer", "company_administrator", "customer", "partner", "administrator", "agent", "supervisor",
    "editor", "marketer", "partner_manager", "analyst",
]  # fmt: skip

# Not pages: answers for programs, pictures and redirects, each with what it is.
NOT_PAGES = {
    "basics.healthz": "for load balancers",
    "basics.readyz": "for load balancers",
    "basics.metrics": "for Prometheus, closed without a token",
    "pictures.product": "a picture",
    "pictures.product_dots": "a picture",
    "pictures.category": "a picture",
    "admin_campaigns.preview_mail": "a mail in the frame of admin_campaigns.preview, where no script may run",
    "account.show_mail_html": "a mail in the frame of account.show_mail, where no script may run",
    "checkout.outcome": "a part of checkout.done, which fetches it",
    "help.suggestions": "a part of help.home, which fetches it",
    "materials.picture": "a picture of a page",
    "materials.download_page": "a redirect to the material, for who opens the address of its form",
    "partner_profile.logo": "a picture",
    "admin_materials.picture": "a picture of a page",
    "admin_materials.file": "a document",
    "admin_materials.export": "a CSV file",
    "admin_partners.logo": "a picture",
    "shop.suggestions": "JSON for the search box",
    "mail_choices.ask_unsubscribe": "behind a campaign's mail: test_journey_campaign opens and looks at it",
    "requests.download": "a file",
    "admin_cases.download": "a file",
    "palette.palette": "JSON for the palette",
}
SAMPLES_PER_ROLE = 250
SAMPLES_PER_PAGE = 3

HREF = re.compile(r"""<a\b[^>]*?\bhref=["']([^"']+)["']""", re.I)
LEAVE = re.compile(r"sign-out|logout|/export|/download\b", re.I)


def _endpoint(app: Flask, path: str) -> str | None:
    try:
        endpoint, _arguments = app.url_map.bind("127.0.0.1").match(path, method="GET")
    except RequestRedirect as moved:
        return _endpoint(app, urlsplit(moved.new_url).path)
    except HTTPException:
        return None
    return str(endpoint)


def _walk(app: Flask, house: House, context: BrowserContext, starts: list[str]) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of pages that this role reaches by links: one address per endpoint."""
    queue = [*starts]
    seen: set[str] = set()
    found: set[str] = set()
    opened: dict[str, int] = {}
    while queue and len(seen) < SAMPLES_PER_ROLE:
        path = queue.pop(0)
        bare = urlsplit(path).path
        endpoint = _endpoint(app, bare)
        if (
            path in seen
            or endpoint is None
            or LEAVE.search(path)
            or endpoint in NOT_PAGES
            or opened.get(endpoint, 0) >= SAMPLES_PER_PAGE
        ):
            continue
        seen.add(path)
        opened[endpoint] = opened.get(endpoint, 0) + 1
        answer = context.request.get(house.url + path, max_redirects=3)
        assert answer.status < 500, f"{path} answers {answer.status}"
        landed = urlsplit(answer.url)
        kind = answer.headers.get("content-type", "")
        if answer.status == 200 and kind.startswith("text/html"):
            reached = _endpoint(app, landed.path)
            if reached and reached not in found:
                found.add(reached)
                # A mailed link takes its token out of the address; it is the link that can be opened again.
                yield reached, path if reached == endpoint else landed.path
        if kind.startswith("text/html"):
            for link in HREF.findall(answer.text()):
                target = urlsplit(urljoin(house.url + path, unescape(link)))
                if f"{target.scheme}://{target.netloc}" == house.url:
                    queue.append(target.path + (f"?{target.query}" if target.query else ""))


ADDRESS = {"recipient": "Workshop", "line1": "Quay 3", "postal_code": "20457", "city": "Hamburg"}


@pytest.fixture(scope="module")
def prepared(house: House, browser: Browser, states: States) -> dict[str, list[str]]:
    """Brings about what pages need that no link leads to (mailed links, a full cart, a declined card), and says
    where those pages are: role -> addresses."""
    visitor, guest = browser.new_context(base_url=house.url), steps.new_email("new")
    page = visitor.new_page()
    page.goto("/sign-up")
    for name, value in (("name", "New customer"), ("email", guest), ("password", "a long enough phrase")):
        page.fill(f"main input[name={name}]", value)
    page.click("main form[action='/sign-up'] button[type=submit]")
    states.keep("asked", visitor)
    page.goto("/forgot")
    page.fill("main input[name=email]", house.accounts["analyst"]["email"])
    page.click("main form[action='/forgot'] button[type=submit]")
    page.wait_for_url("**/forgot/sent")
    visitor.close()

    customer = browser.new_context(base_url=house.url, storage_state=states("private_customer"))  # type: ignore[arg-type]
    page = customer.new_page()
    steps.put_in_cart(page, "mill-210-espresso")
    steps.choose(page, payment="card:demo_approves", address=ADDRESS)
    steps.place(page)
    steps.put_in_cart(page, "mill-210-espresso")
    steps.choose(page, payment="card:demo_declines")
    number = steps.place(page)
    page.locator("input[name=payment]").first.wait_for(timeout=steps.LONG)
    steps.put_in_cart(page, "mill-210-espresso")
    steps.choose(page, payment="card:demo_approves")
    page.goto("/requests")
    reference = page.locator("main tbody th .ref").first.inner_text()
    page.goto("/requests/find")
    page.fill("#reference", reference)
    page.fill("#email", house.accounts["private_customer"]["email"])
    page.click("form[action='/requests/find'] button[type=submit]")
    page.goto("/products/new?other=1")
    page.fill("main input[name=name]", "Old kettle")
    page.fill("main input[name=acquired_on]", "2026-01-15")
    page.click("main form[method=post][action='/products/new'] button[type=submit]")
    page.click("main details.confirm-fold summary")
    page.click("main form[action$='/remove'] button[type=submit]")
    page.wait_for_url("**/removed")
    removed = urlsplit(page.url).path
    page.goto("/account/security")
    wanted = steps.new_email("moved")
    page.fill("form[action='/account/email'] input[name=email]", wanted)
    page.fill(
        "form[action='/account/email'] input[name=current]", house.accounts["private_customer"]["password"]
    )
    page.click("form[action='/account/email'] button[type=submit]")
    page.wait_for_load_state()
    customer.close()

    manager = browser.new_context(base_url=house.url, storage_state=states("company_administrator"))  # type: ignore[arg-type]
    page = manager.new_page()
    page.goto("/account/colleagues")
    invited = steps.new_email("colleague")
    page.fill("form[action='/account/colleagues/invite'] input[name=email]", invited)
    page.click("form[action='/account/colleagues/invite'] button[type=submit]")
    page.wait_for_load_state()
    manager.close()

    email = house.accounts["private_customer"]["email"]
    return {
        "asked": ["/sign-up/sent", steps.mailed_link(house, guest, "/verify")],
        "": [
            "/forgot/sent",
            "/search?q=filter",
            steps.mailed_link(house, house.accounts["analyst"]["email"], "/reset"),
            steps.mailed_link(house, invited, "/invitation"),
            steps.mailed_link(house, email, "/o/"),
            steps.mailed_link(house, email, "/r/"),
            "/no-such-page",
        ],
        "agent": ["/staff/search?q=filter"],
        "private_customer": [
            f"/checkout/done/{number}",
            "/checkout/review",
            removed,
            steps.mailed_link(house, wanted, "/email/confirm"),
        ],
    }


@pytest.fixture(scope="module")
def pages(
    flask_app: Flask,
    house: House,
    browser: Browser,
    states: States,
    prepared: dict[str, list[str]],
) -> dict[str, tuple[str, str]]:
    """Endpoint -> (role, address), for the first role that reaches it."""
    known: dict[str, tuple[str, str]] = {}
    for role in ["asked", *ROLES]:
        context = browser.new_context(
            base_url=house.url,
            storage_state=states(role) if role else None,  # type: ignore[arg-type]
        )
        starts = [address.removeprefix(house.url) for address in prepared.get(role, [])]
        more = [] if role == "asked" else ["/", "/staff", "/mailbox"]
        for endpoint, address in _walk(flask_app, house, context, starts + more):
            known.setdefault(endpoint, (role, address))
        context.close()
    return known


def test_every_page_of_the_url_map_is_reached(flask_app: Flask, pages: dict[str, tuple[str, str]]) -> None:
    wanted = {
        rule.endpoint
        for rule in flask_app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and not str(rule).startswith("/api/")
    }
    missing = sorted(wanted - set(pages) - set(NOT_PAGES))
    assert not missing, "\n".join(missing)


def test_no_page_breaks_accessibility_rules_or_its_width(
    house: House, pages: dict[str, tuple[str, str]], open_as: Callable[..., BrowserContext]
) -> None:
    """axe (WCAG 2.2 AA) light and dark on phone and desktop; nothing wider than 320 pixels; no console errors."""
    problems: list[str] = []
    by_role: dict[str, list[tuple[str, str]]] = {}
    for endpoint, (role, address) in sorted(pages.items()):
        by_role.setdefault(role, []).append((endpoint, address))
    for role, listed in by_role.items():
        page = open_as(role).new_page()
        told: list[str] = []
        page.on(
            "console",
            lambda message, told=told: told.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error, told=told: told.append(str(error)))
        for endpoint, address in listed:
            told.clear()
            page.goto(house.url + address)
            where = f"{endpoint} {address} as {role or 'visitor'}"
            problems += [f"{where}: {found}" for found in look_at(page)]
            problems += [f"{where}: console: {text}" for text in told]
    assert not problems, "\n".join(problems)
