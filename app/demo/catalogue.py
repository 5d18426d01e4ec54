"""The demo's catalogue: typed and checked contents of `data/catalogue/*.yaml`.

One file holds one category. `terms.yaml` holds the words of the specification rows, so that a product file says
`heat: $boiler_double` once and every language has the same word for it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm.catalogue.pictures import draw_product, unknown_params

Locale = Literal["en", "zh-Hant", "zh-Hans"]
LOCALES: tuple[Locale, ...] = ("en", "zh-Hant", "zh-Hans")
TAX_RATES = {"standard": 1900, "food": 700}
"""Tax classes in 1/100 of a percent."""
LONGEST_TABLE = 6
"""Rows of a specification table."""
LONG_LASTING_DAYS = 365
"""From here on a part is changed when it wears, not by the calendar."""
STOCK_LEVELS = {"plenty": (160, 400), "normal": (40, 120), "low": (2, 8), "to_order": (0, 0)}
"""Stock at the start of the demo, from and to."""

Words = dict[Locale, Annotated[str, Field(min_length=1)]]
Sku = Annotated[str, Field(pattern=r"^AH-[A-Z]{2}-\d{3}$")]
M = TypeVar("M", bound=BaseModel)


class CatalogueError(ValueError):
    """A demo file that cannot be used; the message names the file and the field."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Copy(Frozen):
    name: str = Field(min_length=2, max_length=60)
    tagline: str = Field(min_length=3, max_length=90)
    text: str = Field(min_length=12, max_length=420)


class SpecRow(Frozen):
    label: Words
    value: Words


class Entry(Frozen):
    """A product as it stands in the file, after the defaults of its category."""

    sku: Sku
    family: str
    draw: dict[str, str | int | float | bool]
    price: Decimal = Field(gt=0, decimal_places=2)
    tax: Literal["standard", "food"]
    weight: float = Field(gt=0, le=200)
    stock: Literal["plenty", "normal", "low", "to_order"]
    warranty: int = Field(ge=0, le=120)
    serialised: bool = False
    consumable_days: int | None = Field(None, ge=1, le=3650)
    specs: dict[str, str] = Field(min_length=1, max_length=6)
    fits: tuple[Sku, ...] = ()
    goes_with: tuple[Sku, ...] = ()
    successor: Sku | None = None
    en: Copy
    zh_hant: Copy = Field(alias="zh-Hant")
    zh_hans: Copy = Field(alias="zh-Hans")

    def copies(self) -> dict[Locale, Copy]:
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}


class DemoProduct(Frozen):
    """A product of the demo; money in EUR including tax, weight in grams."""

    sku: str
    category: str
    family: str
    picture: dict[str, str | int | float | bool]
    names: Words
    taglines: Words
    descriptions: Words
    specs: tuple[SpecRow, ...]
    price: Decimal
    tax_class: str
    tax_rate: int
    weight_g: int
    stock_class: str
    stock_range: tuple[int, int]
    warranty_months: int
    is_serialised: bool
    consumable_days: int | None
    fits: tuple[str, ...]
    goes_with: tuple[str, ...]
    successor: str | None
    predecessors: tuple[str, ...]


class DemoCategory(Frozen):
    slug: str
    position: int
    names: Words
    descriptions: Words


class DemoCatalogue(Frozen):
    categories: tuple[DemoCategory, ...]
    products: tuple[DemoProduct, ...]

    def get_product(self, sku: str) -> DemoProduct:
        """The product with this code; KeyError when there is none."""
        for product in self.products:
            if product.sku == sku:
                return product
        raise KeyError(sku)

    def list_fitting(self, sku: str) -> tuple[DemoProduct, ...]:
        """Parts, filters and consumables made for the machine with this code."""
        return tuple(product for product in self.products if sku in product.fits)


class Terms(Frozen):
    labels: dict[str, Words]
    values: dict[str, Words]
    counted: dict[str, dict[str, str]]

    def label(self, key: str) -> Words:
        if key not in self.labels:
            raise CatalogueError(f"terms.yaml has no label {key!r}")
        return self.labels[key]

    def value(self, written: str) -> Words:
        """A value in every language: terms ($name), a number with a counted unit, or a measure as it stands."""
        parts = [self._part(part) for part in written.split(", ")]
        return {
            locale: (", " if locale == "en" else "、").join(part[locale] for part in parts)
            for locale in LOCALES
        }

    def _part(self, written: str) -> Words:
        if written.startswith("$"):
            if written[1:] not in self.values:
                raise CatalogueError(f"terms.yaml has no value {written!r}")
            return self.values[written[1:]]
        number, _, unit = written.rpartition(" ")
        if number and unit in self.counted:
            forms = self.counted[unit]
            patterns = {locale: forms[locale] for locale in LOCALES}
            if number == "1":
                patterns["en"] = forms["one"]
            return {locale: patterns[locale].format(n=number) for locale in LOCALES}
        if not MEASURE.match(written):
            raise CatalogueError(f"{written!r} is neither a measure nor a term")
        return dict.fromkeys(LOCALES, written)


UNITS = ("L", "ml", "g", "kg", "W", "V", "bar", "mm", "cm", "m", "m²", "m³/h", "dB", "°C")
MEASURE = re.compile(rf"(?:[\d.]+(?:–[\d.]+)?(?: × [\d.]+)* (?:{'|'.join(UNITS)})|AH-[A-Z]{{2}}-\d{{3}})\Z")


