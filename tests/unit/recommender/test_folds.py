"""What has to be foretold when algorithms are compared."""

from __future__ import annotations

from recommender.folds import make_folds
from recommender.interactions import DAY, Interactions


def _shop(late_weight: float) -> Interactions:
    """Sixty people who bought something early; late, everybody touches one product more."""
    users, items, weights, times = [], [], [], []
    for person in range(60):
        for number in range(6):
            users.append(f"u{person}")
            items.append(f"i{(person + number) % 20}")
            weights.append(1.0)
            times.append((number * 50 + person % 7) * DAY)
        users.append(f"u{person}")
        items.append(f"i{(person + 10) % 20}")
        weights.append(late_weight)
        times.append((299 + person / 100) * DAY)
    return Interactions.of(users, items, weights, times)


def test_clicks_are_known_and_never_what_has_to_be_foretold() -> None:
    bought, _how = make_folds(_shop(1.0), 0)
    clicked, _how = make_folds(_shop(0.2), 0)
    assert len(bought[0].people) == 60
    assert all(len(fold.people) < 60 for fold in clicked)
    assert not any((len(truth) > 6) for fold in clicked for truth in fold.truths)


def test_where_all_signals_are_weak_they_are_all_there_is() -> None:
    shop = _shop(1.0)
    weak = Interactions.of(
        [str(shop.user_ids[at]) for at in shop.users],
        [str(shop.item_ids[at]) for at in shop.items],
        shop.weights * 0.3,
        shop.times,
    )
    folds, _how = make_folds(weak, 0)
    assert len(folds[0].people) == 60
