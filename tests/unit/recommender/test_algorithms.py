"""Each algorithm against answers counted by hand or by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.algorithms.base import Query
from recommender.algorithms.ease import Ease
from recommender.algorithms.factors import Als, Bpr
from recommender.algorithms.item_item import ItemItem
from recommender.algorithms.popularity import HALF_LIVES, Popularity
from recommender.algorithms.recent_buyers import RecentBuyers
from recommender.algorithms.repurchase import Repurchase
from recommender.algorithms.sessions import SessionNeighbours
from recommender.interactions import DAY, Interactions


def query(data: Interactions, *items: str) -> Query:
    places = [data.item_ids.tolist().index(item) for item in items]
    return Query.of(places, [1.0] * len(places), [float(at) for at in range(len(places))])


def scores(data: Interactions, algorithm, *items: str) -> dict[str, float]:
    model = algorithm.open(algorithm.fit(data, data.newest), data.n_items)
    found = model.scores(query(data, *items))[0]
    return dict(zip(data.item_ids.tolist(), found.tolist(), strict=True))


def test_a_pair_adds_up_to_one_and_remembers_its_first_and_last_time() -> None:
    data = Interactions.of(["u", "u", "u"], ["i", "i", "j"], [0.4, 0.9, 0.2], [30.0, 10.0, 20.0])
    assert data.pairs.weights.tolist() == [1.0, 0.2]
    assert data.pairs.newest.tolist() == [30.0, 20.0]
    assert data.pairs.oldest.tolist() == [10.0, 20.0]


def test_interactions_survive_their_file(tmp_path, kitchen: Interactions) -> None:
    kitchen.save(tmp_path / "k.npz")
    found = Interactions.load(tmp_path / "k.npz")
    assert found.user_ids.tolist() == kitchen.user_ids.tolist()
    assert found.items.tolist() == kitchen.items.tolist()
    assert found.times.tolist() == kitchen.times.tolist()


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_that_is_no_signal_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weights must be finite and above 0"):
        Interactions.of(["u"], ["i"], [weight])


def test_a_history_is_distinct_items_newest_first() -> None:
    found = Query.of([3, 1, 3], [0.3, 1.0, 0.3], [9.0, 4.0, 2.0])
    assert found.items.tolist() == [3, 1]
    assert found.weights.tolist() == pytest.approx([0.6, 1.0])
    assert (found.ages.tolist(), found.oldest, found.days) == ([2.0, 4.0], 9.0, 3)


def test_popularity_halves_per_half_life_counted_from_the_newest_signal(kitchen: Interactions) -> None:
    found = scores(kitchen, Popularity())
    half_life = HALF_LIVES[0]
    assert found["lamp"] == pytest.approx(1 + 0.5 ** (1 / half_life))
    assert found["kettle"] == pytest.approx(sum(0.5 ** (age / half_life) for age in (99, 97, 95)), rel=1e-4)


def test_item_item_by_hand(kitchen: Interactions) -> None:
    jaccard = scores(kitchen, ItemItem("jaccard"), "kettle")
    assert jaccard == pytest.approx({"filter": 2 / 3, "kettle": 0.0, "lamp": 0.0, "mug": 1 / 3})
    cosine = scores(kitchen, ItemItem("cosine"), "kettle")
    assert cosine == pytest.approx({"filter": 2 / 6**0.5, "kettle": 0.0, "lamp": 0.0, "mug": 1 / 3**0.5})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 9)), min_size=1, max_size=60),
    st.sampled_from(["jaccard", "cosine"]),
)
def test_item_item_equals_brute_force(rows: list[tuple[int, int]], measure) -> None:
    data = Interactions.of([f"u{user}" for user, _ in rows], [f"i{item}" for _, item in rows])
    takers = {
        item: {f"u{user}" for user, other in rows if f"i{other}" == item} for item in data.item_ids.tolist()
    }
    for source, buyers in takers.items():
        found = scores(data, ItemItem(measure), source)
        for target, people in takers.items():
            common = len(buyers & people)
            below = len(buyers | people) if measure == "jaccard" else (len(buyers) * len(people)) ** 0.5
            assert found[target] == pytest.approx(0.0 if source == target else common / below, rel=1e-5)


def test_of_each_target_only_the_best_sources_are_kept() -> None:
    rows = [("u1", "a"), ("u1", "b"), ("u1", "t"), ("u2", "a"), ("u2", "t"), ("u3", "b")]
    data = Interactions.of([user for user, _ in rows], [item for _, item in rows])
    assert scores(data, ItemItem("jaccard", neighbours=1), "a")["t"] == pytest.approx(1.0)
    assert scores(data, ItemItem("jaccard", neighbours=1), "b")["t"] == 0.0


def test_ease_equals_its_closed_form(shop: Interactions) -> None:
    matrix = shop.matrix().toarray()
    inverse = np.linalg.inv(matrix.T @ matrix + 20.0 * np.eye(shop.n_items))
    expected = inverse / -np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    found = scores(shop, Ease(penalty=20.0), "a03", "a07")
    places = [shop.item_ids.tolist().index(item) for item in ("a03", "a07")]
    assert list(found.values()) == pytest.approx(expected[places].sum(axis=0).tolist(), abs=1e-5)


def test_ease_of_a_large_catalogue_keeps_to_the_most_taken(kitchen: Interactions) -> None:
    found = scores(kitchen, Ease(penalty=1.0, max_items=2), "kettle")
    assert found["mug"] == 0.0
    assert found["filter"] == found["lamp"] == 0.0 or found["filter"] > 0


def test_recent_buyers_by_hand(kitchen: Interactions) -> None:
    found = scores(kitchen, RecentBuyers(), "kettle")
    likeness = (1 / 2) ** 2  # each of the three shares one of two
    assert found["filter"] == pytest.approx(likeness * (0.5**9.8 + 0.5**9.6), rel=1e-3)
    assert found["mug"] == pytest.approx(likeness * 0.5**9.4, rel=1e-3)
    assert found["lamp"] == 0.0


def test_shares_name_the_source_and_add_up_to_the_score(shop: Interactions) -> None:
    for algorithm in (ItemItem("jaccard"), Ease(), RecentBuyers(), Als(factors=8)):
        model = algorithm.open(algorithm.fit(shop, shop.newest), shop.n_items)
        asked = query(shop, "a01", "a02", "b03")
        items = np.arange(shop.n_items)
        shares = model.shares(asked, items)
        assert shares.shape == (shop.n_items, 3)
        if algorithm.name != "recent_buyers":  # there one person may share several items
            np.testing.assert_allclose(shares.sum(axis=1), model.scores(asked)[0], atol=1e-3)
        else:
            one = query(shop, "a01")
            np.testing.assert_allclose(model.shares(one, items)[:, 0], model.scores(one)[0], rtol=1e-4)


@pytest.mark.parametrize("algorithm", [Als(factors=2), Bpr(factors=8)])
def test_factors_keep_the_two_tastes_apart_for_a_visitor_never_seen(shop: Interactions, algorithm) -> None:
    found = scores(shop, algorithm, "a01", "a02", "a03")
    best = sorted(
        (item for item in found if item not in ("a01", "a02", "a03")), key=lambda item: -found[item]
    )
    assert {item[0] for item in best[:10]} == {"a"}


def test_a_seed_repeats_bpr(shop: Interactions) -> None:
    first, second = (Bpr(factors=4, iterations=3, seed=5).fit(shop, shop.newest)["items"] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_repurchase_knows_rate_and_gap() -> None:
    days = [
        ("u", "filter", 0),
        ("u", "filter", 30),
        ("u", "filter", 60),
        ("v", "filter", 5),
        ("v", "filter", 35),
        ("v", "lamp", 1),
    ]
    data = Interactions.of(
        [row[0] for row in days], [row[1] for row in days], None, [row[2] * DAY for row in days]
    )
    arrays = Repurchase().fit(data, data.newest)
    assert dict(zip(data.item_ids.tolist(), arrays["gap"].tolist(), strict=True))["filter"] == 30.0
    model = Repurchase().open(arrays, data.n_items)
    place = data.item_ids.tolist().index("filter")
    due, early, late = (model.scores(Query.of([place], [1.0], [age]))[0][place] for age in (30.0, 1.0, 900.0))
    assert due == pytest.approx(float(arrays["rate"][place]))
    assert due > early and due > late


def test_sessions_prefer_what_followed_the_last_click() -> None:
    visits = [["a", "b", "x"], ["a", "b", "x"], ["c", "y"], ["c", "y"], ["a", "z"]]
    rows = [(f"s{number}", item) for number, visit in enumerate(visits) for item in visit]
    data = Interactions.of(
        [row[0] for row in rows], [row[1] for row in rows], None, np.arange(len(rows)) * 1.0
    )
    model = SessionNeighbours().open(SessionNeighbours().fit(data, data.newest), data.n_items)
    names = data.item_ids.tolist()
    found, parts = model.scores(np.array([names.index("c"), names.index("a")]))
    assert names[int(found.argmax())] == "y"
    assert parts[:, names.index("y")].argmax() == 0
    assert found[names.index("c")] == 0.0 or parts[0, names.index("c")] == 0.0


@pytest.mark.parametrize(
    "algorithm",
    [Popularity(), ItemItem(), Ease(), RecentBuyers(), Repurchase(), Als(factors=4), Bpr(factors=4)],
)
def test_arrays_of_other_data_are_refused(kitchen: Interactions, algorithm) -> None:
    arrays = algorithm.fit(kitchen, kitchen.newest)
    with pytest.raises(ValueError):
        algorithm.open(arrays, kitchen.n_items - 2)
    with pytest.raises(ValueError):
        algorithm.open({}, kitchen.n_items)
