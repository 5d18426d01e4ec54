"""Why people order: a machine, then what it uses up at the pace it is used, then the part that wears out.

Pure arithmetic with dice: no database and no clock. Days are counted back from today (0), and every result
depends on the seed alone, apart from today's date.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from app.demo.catalogue import DemoCatalogue, DemoProduct

DAYS = 730
SEGMENTS = ("household", "office", "cafe", "dealer")


@dataclass(frozen=True)
class Habits:
    """How a kind of customer behaves. `cups`: how much faster than one household things are used up."""

    machines: tuple[str, ...]
    cups: tuple[float, float]
    beans: tuple[str, ...]
    bean_bags: tuple[int, int]
    purifier: float
    purifiers: tuple[str, ...]
    gather_days: int
    leaves: float


HABITS: dict[str, Habits] = {
    "household": Habits(
        machines=("AH-EM-110", "AH-EM-115", "AH-EM-120", "AH-EM-210", "AH-EM-220", "AH-EM-310", "AH-CM-110", "AH-CM-120",
                  "AH-CM-210", "AH-CM-220", "AH-CM-510", "AH-CM-530"),
        cups=(0.5, 1.3), beans=("AH-CB-110", "AH-CB-120", "AH-CB-130", "AH-CB-140", "AH-CB-150", "AH-CB-210", "AH-CB-220",
                                "AH-CB-230", "AH-CB-115"),
        bean_bags=(1, 2), purifier=0.4, purifiers=("AH-AP-110", "AH-AP-120", "AH-AP-210", "AH-AP-220", "AH-AP-310"),
        gather_days=14, leaves=0.25,
    ),
    "office": Habits(
        machines=("AH-CM-310", "AH-CM-320", "AH-CM-330", "AH-CM-410", "AH-CM-540"),
        cups=(1.2, 2.4), beans=("AH-CB-115", "AH-CB-125", "AH-CB-310", "AH-CB-320"), bean_bags=(2, 6),
        purifier=0.7, purifiers=("AH-AP-320", "AH-AP-330", "AH-AP-420", "AH-AP-510"), gather_days=12, leaves=0.12,
    ),
    "cafe": Habits(
        machines=("AH-EM-510", "AH-EM-610", "AH-EM-620", "AH-EM-630", "AH-EM-420"),
        cups=(1.8, 3.2), beans=("AH-CB-320", "AH-CB-125", "AH-CB-240", "AH-CB-250", "AH-CB-260"), bean_bags=(4, 12),
        purifier=0.2, purifiers=("AH-AP-330", "AH-AP-520"), gather_days=8, leaves=0.1,
    ),
    "dealer": Habits(
        machines=("AH-EM-120", "AH-EM-210", "AH-EM-320", "AH-CM-120", "AH-CM-210", "AH-CM-310", "AH-AP-210", "AH-AP-310",
                  "AH-GA-120"),
        cups=(1.0, 1.0), beans=("AH-CB-115", "AH-CB-125"), bean_bags=(6, 20), purifier=0.0, purifiers=(), gather_days=10,
        leaves=0.05,
    ),
}  # fmt: skip


@dataclass
class Purchase:
    """A basket: code -> units, `day` days ago (0 is today)."""

    day: int
    basket: dict[str, int] = field(default_factory=dict)


class Needs:
    """The needs of customers by the demo's catalogue."""

    def __init__(self, catalogue: DemoCatalogue, launched: dict[str, int]) -> None:
        self._catalogue, self._launched = catalogue, launched
        self._by_sku = {product.sku: product for product in catalogue.products}

    @cached_property
    def _fitting(self) -> dict[str, list[DemoProduct]]:
        found: dict[str, list[DemoProduct]] = defaultdict(list)
        for product in self._catalogue.products:
            for machine in product.fits:
                found[machine].append(product)
        return found

    def list_purchases(self, dice: random.Random, segment: str, *, faithful: bool = False) -> list[Purchase]:
        """Two years of one customer, oldest first. `faithful` customers have been there long and stay."""
        habits = HABITS[segment]
        if segment == "dealer":
            return self._restocking(dice, habits)
        start = dice.randint(500, DAYS) if faithful else dice.randint(40, DAYS)
        end = 0
        if not faithful and dice.random() < habits.leaves:
            end = dice.randint(0, max(0, start - 120))
        due: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        first = self._choose(dice, habits.machines, start)
        self._own(dice, due, habits, first, bought=start, end=end)
        if habits.purifiers and dice.random() < habits.purifier:
            bought = max(end + 1, start - dice.randint(0, 240))
            self._own(dice, due, habits, self._choose(dice, habits.purifiers, bought), bought=bought, end=end)
        if segment in {"office", "cafe"} and start - end > 300 and dice.random() < 0.35:
            bought = start - dice.randint(150, start - end - 60)
            self._own(dice, due, habits, self._choose(dice, habits.machines, bought), bought=bought, end=end)
        return self._gather(due, habits.gather_days)

    def _choose(self, dice: random.Random, skus: tuple[str, ...], day: int) -> DemoProduct:
        there = [sku for sku in skus if sku in self._by_sku and self._launched[sku] > day]
        return self._by_sku[dice.choice(there or [sku for sku in skus if sku in self._by_sku])]

    def _own(
        self, dice: random.Random, due: dict[int, dict[str, int]], habits: Habits, machine: DemoProduct,
        *, bought: int, end: int,
    ) -> None:  # fmt: skip
        """Everything that follows from having this machine between `bought` and `end` days ago."""
        due[bought][machine.sku] += 1
        pace = dice.uniform(*habits.cups)
        used_up = [
            part for part in self._fitting[machine.sku] if part.category in {"cleaning", "purifier-filters"}
        ]
        for part in dice.sample(used_up, min(len(used_up), dice.randint(2, 4))):
            if part.consumable_days:
                interval = part.consumable_days / max(0.8, pace)
                self._repeat(dice, due, part, start=bought, end=end, interval=interval, units=(1, 1))
        if machine.category in {"espresso-machines", "coffee-machines"}:
            wanted = [sku for sku in habits.beans if sku in self._by_sku]
            for sku in dice.sample(wanted, min(len(wanted), dice.choice((1, 2, 2)))):
                interval = (
                    (self._by_sku[sku].consumable_days or 21) * 1.6 / max(0.6, pace) * dice.uniform(0.9, 1.4)
                )
                self._repeat(
                    dice,
                    due,
                    self._by_sku[sku],
                    start=bought,
                    end=end,
                    interval=max(9.0, interval),
                    units=habits.bean_bags,
                )
        if machine.goes_with and dice.random() < 0.5:
            extra = dice.choice(machine.goes_with)
            self._add(due, extra, max(end, bought - dice.randint(0, 45)))
        parts = [part for part in self._fitting[machine.sku] if part.category == "spare-parts"]
        age = dice.randint(210, 620)
        if parts and bought - age > end and dice.random() < 0.55:
            self._add(due, dice.choice(parts).sku, bought - age)

    def _add(self, due: dict[int, dict[str, int]], sku: str, day: int) -> None:
        if self._launched[sku] > day:
            due[day][sku] += 1

    def _repeat(
        self, dice: random.Random, due: dict[int, dict[str, int]], product: DemoProduct,
        *, start: int, end: int, interval: float, units: tuple[int, int],
    ) -> None:  # fmt: skip
        day = float(start) if dice.random() < 0.5 else start - interval * dice.uniform(0.5, 1.1)
        while day > end:
            if self._launched[product.sku] > day:
                due[int(day)][product.sku] += dice.randint(*units)
            day -= interval * dice.uniform(0.75, 1.3)

    def _restocking(self, dice: random.Random, habits: Habits) -> list[Purchase]:
        """A dealer fills the shelves every few weeks: machines, and more of what wears out."""
        found: list[Purchase] = []
        machines = [sku for sku in habits.machines if sku in self._by_sku]
        shelf = [
            product.sku for product in self._catalogue.products
            if product.category in {"spare-parts", "cleaning", "purifier-filters", "coffee-beans"}
        ]  # fmt: skip
        kept = dice.sample(shelf, 22)
        day = dice.randint(560, DAYS)
        while day > 0:
            basket = {sku: dice.randint(2, 12) for sku in dice.sample(kept, dice.randint(3, 7))}
            basket |= {sku: dice.randint(1, 4) for sku in dice.sample(machines, dice.randint(0, 2))}
            basket = {sku: units for sku, units in basket.items() if self._launched[sku] > day}
            if basket:
                found.append(Purchase(day, basket))
            day -= dice.randint(12, 34)
        return found

    @staticmethod
    def _gather(due: dict[int, dict[str, int]], within: int) -> list[Purchase]:
        """People order once for everything that runs out in the next days."""
        found: list[Purchase] = []
        for day in sorted(due, reverse=True):
            if found and found[-1].day - day <= within:
                basket = found[-1].basket
            else:
                found.append(Purchase(day))
                basket = found[-1].basket
            for sku, units in due[day].items():
                basket[sku] = min(basket.get(sku, 0) + units, 60)
        return found
