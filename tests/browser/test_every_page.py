"""Every page of the URL map: found by following links as each role, then looked at with axe in both themes and
at three widths. A page that nobody can reach, and that is not in the tables below, fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.conftest import House

ROLES = [
    "", "private_customer", "customer", "company_administrator", "partner", "administrator", "agent", "supervisor",
    "editor", "marketer", "partner_manager", "analyst",
]  # fmt: skip

# Not pages: answers for programs, pictures and redirects, each with what it is.
NOT_PAGES = {
    "basics.healthz": "for load balancers",
    "basics.readyz": "for load balancers",
    "basics.metrics": "for Prometheus, closed without a token",
    "pictures.product": "a picture",
    "pictures.category": "a picture",
    "shop.suggestions": "JSON for the search box",
    "palette.palette": "JSON for the palette",
}
# Pages behind a mailed link, opened by the journeys; and addresses that no link needs to lead to.
ALSO: dict[str, str] = {}
BY_MAIL: set[str] = set()
SAMPLES_PER_ROLE = 400
WIDTHS = (320, 390, 1280)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Landmarks and heading order are best practice, not WCAG; kept on, but for the one rule that disputes our sign-in on 401 pages.
IGNORED_RULES: set[str] = set()

HREF = re.compile(r"""<a\b[^>]*?\bhref=["']([^"']+)["']""", re.I)
LEAVE = re.compile(r"sign-out|logout|/export|/download", re.I)


def _endpoint(app: Flask, path: str) -> str | None:
    try:
        endpoint, _arguments = app.url_map.bind("127.0.0.1").match(path, method="GET")
    except (RequestRedirect, HTTPException):
        return None
    return str(endpoint)


def _walk(app: Flask, house: House, context: BrowserContext) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of pages that this role reaches by links: one address per endpoint."""
    queue = ["/", "/staff", *ALSO.values()]
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
            or opened.get(endpoint, 0) >= 3
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
                yield reached, landed.path + (f"?{landed.query}" if landed.query else "")
        if kind.startswith("text/html"):
            for link in HREF.findall(answer.text()):
                target = urlsplit(urljoin(house.url + path, unescape(link)))
                if f"{target.scheme}://{target.netloc}" == house.url:
                    queue.append(target.path + (f"?{target.query}" if target.query else ""))


@pytest.fixture(scope="module")
def pages(flask_app: Flask, house: House, browser, states) -> dict[str, tuple[str, str]]:  # type: ignore[no-untyped-def]
    """Endpoint -> (role, address), for the first role that reaches it."""
    known: dict[str, tuple[str, str]] = {}
    for role in ROLES:
        context = browser.new_context(base_url=house.url, storage_state=states(role) if role else None)
        for endpoint, address in _walk(flask_app, house, context):
            known.setdefault(endpoint, (role, address))
        context.close()
    return known


def test_every_page_of_the_url_map_is_reached(flask_app: Flask, pages: dict[str, tuple[str, str]]) -> None:
    wanted = {
        rule.endpoint
        for rule in flask_app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and not str(rule).startswith("/api/")
    }
    assert sorted(wanted - set(pages) - set(NOT_PAGES) - BY_MAIL) == []


def _violations(page: Page) -> list[str]:
    result = Axe().run(
        page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    )
    return [
        f"{found['id']}: {found['help']} at {[node['target'] for node in found['nodes']][:3]}"
        for found in result.response["violations"]
        if found["id"] not in IGNORED_RULES
    ]


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
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(house.url + address)
            where = f"{endpoint} {address} as {role or 'visitor'}"
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                over = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if over > 1:
                    problems.append(f"{where}: {over} px wider than {width}")
            for width, theme in ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                problems += [f"{where} {width} {theme}: {found}" for found in _violations(page)]
            problems += [f"{where}: console: {text}" for text in told]
    assert problems == []
