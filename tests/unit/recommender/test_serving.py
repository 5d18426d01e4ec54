from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from recommender.artifacts import write_artifact
from recommender.interactions import DAY, Interactions
from recommender.serving import Event, Recommender
from recommender.training import train


def served(folder: Path, data: Interactions, **options) -> Recommender:
    trained = train(data, **options)
    write_artifact(folder, trained.card, trained.arrays)
    return Recommender.load(folder)


def bought(*items: str) -> list[Event]:
    return [Event(item, 1.0, (at + 1) * DAY, "order") for at, item in enumerate(items)]


def test_a_reason_is_the_history_item_that_gave_most(tmp_path: Path, kitchen: Interactions) -> None:
    found = served(tmp_path, kitchen, algorithm="item_item_jaccard").recommend(
        bought("kettle", "lamp"), {"kettle", "lamp"}
    )
    assert [(one.item, one.because_item) for one in found] == [("filter", "kettle"), ("mug", "kettle")]
    assert found[0].score == pytest.approx(2 / 3)


def test_what_nobody_connects_is_filled_from_what_is_popular_without_a_reason(
    tmp_path: Path, kitchen: Interactions
) -> None:
    found = served(tmp_path, kitchen, algorithm="item_item_jaccard").recommend(bought("mug"), {"mug"})
    assert [(one.item, one.because_item) for one in found] == [
        ("kettle", "mug"),
        ("lamp", None),
        ("filter", None),
    ]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_new_visitor_sees_what_is_popular_now(tmp_path: Path, kitchen: Interactions) -> None:
    recommender = served(tmp_path, kitchen, algorithm="item_item_jaccard")
    assert [(one.item, one.because_item) for one in recommender.popular(k=2)] == [
        ("lamp", None),
        ("kettle", None),
    ]
    assert recommender.recommend(bought("unheard of"), k=1)[0].item == "lamp"


def test_excluded_items_context_and_others_than_the_candidates_never_appear(
    tmp_path: Path, kitchen: Interactions
) -> None:
    recommender = served(tmp_path, kitchen, algorithm="item_item_jaccard")
    assert [one.item for one in recommender.recommend(bought("kettle"), {"kettle", "filter"})] == [
        "mug",
        "lamp",
    ]
    assert [one.item for one in recommender.recommend((), set(), {"mug", "ghost"})] == ["mug"]
    assert recommender.recommend((), set(), set()) == []
    beside = recommender.recommend((), set(), None, 2, ["filter"])
    assert [(one.item, one.because_item) for one in beside] == [("kettle", "filter"), ("lamp", None)]
    assert recommender.recommend(bought("kettle"), {"filter", "kettle", "lamp", "mug"}) == []


def test_the_next_list_reflects_the_last_click(tmp_path: Path, shop: Interactions) -> None:
    visits = Interactions.of(
        [f"s{number}" for number in range(40) for _ in range(2)],
        [item for number in range(40) for item in (("a01", "b09") if number % 2 else ("a02", "b10"))],
        None,
        [float(at) for at in range(80)],
    )
    recommender = served(tmp_path, shop, algorithm="item_item_jaccard", sessions=visits)
    for last, expected in (("a01", "b09"), ("a02", "b10")):
        found = recommender.recommend([Event(last, 0.2, 3.0, "click")], {last}, k=5)
        assert (found[0].item, found[0].because_item) == (expected, last)
    old = recommender.recommend([Event("a01", 0.2, 3 * DAY, "click")], {"a01"}, k=5)
    assert {one.item[0] for one in old} == {"a"}


def test_ages_count_from_the_newest_signal_not_from_today(tmp_path: Path, kitchen: Interactions) -> None:
    recommender = served(tmp_path, kitchen, algorithm="popularity")
    assert recommender.newest == 100 * DAY
    assert recommender.ages([99 * DAY, 100 * DAY]) == [DAY, 0.0]
    assert recommender.ages([99 * DAY, 105 * DAY]) == [6 * DAY, 0.0]


def test_replenishment_names_what_is_due(tmp_path: Path) -> None:
    rows = [(user, "filter", day) for user in ("u", "v", "w") for day in (0, 30, 60)] + [("u", "lamp", 1)]
    data = Interactions.of(
        [row[0] for row in rows], [row[1] for row in rows], None, [row[2] * DAY for row in rows]
    )
    recommender = served(tmp_path, data, algorithm="popularity")
    history = [Event("filter", 1.0, 30 * DAY, "order"), Event("lamp", 1.0, 59 * DAY, "order")]
    assert [one.item for one in recommender.replenish(history)] == ["filter", "lamp"]
    assert recommender.replenish(history, {"filter", "lamp"}) == []


@pytest.mark.parametrize("algorithm", ["blend", "learned_ranking"])
def test_learned_models_survive_their_file_and_know_the_taste(
    tmp_path: Path, shop: Interactions, algorithm: str
) -> None:
    recommender = served(tmp_path, shop, algorithm=algorithm)
    assert recommender.card.algorithm == algorithm
    found = recommender.recommend(bought("b01", "b02", "b03"), {"b01", "b02", "b03"}, k=8)
    assert {one.item[0] for one in found} == {"b"}
    assert {one.because_item for one in found} <= {"b01", "b02", "b03"}
    many = recommender.recommend_many([bought("b01", "b02", "b03"), []], [{"b01", "b02", "b03"}, set()], k=8)
    assert many[0] == found
    assert len(many[1]) == 8


def test_auto_compares_every_candidate_and_keeps_the_best(shop: Interactions) -> None:
    card = train(shop, algorithm="auto").card
    assert {one.algorithm for one in card.candidates} == {
        "popularity", "item_item_jaccard", "item_item_cosine", "ease", "recent_buyers", "als", "bpr", "blend", "learned_ranking",
    }  # fmt: skip
    assert card.algorithm == card.candidates[0].algorithm
    assert card.candidates == sorted(card.candidates, key=lambda one: -one.both)


def test_data_without_times_is_split_at_random(shop: Interactions) -> None:
    card = train(replace(shop, times=shop.times * 0, has_time=False), algorithm="auto").card
    assert card.split.startswith("a fifth of each person's items left out")
    assert card.newest_at is None
    assert max(one.recall for one in card.candidates) > 0.5


def test_too_little_data_is_served_all_the_same(tmp_path: Path, kitchen: Interactions) -> None:
    recommender = served(tmp_path, kitchen, algorithm="auto")
    assert recommender.card.algorithm == "item_item_jaccard"
    assert recommender.card.chosen_because == "too little history to compare; item-item needs no tuning"
    one = Interactions.of(["u"], ["i"])
    assert [found.item for found in served(tmp_path, one).recommend(())] == ["i"]
