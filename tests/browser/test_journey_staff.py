"""The staff's side: an order in two parcels, a product renamed and repriced, a colleague and their roles, the audit
log and the jobs."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.axe import check
from tests.browser.conftest import House

ADDRESS = {"recipient": "Front desk", "line1": "Harbour Road 9", "postal_code": "20457", "city": "Hamburg"}


def _ordered(page: Page) -> str:
    steps.empty_cart(page)
    steps.put_in_cart(page, "office-blend-1-kg", 3)
    steps.choose(page, payment="account", address=ADDRESS)
    return steps.place(page)


def _do(page: Page, number: str, step: str) -> None:
    """Presses the first button of this step and waits for the page to come back."""
    with page.expect_navigation():
        page.locator(
            f"form[action^='/staff/orders/{number}/'][action$='{step}'] button[type=submit]"
        ).first.click()
    expect(page.locator("h1")).to_contain_text(number)


def _pack(page: Page, number: str, units: int, tracking: str) -> None:
    form = f"form[action='/staff/orders/{number}/parcels']"
    page.fill(f"{form} input[name^='line-']", str(units))
    page.select_option(f"{form} select[name=carrier]", "postline")
    page.fill(f"{form} input[name=tracking_code]", tracking)
    with page.expect_navigation():
        page.click(f"{form} button[type=submit]")


def test_an_agent_sends_an_order_in_two_parcels_and_the_customer_follows_both(
    house: House, open_as: Callable[..., BrowserContext]
) -> None:
    customer = open_as("customer").new_page()
    number = _ordered(customer)
    agent = open_as("agent").new_page()
    agent.goto(f"/staff/orders?q={number}")
    expect(agent.locator("main tbody th a")).to_have_text([number])
    agent.click("main tbody th a")
    _do(agent, number, "confirm")
    _pack(agent, number, 2, "00340434161094000001")
    check(agent)
    _do(agent, number, "shipped")
    _pack(agent, number, 1, "00340434161094000002")
    _do(agent, number, "shipped")
    email = house.accounts["customer"]["email"]
    steps.mailed_link(house, email, "/o/", contains="00340434161094000002")

    customer.goto(f"/orders/{number}")
    parcels = customer.locator("main a[rel*=external]")
    expect(parcels).to_have_count(2)
    expect(customer.locator("main")).to_contain_text("00340434161094000001")
    expect(customer.locator("main")).to_contain_text("00340434161094000002")
    check(customer)
    _do(agent, number, "delivered")
    customer.reload()
    expect(customer.locator("main h1 ~ *, main header").first).to_be_visible()
    _do(agent, number, "delivered")
    customer.reload()
    expect(customer.locator("main .state").first).to_have_text("Delivered")


def test_an_editor_changes_a_product_and_the_shop_and_its_search_know(
    open_as: Callable[..., BrowserContext],
) -> None:
    page = open_as("editor").new_page()
    page.goto("/staff/catalogue/?q=water+filter")
    page.locator("main tbody th a, main tbody a").first.click()
    page.wait_for_url("**/staff/catalogue/products/**")
    product = page.url
    slug = str(page.get_attribute("main a[href^='/product/']", "href"))
    before = page.input_value("input[name=name_en]")
    page.fill("input[name=name_en]", "Zephyrine limescale cartridge")
    page.fill("input[name=price]", "17.35")
    page.click("form[action^='/staff/catalogue/products/']:not([action$=stock]) button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    on_hand = page.locator(".console-aside dd").first.inner_text()
    page.fill("input[name=change]", "7")
    page.click("form[action$='/stock'] button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    assert page.locator(".console-aside dd").first.inner_text() != on_hand
    check(page)

    shop = open_as().new_page()
    shop.goto(slug)
    expect(shop.locator("h1")).to_have_text("Zephyrine limescale cartridge")
    expect(shop.locator("main article").first).to_contain_text("17.35")

    def found() -> bool:
        shop.goto("/search?q=zephyrine")
        return shop.locator(f"main .product-name a[href='{slug}']").count() == 1

    steps.until(found, "the new name in the search")
    page.goto(product)
    page.fill("input[name=name_en]", before)
    page.click("form[action^='/staff/catalogue/products/']:not([action$=stock]) button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()


def test_an_administrator_invites_a_colleague_changes_roles_and_finds_both_in_the_audit_log(
    house: House, open_as: Callable[..., BrowserContext]
) -> None:
    email = steps.new_email("agent")
    page = open_as("administrator").new_page()
    page.goto("/staff/users/new")
    page.fill("main input[name=name]", "Second agent")
    page.fill("main input[name=email]", email)
    page.check("main input[name=roles][value=agent]")
    page.click("main form[action='/staff/users/new'] button[type=submit]")
    page.wait_for_url(lambda address: not address.endswith("/new"))
    if "/staff/users/" not in page.url:
        page.click("main a:has-text('Second agent')")
    page.wait_for_url("**/staff/users/**")
    user = page.url
    page.check("main input[name=roles][value=editor]")
    page.click("main form[action$='/roles'] button[type=submit]")
    expect(page.locator("#flashes .notice-success")).to_be_visible()
    expect(page.locator("main input[name=roles][value=editor]")).to_be_checked()
    check(page)

    theirs = open_as().new_page()
    theirs.goto(steps.mailed_link(house, email, "/invitation"))
    theirs.fill("main input[name=password]", "a quiet second agent")
    theirs.click("main form[action='/invitation'] button[type=submit]")
    theirs.wait_for_url(lambda address: "/invitation" not in address)
    if "/sign-in" in theirs.url:
        steps.sign_in_with(theirs, email, "a quiet second agent")
    assert theirs.goto("/staff/orders").status == 200  # type: ignore[union-attr]
    assert theirs.goto("/staff/audit").status == 403  # type: ignore[union-attr]
    check(theirs)

    page.goto(f"/staff/audit?kind=user&id={user.rpartition('/')[2]}")
    actions = page.locator("main tbody tr td:nth-of-type(2) code").all_inner_texts()
    told = [text.strip() for text in actions]
    assert [one for one in told if one.startswith("staff.")] == ["staff.roles_changed", "staff.created"]
    expect(page.locator("main tbody")).to_contain_text('["agent"] → ["agent", "editor"]')
    check(page)


def test_the_console_is_used_by_keyboard(open_as: Callable[..., BrowserContext]) -> None:
    page = open_as("agent").new_page()
    page.goto("/staff/orders")
    first = page.locator("main tbody th a").first.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/staff/orders/{first}")
    page.keyboard.press("Control+k")
    expect(page.locator("dialog[open] input")).to_be_focused()
