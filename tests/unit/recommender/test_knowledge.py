"""What a process keeps of those who asked is bounded, and a varied list is filled all the same."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from recommender.evidence import Signal
from recommender.facts import Fact, Facts
from recommender.knowledge import MOST_CONCLUSIONS, Known, Memory
from recommender.past import Past
from recommender.variety import choose

AT = datetime(2026, 3, 1, tzinfo=UTC)


def _known(lines: int) -> Known:
    signals = tuple(Signal("order", uuid.uuid4(), AT) for _line in range(lines))
    return Known(Facts(), frozenset(), Past(signals), 0.0)


def test_the_longest_unused_give_way_by_size() -> None:
    memory = Memory(most=30)
    first, second = _known(9), _known(9)
    memory.put("first", first)
    memory.put("second", second)
    assert memory.find("first") is first
    memory.put("third", _known(14))
    assert memory.find("second") is None
    assert memory.find("first") is first
    memory.put("first", _known(1))
    memory.put("fourth", _known(10))
    assert len(memory) == 3
    memory.clear()
    assert (len(memory), memory.find("first")) == (0, None)


def test_one_past_larger_than_all_is_kept_alone() -> None:
    memory = Memory(most=5)
    memory.put("small", _known(1))
    memory.put("huge", _known(50))
    assert memory.find("huge") is not None
    assert len(memory) == 1


def test_a_conclusion_is_worked_out_once_and_few_are_kept() -> None:
    known, asked = _known(1), []

    def work_out(number: int) -> int:
        asked.append(number)
        return number

    for _again in range(2):
        for number in range(MOST_CONCLUSIONS):
            assert known.conclude(number, lambda number=number: work_out(number)) == number
    assert asked == list(range(MOST_CONCLUSIONS))
    known.conclude("one more", lambda: work_out(99))
    known.conclude(0, lambda: work_out(0))
    assert asked[-2:] == [99, 0]


def test_clicks_that_name_no_product_or_an_unknown_kind_say_nothing() -> None:
    product, click = uuid.uuid4(), uuid.uuid4()
    rows = tuple(
        Fact("click", text, "2026-03-01 10:00:00.000000", None, None, str(click), word)
        for text, word in (("SKU-1", "click"), (str(product), "glance"), (product.hex, "click"))
    )
    known = Known(Facts(rows=rows), frozenset(), Past(), 0.0)
    assert [(one.product_id, one.event_id, one.at) for one in known.evidence.signals] == [
        (product, click, datetime(2026, 3, 1, 10, tzinfo=UTC))
    ]


def test_two_of_a_category_and_two_for_a_cause_at_most() -> None:
    traits = [("coffee", "a"), ("coffee", "a"), ("coffee", "b"), ("tea", "a"), ("tea", "b"), ("mugs", "c")]
    assert choose(traits, 4) == [0, 1, 4, 5]


def test_a_list_is_filled_all_the_same() -> None:
    assert choose([("coffee", "a"), ("coffee", "a"), ("tea", "a"), ("coffee", "b"), ("coffee", "b")], 4) == [
        0,
        1,
        3,
        4,
    ]
    assert choose([("coffee", "a")] * 5, 4) == [0, 1, 2, 3]
    assert choose([(None, None)] * 5, 4) == [0, 1, 2, 3]
    assert choose([], 4) == []
