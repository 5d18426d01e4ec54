"""What a user says about a file: columns, how values are written, and which rows mean what (docs/import.md)."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crm.orders.importing.errors import ProfileError

LARGEST_PROFILE = 1_000_000
BUILT_IN = files("crm.orders.importing").joinpath("profiles")


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return pattern


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone, for example Europe/London") from None
    return name


def _date_format(pattern: str) -> str:
    sample = datetime(2011, 12, 9, 21, 53, 47)  # noqa: DTZ001 - only its day is compared
    try:
        found = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007
    except ValueError as error:
        raise ValueError(f"is not a date format: {error}") from None
    if found.date() != sample.date():
        raise ValueError("must hold day, month and year, for example %d/%m/%Y %H:%M")
    return pattern


Regex = Annotated[str, Field(max_length=500), AfterValidator(_regex)]
ColumnName = Annotated[str, Field(min_length=1, max_length=200)]
Locale = Literal["en", "zh-Hant", "zh-Hans"]


class _Part(BaseModel):
    """Unknown keys are refused, because a misspelt key would silently be a missing one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FileFormat(_Part):
    encoding: Literal["utf-8", "latin-1", "windows-1252", "iso-8859-15"] = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: str = Field('"', min_length=1, max_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if self.delimiter == self.quote or {self.delimiter, self.quote} & set("\r\n\0"):
            raise ValueError("delimiter and quote must differ and be no line ends")
        return self


class Columns(_Part):
    """The file's heading of each thing we need."""

    document: ColumnName
    code: ColumnName
    quantity: ColumnName
    unit_price: ColumnName
    placed_at: ColumnName
    name: ColumnName | None = None
    customer: ColumnName | None = None
    country: ColumnName | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = [name for name in self.model_dump().values() if name is not None]
        if doubled := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(f"one column cannot be two things: {', '.join(doubled)}")
        return self


class Values(_Part):
    date_formats: list[Annotated[str, AfterValidator(_date_format)]] = Field(min_length=1, max_length=10)
    timezone: Annotated[str, AfterValidator(_timezone)]
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    decimal_sign: Literal[".", ","] = "."
    thousands_sign: Literal["", ".", ",", " ", "'"] = ""

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.decimal_sign == self.thousands_sign:
            raise ValueError("decimal_sign and thousands_sign must differ")
        return self


class Rules(_Part):
    """Which documents and lines are something else than a sale. Expressions must match from the beginning."""

    cancellation: Regex | None = None
    adjustment: Regex | None = None
    negative_is_adjustment: bool = True
    zero_price_is_gift: bool = True
    charges: list[Annotated[str, Field(min_length=1, max_length=60)]] = []
    charge_pattern: Regex | None = None


class Customers(_Part):
    kind: Literal["company", "household", "consumer"] = "company"
    name: str = Field("Customer {number}", max_length=100)

    @model_validator(mode="after")
    def _has_number(self) -> Self:
        if "{number}" not in self.name:
            raise ValueError("name must hold {number}, which stands for the customer's number in the file")
        return self


class CategoryTexts(_Part):
    slug: str = Field("imported", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    names: dict[Locale, Annotated[str, Field(min_length=1, max_length=120)]] = {
        "en": "Imported goods", "zh-Hant": "匯入商品", "zh-Hans": "导入商品",
    }  # fmt: skip


class Catalogue(_Part):
    category: CategoryTexts = CategoryTexts()
    locale: Locale = "en"
    tax_percent: int = Field(0, ge=0, le=50)
    popularity_days: int = Field(90, ge=1, le=3660)


class Profile(_Part):
    source: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)
    file: FileFormat = FileFormat()
    columns: Columns
    ignore_columns: list[str] = []
    values: Values
    rules: Rules = Rules()
    customers: Customers = Customers()
    catalogue: Catalogue = Catalogue()
    countries: dict[str, Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = {}

    @model_validator(mode="after")
    def _own_source(self) -> Self:
        if self.source in {"portal", "demo"}:
            raise ValueError(f"source {self.source} is taken by the house itself")
        return self


class _UniqueKeys(yaml.SafeLoader):
    """YAML lets a key occur twice and keeps the last; here that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} occurs twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def list_built_in() -> list[str]:
    return sorted(
        path.name.removesuffix(".yaml") for path in BUILT_IN.iterdir() if path.name.endswith(".yaml")
    )


def load_profile(name: str) -> Profile:
    """A built-in profile by name, or the YAML file at this path. Raises ProfileError naming each wrong field."""
    if name in list_built_in():
        return parse_profile(BUILT_IN.joinpath(f"{name}.yaml").read_text("utf-8"), name)
    path = Path(name)
    if not path.is_file():
        known = ", ".join(list_built_in())
        raise ProfileError([f"there is no profile {name}: give the path of a YAML file, or one of: {known}"])
    try:
        if path.stat().st_size > LARGEST_PROFILE:
            raise ProfileError([f"{name} is too large to be a profile"])
        return parse_profile(path.read_text("utf-8-sig"), name)
    except OSError as error:
        raise ProfileError([f"{name} cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ProfileError([f"{name} is not a text file in UTF-8"]) from None


def parse_profile(text: str, name: str) -> Profile:
    try:
        loaded = yaml.load(text, _UniqueKeys)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProfileError([f"{name} is not YAML: {' '.join(str(error).split())}"]) from None
    if not isinstance(loaded, dict):
        raise ProfileError([f"{name} must be a mapping with the keys source, columns and values"])
    try:
        return Profile.model_validate(loaded)
    except ValidationError as error:
        raise ProfileError([_told(name, item["loc"], item["msg"]) for item in error.errors()]) from None


def _told(name: str, where: tuple[int | str, ...], why: str) -> str:
    if why == "Extra inputs are not permitted":
        why = "is not a key of a profile"
    field = ".".join(str(part) for part in where)
    return f"{name}: {field}: {why.removeprefix('Value error, ')}".replace(": :", ":")
