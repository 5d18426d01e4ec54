"""References, ids and money: values worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.ids import check_digit, make_reference, new_id, parse_reference
from core.money import Money, from_units, to_units

pytestmark = pytest.mark.no_database


def test_check_digit_is_iso_7064_mod_11_2() -> None:
    # The standard's own worked example (also used by ORCID): 0000-0002-1825-0097 ends in 7.
    product = 0
    for digit in "000000021825009":
        product = (product + int(digit)) * 2 % 11
    assert (12 - product) % 11 == 7
    assert check_digit(21825009) == "7"


@given(st.integers(1000, 10**9), st.data())
def test_every_single_wrong_digit_is_found(number: int, data: st.DataObject) -> None:
    text = str(number)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[position]]))
    wrong = text[:position] + other + text[position + 1 :]
    with pytest.raises(Invalid):
        parse_reference(f"SO-{wrong}-{check_digit(number)}")


@given(st.integers(1000, 10**9))
def test_a_reference_is_understood_however_it_is_typed(number: int) -> None:
    reference = make_reference("SO", number)
    for typed in (
        reference,
        reference.lower(),
        reference.replace("-", ""),
        f"  {reference.replace('-', ' - ')} ",
        reference.replace("-", "–"),
    ):
        assert parse_reference(typed) == reference


def test_a_reference_of_another_kind_is_refused() -> None:
    with pytest.raises(Invalid):
        parse_reference(make_reference("SR", 12345), "SO")


def test_ids_rise_and_are_version_7() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {found.version for found in made} == {7}
    assert {found.variant for found in made} == {"specified in RFC 4122"}


def test_money_keeps_four_places_and_refuses_more() -> None:
    assert to_units(Decimal("12.3456")) == 123456
    assert from_units(123456) == Decimal("12.3456")
    with pytest.raises(ValueError, match="four decimal"):
        to_units(Decimal("0.00001"))


def test_money_does_not_mix_currencies() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "GBP")


def test_money_rounds_half_to_even_at_the_smallest_coin() -> None:
    assert Money(Decimal("0.125"), "EUR").rounded().amount == Decimal("0.12")
    assert Money(Decimal("0.135"), "EUR").rounded().amount == Decimal("0.14")
    assert Money(Decimal("100.5"), "JPY").rounded().amount == Decimal("100")
