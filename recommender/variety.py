"""Not four times the same: a list about everything that somebody does shows several kinds of things for several reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

MOST_ALIKE = 2  # of one category, and for one cause


def choose(traits: Sequence[tuple[Hashable | None, Hashable | None]], limit: int) -> list[int]:
    """Places in `traits` (category and cause of each, best first) of what is shown, in the order of showing.

    Where too few are left to fill the list, the rest comes in after all: first more of a category, then more for
    one cause. None is like nothing else.
    """
    chosen: list[int] = []
    for by_category, by_cause in ((True, True), (False, True), (False, False)):
        if len(chosen) >= limit:
            break
        categories = Counter(traits[place][0] for place in chosen)
        causes = Counter(traits[place][1] for place in chosen)
        for place, (category, cause) in enumerate(traits):
            if len(chosen) >= limit:
                break
            if place in chosen:
                continue
            if by_category and category is not None and categories[category] >= MOST_ALIKE:
                continue
            if by_cause and cause is not None and causes[cause] >= MOST_ALIKE:
                continue
            categories[category] += 1
            causes[cause] += 1
            chosen.append(place)
    return chosen
