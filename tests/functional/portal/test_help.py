"""The help pages as visitors, customers and dealers meet them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.engine import new_session
from knowledge_base.models import ArticleFeedback
from tests.factories.articles import make_article
from tests.factories.goods import make_category, make_product
from tests.factories.people import make_customer, make_staff, make_user, sign_in
from tests.factories.web import post


@pytest.fixture
def session() -> Iterator[Session]:
    """For preparing and looking: it holds no transaction around the requests, some of which are refused."""
    found = new_session(write=True)
    yield found
    found.close()


def _main(client: FlaskClient, url: str, **query: str) -> str:
    answer = client.get(url, query_string=query)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.text.partition("<main")[2].partition("</main>")[0]


def _links(html: str) -> list[str]:
    return [slug for slug in re.findall(r'href="/help/([a-z0-9-]+)"', html) if slug != "search"]


def test_home_shows_topics_questions_and_what_helped(client: FlaskClient, session: Session) -> None:
    make_article(session, "Descale it", slug="descale")
    make_article(session, "How long does it last?", slug="how-long", kind="faq", shelf="filters")
    make_article(session, "For staff", slug="secret", audience="staff", shelf="for-staff")
    page = _main(client, "/help")
    assert "How can we help?" in page
    assert 'href="/help/search?category=filters"' in page
    assert "for-staff" not in page
    assert set(_links(page)) == {"descale", "how-long"}


def test_an_empty_help_says_what_to_do(client: FlaskClient) -> None:
    page = _main(client, "/help")
    assert "Articles will be here soon" in page
    assert 'href="/requests/new?kind=question"' in page


def test_search_filters_pages_and_empty_answers(client: FlaskClient, session: Session) -> None:
    for number in range(12):
        make_article(session, f"Tray number {number}", slug=f"tray-{number}", shelf="cleaning")
    make_article(session, "Tray question", slug="tray-question", kind="faq", shelf="filters")
    first = _main(client, "/help/search", q="tray")
    assert "13 articles" in first
    assert len(_links(first)) == 10
    assert "Page 1 of 2" in first
    assert len(_links(_main(client, "/help/search", q="tray", page="2"))) == 3
    assert _links(_main(client, "/help/search", q="tray", category="filters")) == ["tray-question"]
    assert _links(_main(client, "/help/search", q="tray", kind="faq")) == ["tray-question"]
    assert _links(_main(client, "/help/search", category="filters")) == ["tray-question"]
    nothing = _main(client, "/help/search", q="zeppelin & more")
    assert "No article fits yet" in nothing
    assert "/requests/new?kind=question&amp;subject=zeppelin+%26+more" in nothing
    for wrong in ({"page": "x"}, {"page": "99999"}, {"kind": "novel"}, {"category": "no-such"}):
        _main(client, "/help/search", q="tray", **wrong)


def test_hostile_words_are_only_words(client: FlaskClient, session: Session) -> None:
    plain = make_article(session, "Nothing special", slug="plain", body="axb 1000")
    signed = make_article(session, "Signs", slug="signed", body="a_b and 100% of c\\d")
    for text in (
        "'",
        '"',
        "\\",
        "*",
        "(",
        "AND",
        "/(a+)+$/",
        "_exists_:title",
        "\u202e",
        "x" * 500,
        "除" * 150,
        "%" * 100,
    ):
        for url in ("/help/search", "/help/suggestions", "/search"):
            assert client.get(url, query_string={"q": text}).status_code == 200, (url, text)
    for text in ("a_b", "100%", "c\\d"):
        assert _links(_main(client, "/help/search", q=text)) == [signed.slug], (text, plain.slug)
    assert client.get("/help/search", query_string={"q": "x" * 10_000}).status_code == 400


def test_what_is_typed_gets_answers_at_once(client: FlaskClient, session: Session) -> None:
    make_article(session, "Descale it", slug="descale")
    assert _links(client.get("/help/suggestions?q=descale").text) == ["descale"]
    assert client.get("/help/suggestions?q=d").text.strip() == ""
    assert client.get("/help/suggestions?q=").text.strip() == ""
    assert "Nothing found yet" in client.get("/help/suggestions?q=zeppelin").text


def test_an_article_in_the_readers_language_or_the_nearest(client: FlaskClient, session: Session) -> None:
    product = make_product(session, slug="the-machine", category=make_category(session))
    article = make_article(
        session,
        "Empty the tray",
        slug="tray",
        body="## Pull\n\nout",
        skus=[product.sku],
        others={"zh-Hant": ("清空滴水盤", "請拉出。")},
    )
    english = _main(client, "/help/tray")
    assert f'data-page-kind="article" data-page-id="{article.id}"' in english
    assert '<h2 id="s-pull">Pull</h2>' in english
    assert 'href="/product/the-machine"' in english
    assert "Not in your language" not in english
    client.set_cookie("rapport_lang", "zh-Hant", domain="localhost")
    assert "清空滴水盤" in _main(client, "/help/tray")
    client.set_cookie("rapport_lang", "zh-Hans", domain="localhost")
    simplified = _main(client, "/help/tray")
    assert "这篇文章还没有简体中文版，您现在看到的是繁体中文版。" in simplified
    assert '<article class="panel article-body" lang="zh-Hant">' in simplified
    assert "Empty the tray" in _main(client, "/help/tray", lang="en")


@pytest.mark.parametrize(
    ("audience", "readable"),
    [("public", "vcps"), ("customers", "cps"), ("partners", "ps"), ("staff", "s"), ("draft", "")],
)
def test_an_article_of_others_is_not_there(
    client: FlaskClient, session: Session, audience: str, readable: str
) -> None:
    is_draft = audience == "draft"
    make_article(session, slug="it", audience="public" if is_draft else audience, is_published=not is_draft)
    people = {
        "c": make_customer(session), "p": make_user(session, kind="partner"), "s": make_staff(session, "agent"), "v": None,
    }  # fmt: skip
    for key, user in people.items():
        browser = client.application.test_client()
        if user is not None:
            sign_in(browser, user)
        expected = 200 if key in readable else 404
        assert browser.get("/help/it").status_code == expected, key
        assert post(browser, "/help/it/feedback", {"helpful": "yes"}).status_code == (
            303 if expected == 200 else 404
        )


def test_a_visitor_answers_changes_the_answer_and_says_why(client: FlaskClient, session: Session) -> None:
    make_article(session, slug="tray")

    def rows() -> list[tuple[bool, str, str]]:
        found = session.scalars(select(ArticleFeedback).execution_options(populate_existing=True))
        return [(row.is_helpful, row.reason, row.comment) for row in found]

    answer = post(client, "/help/tray/feedback", {"helpful": "yes"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/help/tray#feedback"
    assert "You said: it helped." in _main(client, "/help/tray")
    post(client, "/help/tray/feedback", {"helpful": "no"})
    page = _main(client, "/help/tray")
    assert "You said: it did not help." in page
    assert "Ask us instead" in page
    post(
        client,
        "/help/tray/feedback",
        {"helpful": "no", "told": "1", "reason": "unclear", "comment": "Step <2>?"},
    )
    assert rows() == [(False, "unclear", "Step <2>?")]
    assert "Step &lt;2&gt;?" in _main(client, "/help/tray")
    for wrong in (
        {"helpful": "maybe"},
        {},
        {"helpful": "no", "reason": "solved"},
        {"helpful": "no", "comment": "x" * 1001},
    ):
        assert post(client, "/help/tray/feedback", wrong).status_code == 422, wrong
    assert rows() == [(False, "unclear", "Step <2>?")]
    assert "You said" not in _main(client.application.test_client(), "/help/tray")


def test_a_person_who_answered_before_signing_in_has_one_answer(
    client: FlaskClient, session: Session
) -> None:
    article = make_article(session, slug="tray")
    post(client, "/help/tray/feedback", {"helpful": "yes"})
    user = make_customer(session)
    with client.session_transaction() as held:
        held["_user_id"], held["_fresh"] = str(user.id), True
    sign_in(client, user)
    post(client, "/help/tray/feedback", {"helpful": "no"})
    session.refresh(article)
    assert article.unhelpful_count == 1


def test_too_many_answers_are_slowed_down(client: FlaskClient, session: Session) -> None:
    make_article(session, slug="tray")
    codes = [post(client, "/help/tray/feedback", {"helpful": "yes"}).status_code for _ in range(31)]
    assert codes == [303] * 30 + [429]


def test_the_shop_shows_articles_of_its_own(client: FlaskClient, session: Session) -> None:
    product = make_product(
        session, slug="the-machine", names={"en": "Tray machine"}, category=make_category(session)
    )
    make_article(session, "Empty the tray", slug="tray", skus=[product.sku])
    make_article(session, "Tray secrets", slug="secret", audience="staff", skus=[product.sku])
    assert set(_links(_main(client, "/product/the-machine"))) == {"tray"}
    found = _main(client, "/search", q="tray")
    assert _links(found) == ["tray"]
    assert "From the help" in found
    assert "From the help" not in _main(client, "/search", q="zeppelin")
