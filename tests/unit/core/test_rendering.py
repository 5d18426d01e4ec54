"""Calls from templates do what they do in plain Jinja; what is kept of formats is kept per language and zone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from core.i18n import format_datetime, format_money, format_number, speaking
from core.money import Money
from core.web.rendering import QuickContext

TEMPLATE = """
{%- macro box(label, extra="-") %}[{{ label }}|{{ extra }}|{{ caller() if caller else "" }}]{% endmacro -%}
{%- for item in items %}{% call box(item, extra=shout(item)) %}{{ item }}{% endcall %}{% set mark = item %}{{ seen("mark") }}{{ shout(item) }}{% endfor -%}
{{ box("<b>") }}{{ shout(word=tag) }}{{ Maker(3) }}{{ missing is defined }}"""


@pass_context
def seen(context: Context, name: str) -> object:
    return context.get(name)


def shout(word: str) -> str:
    return word.upper()


class Maker:
    def __init__(self, number: int) -> None:
        self._number = number

    def __str__(self) -> str:
        return f"made {self._number}"


@pytest.mark.no_database
def test_calls_give_what_plain_jinja_gives() -> None:
    values = {"items": ["a", "b"], "tag": "<i>", "seen": seen, "shout": shout, "Maker": Maker}
    plain, quick = Environment(autoescape=True), Environment(autoescape=True)
    quick.context_class = QuickContext

    expected = "[a|A|a]aA[b|B|b]bB[&lt;b&gt;|-|]&lt;I&gt;made 3False"

    assert quick.from_string(TEMPLATE).render(values) == expected
    assert plain.from_string(TEMPLATE).render(values) == expected


@pytest.mark.no_database
def test_formats_follow_language_and_zone_whatever_was_asked_before() -> None:
    moment, amount = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), Money(Decimal("1234.5"), "EUR")
    for _ in range(2):
        with speaking("en", "UTC"):
            assert (format_datetime(moment), format_money(amount)) == ("1 Jul 2026, 22:30", "€1,234.50")
        with speaking("en", "Europe/Berlin"):
            assert format_datetime(moment) == "2 Jul 2026, 00:30"
        with speaking("zh-Hans", "Asia/Shanghai"):
            assert format_datetime(moment) == "2026年7月2日 06:30"
    with speaking("en"):
        assert format_money(Money(Decimal("-0.001"), "EUR")) == "€0.00"
        assert (format_number(1234), format_number(Decimal("1.50"))) == ("1,234", "1.5")
