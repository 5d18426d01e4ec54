"""Check 14 on help articles: markup in any text of an article, an answer or a search is text on every page."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.transaction import transaction
from knowledge_base.feedback import give_feedback
from tests.factories.articles import READERS, make_article, make_shelf
from tests.factories.people import make_staff, sign_in
from tests.factories.web import post
from tests.security.markup import MARK, PAYLOADS, Page


def _look(client: FlaskClient, url: str, **query: str) -> bool:
    """Whether the marker is on the page at all; fails where it is more than text."""
    answer = client.get(url, query_string=query)
    assert answer.status_code == 200, (url, answer.status_code)
    page = Page()
    page.feed(answer.text)
    assert page.bad == [], (url, page.bad)
    return page.seen


@pytest.mark.parametrize("part", ["title", "summary", "body", "tag"])
def test_markup_in_an_article_is_text_everywhere(client: FlaskClient, session: Session, part: str) -> None:
    sign_in(client, make_staff(session, "administrator"))
    visitor = client.application.test_client()
    for number, payload in enumerate(PAYLOADS):
        line = " ".join(payload.split())
        values: dict[str, object] = {part: payload if part == "body" else line[:120]}
        if part == "tag":
            values = {"tags": (line[:40],)}
        article = make_article(
            session, slug=f"it-{number}", kind="faq" if number % 2 else "article", **values
        )  # type: ignore[arg-type]
        assert _look(visitor, f"/help/{article.slug}") or part == "tag", payload
        assert _look(client, f"/staff/articles/{article.id}") or part == "tag", payload
        assert _look(client, f"/staff/articles/{article.id}/versions/en/1") or part == "tag", payload
        part_of_desk = post(client, "/staff/articles/preview", {"body": payload}).text
        page = Page()
        page.feed(part_of_desk)
        assert page.bad == [], payload
    for reader in (visitor, client):
        _look(reader, "/help")
        for page_number in range(1, 5):
            _look(reader, "/help/search", page=str(page_number))
        for words in (MARK, "script", "javascript", "img"):
            _look(reader, "/help/search", q=words)
            _look(reader, "/help/suggestions", q=words)
            _look(reader, "/search", q=words)
    _look(client, "/staff/articles")
    _look(client, "/staff/articles", q=MARK)


def test_markup_in_categories_answers_and_searches_is_text(client: FlaskClient, session: Session) -> None:
    sign_in(client, make_staff(session, "administrator"))
    visitor = client.application.test_client()
    article = make_article(session, slug="it", shelf="marked")
    shelf = make_shelf(session, "marked")
    for number, payload in enumerate(PAYLOADS):
        line = " ".join(payload.split())
        shelf.names, shelf.summaries = {"en": line[:80]}, {"en": line}
        session.flush()
        with transaction() as writing:
            give_feedback(
                writing,
                actor=READERS["public"],
                browser=f"b{number}",
                slug="it",
                locale="en",
                is_helpful=False,
                comment=payload,
            )
        assert _look(client, f"/staff/articles/{article.id}"), payload
        assert _look(visitor, "/help"), payload
        for url in ("/help/search", "/search"):
            assert _look(visitor, url, q=line), (url, payload)
        for name in ("category", "kind", "page", "lang"):
            _look(visitor, "/help/search", **{name: line})
            _look(visitor, "/help/it", **{name: line})
        _look(visitor, "/help/suggestions", q=line)
        _look(
            client,
            "/staff/articles",
            q=line,
            state=line,
            missing=line,
            category=line,
            audience=line,
            sort=line,
        )
        _look(client, "/staff/articles/categories")
    refused = post(
        visitor, "/help/it/feedback", {"helpful": "no", "reason": PAYLOADS[0], "comment": PAYLOADS[7]}
    )
    page = Page()
    page.feed(refused.text)
    assert (refused.status_code, page.bad, page.seen) == (422, [], True)
