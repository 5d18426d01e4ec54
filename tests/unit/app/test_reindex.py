"""`rapport reindex` as a person runs it."""

from __future__ import annotations

from click.testing import CliRunner
from sqlalchemy.orm import Session

from app.cli import cli
from core.search import SearchQuery, search
from tests.factories.goods import make_product


def test_the_catalogue_is_found_after_a_rebuild(session: Session) -> None:
    product = make_product(session, names={"en": "Quartz kettle descaler"})
    session.flush()

    done = CliRunner().invoke(cli, ["reindex", "product"], catch_exceptions=False)

    assert done.exit_code == 0
    hits = search(session, SearchQuery(kind="product", text="quartz descaler")).hits
    assert [hit.id for hit in hits] == [product.id]


def test_an_unknown_kind_is_named_with_those_that_exist() -> None:
    done = CliRunner().invoke(cli, ["reindex", "nonsense"])

    assert done.exit_code == 2
    assert "nonsense; known are" in done.output
    assert "product" in done.output
