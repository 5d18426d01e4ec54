"""What people are shown of their own visits: things by their names, as far as they may see them."""

from __future__ import annotations

import re
import uuid

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from crm.customers.models import Account
from crm.identity.models import User
from tests.factories.articles import make_article
from tests.factories.cases import make_case
from tests.factories.clicks import agree, make_visitor, page, send, track
from tests.factories.goods import make_category, make_product
from tests.factories.orders import make_order
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.factories.statements import statements


@pytest.fixture
def account(session: Session) -> Account:
    return make_account(session)


@pytest.fixture
def customer(session: Session, client: FlaskClient, account: Account) -> User:
    user = make_customer(session, account=account)
    agree(session, person_id=user.id)
    sign_in(client, user)
    return user


def _steps(client: FlaskClient) -> list[str]:
    """The steps as the page tells them, the newest first, with their links and without their times."""
    section = client.get("/privacy").text.partition('id="recorded"')[2].partition("</ul>")[0]
    found = re.findall(
        r'<li [^>]*><span class="min-w-0 break-words">(.*?)</span><span class="text-muted"><time', section
    )
    return [re.sub(r' class="[^"]*"', "", step) for step in found]


@pytest.mark.parametrize(
    "locale, told",
    [
        ("en", ["Filter A", "Machines", "Descale it", "Product", "Category", "Help article", "Order", "Request"]),
        ("zh-Hant", ["濾心甲", "機器", "除垢", "商品", "分類", "說明文章", "訂單", "服務申請"]),
        ("zh-Hans", ["滤芯甲", "机器", "除垢剂", "商品", "分类", "帮助文章", "订单", "服务申请"]),
    ],
)  # fmt: skip
def test_steps_are_told_by_the_names_of_things(
    session: Session, client: FlaskClient, customer: User, account: Account, locale: str, told: list[str]
) -> None:
    customer.locale = locale
    product = make_product(
        session, slug="a", names={"en": "Filter A", "zh-Hant": "濾心甲", "zh-Hans": "滤芯甲"}
    )
    machines = {"en": "Machines", "zh-Hant": "機器", "zh-Hans": "机器"}
    make_category(session, slug="machines", names=machines)
    others = {"zh-Hant": ("除垢", "倒入。"), "zh-Hans": ("除垢剂", "倒入。")}
    article = make_article(session, "Descale it", others=others, slug="descale")
    order = make_order(session, user=customer, account=account)
    case = make_case(session, user=customer, account=account)
    send(client, page("product", str(product.id)))
    send(client, page("category", "machines"))
    send(client, page("article", str(article.id)))
    send(client, page("order", str(order.id)))
    send(client, page("request", str(case.id)))
    name, category, title, *words = told
    assert _steps(client) == [
        f'{words[4]} <a href="/requests/{case.reference}">{case.reference}</a>',
        f'{words[3]} <a href="/orders/{order.number}">{order.number}</a>',
        f'{words[2]} <a href="/help/descale">{title}</a>',
        f'{words[1]} <a href="/shop/machines">{category}</a>',
        f'{words[0]} <a href="/product/a">{name}</a>',
    ]


def test_other_pages_are_told_by_their_path(session: Session, client: FlaskClient, customer: User) -> None:
    product = make_product(session)
    send(client, page("cart"))
    send(client, track("Product Added", product_id=str(product.id), path="/cart"))
    send(client, page("product", str(uuid.uuid4())))
    send(client, page("order", "no id at all"))
    assert _steps(client) == [
        "Order <span>/order</span>",
        "Product <span>/product</span>",
        f'Put into the cart <a href="/product/{product.slug}">{product.names["en"]}</a>',
        "Cart <span>/cart</span>",
    ]


def test_names_tell_nothing_that_is_not_the_readers(
    session: Session, client: FlaskClient, customer: User
) -> None:
    """A browser may send any id; what it names is told only to whom it belongs."""
    company = make_account(session, name="Somebody else")
    other = make_customer(session, account=company)
    order = make_order(session, user=other, account=company)
    case = make_case(session, user=other, account=company)
    draft = make_article(session, "Secret draft", is_published=False)
    for_staff = make_article(session, "Staff only", audience="staff")
    gone = make_product(session, names={"en": "No longer sold"}, is_active=False)
    visitor = client.application.test_client()
    make_visitor(session, visitor)
    for browser in (client, visitor):
        send(browser, page("product", str(gone.id)))
        for kind, thing in (("order", order), ("request", case), ("article", draft), ("article", for_staff)):
            send(browser, page(kind, str(thing.id)))
        assert _steps(browser) == [
            "Help article <span>/article</span>",
            "Help article <span>/article</span>",
            "Request <span>/request</span>",
            "Order <span>/order</span>",
            "Product <span>No longer sold</span>",  # a name, but no page that it could lead to
        ]


def test_the_page_asks_as_often_whatever_was_looked_at(
    session: Session, client: FlaskClient, customer: User
) -> None:
    def look() -> None:
        send(client, page("product", str(make_product(session).id)))
        send(client, page("category", make_category(session).slug))
        send(client, page("article", str(make_article(session).id)))

    def count() -> int:
        with statements() as asked:
            assert client.get("/privacy").status_code == 200
        return len(asked)

    look()
    count()
    few = count()
    look()
    assert len(_steps(client)) == 6
    assert count() == few


def test_the_page_leads_to_the_mails_of_who_can_have_some(
    session: Session, client: FlaskClient, customer: User
) -> None:
    link = '<a class="link" href="/account/mail">Mails from us</a>'
    section = client.get("/privacy").text.partition('id="purpose-marketing"')[2].partition("</li>")[0]
    assert link in section
    assert client.get("/account/mail").status_code == 200
    assert link not in client.application.test_client().get("/privacy").text
    staff = sign_in(client.application.test_client(), make_staff(session))
    assert link not in staff.get("/privacy").text