@cache
def load_catalogue() -> DemoCatalogue:
    """Read and check the demo catalogue. CatalogueError names the file and what is wrong."""
    return read_catalogue(files("app.demo") / "data" / "catalogue")


def read_catalogue(folder: Traversable) -> DemoCatalogue:
    """The catalogue in a folder of category files and a `terms.yaml`."""
    terms = _model(Terms, _yaml(folder / "terms.yaml"), "terms.yaml")
    categories: list[DemoCategory] = []
    entries: list[tuple[str, Entry]] = []
    names = sorted(item.name for item in folder.iterdir() if re.match(r"\d+-.*\.yaml\Z", item.name))
    for position, name in enumerate(names, start=1):
        content = _yaml(folder / name)
        products, defaults = content.pop("products", None), content.pop("defaults", {})
        if not isinstance(products, list) or not isinstance(defaults, dict):
            raise CatalogueError(f"{name}: products must be a list and defaults a map")
        category = _model(DemoCategory, {**content, "position": position}, name)
        categories.append(category)
        for row, product in enumerate(products, start=1):
            if not isinstance(product, dict):
                raise CatalogueError(f"{name}: product {row} is not a map")
            where = f"{name}: {product.get('sku', f'product {row}')}"
            entries.append((category.slug, _model(Entry, {**defaults, **product}, where)))
    _check(entries)
    before: dict[str, list[str]] = {}
    for _, entry in entries:
        if entry.successor:
            before.setdefault(entry.successor, []).append(entry.sku)
    return DemoCatalogue(
        categories=tuple(categories),
        products=tuple(_product(slug, entry, terms, before.get(entry.sku, ())) for slug, entry in entries),
    )


def _product(category: str, entry: Entry, terms: Terms, before: Iterable[str]) -> DemoProduct:
    copies = entry.copies()
    try:
        draw_product(entry.family, entry.draw, entry.sku)
        misspelt = unknown_params(entry.family, entry.draw, entry.sku)
        written = {**entry.specs, **_derived(entry)}
        specs = tuple(
            SpecRow(label=terms.label(key), value=terms.value(value))
            for key, value in list(written.items())[:LONGEST_TABLE]
        )
    except ValueError as error:
        raise CatalogueError(f"{entry.sku}: {error}") from error
    if misspelt:
        raise CatalogueError(f"{entry.sku}: the drawing does not know {', '.join(sorted(misspelt))}")
    return DemoProduct(
        sku=entry.sku,
        category=category,
        family=entry.family,
        picture=entry.draw,
        names={locale: copy.name for locale, copy in copies.items()},
        taglines={locale: copy.tagline for locale, copy in copies.items()},
        descriptions={locale: copy.text for locale, copy in copies.items()},
        specs=specs,
        price=entry.price,
        tax_class=entry.tax,
        tax_rate=TAX_RATES[entry.tax],
        weight_g=round(entry.weight * 1000),
        stock_class=entry.stock,
        stock_range=STOCK_LEVELS[entry.stock],
        warranty_months=entry.warranty,
        is_serialised=entry.serialised,
        consumable_days=entry.consumable_days,
        fits=entry.fits,
        goes_with=entry.goes_with,
        successor=entry.successor,
        predecessors=tuple(before),
    )


def _derived(entry: Entry) -> dict[str, str]:
    """Rows that follow from what the product file says elsewhere."""
    rows: dict[str, str] = {}
    if entry.consumable_days and "lasts" not in entry.specs and entry.consumable_days < LONG_LASTING_DAYS:
        rows["refill"] = f"{round(entry.consumable_days / 7)} weeks"
    rows["weight"] = f"{entry.weight:g} kg" if entry.weight >= 1 else f"{entry.weight * 1000:.0f} g"
    if entry.warranty:
        rows["warranty"] = f"{entry.warranty} months"
    return rows


def _check(entries: list[tuple[str, Entry]]) -> None:
    """Codes and names are unique, and every reference leads to another product."""
    codes = Counter(entry.sku for _, entry in entries)
    _refuse_repeated("code", codes)
    for locale in LOCALES:
        _refuse_repeated(f"{locale} name", Counter(entry.copies()[locale].name for _, entry in entries))
    for _, entry in entries:
        for field, targets in (
            ("fits", entry.fits),
            ("goes_with", entry.goes_with),
            ("successor", (entry.successor,) if entry.successor else ()),
        ):
            for target in targets:
                if target == entry.sku or target not in codes:
                    raise CatalogueError(f"{entry.sku}: {field} names {target}, which is not another product")
    following = {entry.sku: entry.successor for _, entry in entries}
    for sku, first in following.items():
        seen, at = {sku}, first
        while at:
            if at in seen:
                raise CatalogueError(f"{sku}: its successors go round in a circle")
            seen.add(at)
            at = following[at]


def _refuse_repeated(what: str, counted: Counter[str]) -> None:
    for value, count in counted.items():
        if count > 1:
            raise CatalogueError(f"{count} products share the {what} {value!r}")


def _yaml(path: Traversable) -> dict[str, object]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    if not isinstance(content, dict):
        raise CatalogueError(f"{path.name}: a map is expected")
    return content


def _model(kind: type[M], content: Mapping[str, object], where: str) -> M:
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise CatalogueError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
