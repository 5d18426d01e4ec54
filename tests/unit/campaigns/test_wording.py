"""What marketers write is text with placeholders and nothing else (check 21)."""

from __future__ import annotations

import time

import pytest

from campaigns.catalogue import BLOCKS, KINDS, TEXTS
from campaigns.models import KINDS as STORED_KINDS
from campaigns.wording import FIELDS, PLACEHOLDERS, check, check_texts, paragraphs, render
from core.errors import Invalid
from core.i18n import LOCALES

pytestmark = pytest.mark.no_database

VALUES: dict[str, dict[str, object]] = {
    "customer": {"name": "Head barista"},
    "shop": {"name": "Aurora Home"},
    "cart": {"product": "Mill 210", "count": 2, "total": "€12.50"},
    "order": {"number": "SO-1", "product": "Mill 210", "date": "1 May"},
}
HOSTILE = [
    "{{7*7}}",
    "{{ 7 | times: 7 }}",
    "{{config}}",
    "{{ config.items() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ customer.name.__class__ }}",
    "{{ customer | attr('__class__') }}",
    "{{ customer.name | upcase }}",
    '{{ customer.name | default: "{{7*7}}" }}',
    "{{ customer['name'] }}",
    "{{ os.environ }}",
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{% assign a = 1 %}",
    "{% include 'secret' %}",
    "{% render 'secret' %}",
    "{%- liquid echo 'x' -%}",
    "{{{ customer.name }}}",
    "{ {{ customer.name }",
    "{{ customer.name",
    "%} }}",
    "{% comment %}",
    "{# #}{{ self }}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_but_placeholders_is_taken(text: str) -> None:
    started = time.monotonic()
    try:
        written = render(text, kind="left_cart", values=VALUES)
    except Invalid as error:
        assert error.code in {"campaigns.not_a_placeholder", "campaigns.unknown_placeholder"}
    else:
        assert "49" not in written
        assert written.replace("Head barista", "{{ customer.name }}") == text
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "text", ["${7*7}", "#{7*7}", "<%= 7*7 %>", "*{7*7}", "@(7*7)", "{7*7}", "%(config)s", "{0}"]
)
def test_other_languages_stay_as_they_are_written(text: str) -> None:
    assert render(text, kind="left_cart", values=VALUES) == text


def test_values_are_not_read_as_templates() -> None:
    values = {**VALUES, "customer": {"name": "{{7*7}}{% for %}{{ shop.name }}"}}
    assert (
        render("Dear {{ customer.name }}", kind="left_cart", values=values)
        == "Dear {{7*7}}{% for %}{{ shop.name }}"
    )


def test_a_default_stands_in_for_an_empty_value() -> None:
    values = {**VALUES, "customer": {"name": ""}}
    assert (
        render("Dear {{ customer.name | default: 'friend' }}", kind="left_cart", values=values)
        == "Dear friend"
    )


@pytest.mark.parametrize("text", ["{{ order.number }}", "{{ cart.secret }}", "{{ user.password }}"])
def test_unknown_placeholders_are_named(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(text, kind="left_cart", limit=200)
    assert caught.value.code == "campaigns.unknown_placeholder"
    assert caught.value.params["name"] in text


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x00b", "a\x0bb"])
def test_a_subject_is_one_line(text: str) -> None:
    with pytest.raises(Invalid):
        check(text, kind="left_cart", limit=200)


def test_lengths_hold() -> None:
    (problem,) = check_texts("left_cart", "en", {"subject": "x" * 121})
    assert (problem.field, problem.error.code, problem.error.params) == (
        "subject",
        "text.too_long",
        {"limit": 120},
    )
    started = time.monotonic()
    with pytest.raises(Invalid):
        check("{{ " * 200_000, kind="left_cart", limit=3000, one_line=False)
    assert time.monotonic() - started < 1


def test_the_text_of_a_body_becomes_paragraphs() -> None:
    assert paragraphs("one\ntwo\n\n \nthree") == [["one", "two"], ["three"]]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_comes_with_the_house_is_complete_in_three_languages(kind: str) -> None:
    for locale in LOCALES:
        assert check_texts(kind, locale, TEXTS[kind][locale], complete=True) == []
        for field in FIELDS:
            assert "{{" not in render(
                TEXTS[kind][locale][field], kind=kind, values=VALUES, one_line=field != "body"
            )


def test_the_tables_name_the_same_kinds() -> None:
    assert set(STORED_KINDS) == set(KINDS) == set(TEXTS) == set(PLACEHOLDERS)
    assert all(set(kind.blocks) <= set(BLOCKS) for kind in KINDS.values())
