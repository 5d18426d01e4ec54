"""The demo's customers: invented companies and households with an address; people are named by their role."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core import clock
from core.ids import new_id
from core.search import fold
from crm.customers.models import Account, Address, Contact
from crm.customers.services import next_account_number
from crm.identity.models import User

SOURCE = "demo"
SEED = 71_077
COUNTS = {"household": 85, "office": 38, "cafe": 25, "dealer": 10}


@dataclass(frozen=True)
class Place:
    """A city with streets and the language that letters there are written in."""

    city: str
    country: str
    postal_code: str
    locale: str
    timezone: str
    streets: tuple[str, ...]


_GERMAN = (
    "Lindenstraße",
    "Hafenweg",
    "Am Markt",
    "Gartenstraße",
    "Mühlenweg",
    "Bahnhofstraße",
    "Kastanienallee",
)
_DUTCH = ("Havenstraat", "Molenweg", "Kerkplein", "Parklaan")
PLACES = (
    Place("Hamburg", "DE", "20457", "en", "Europe/Berlin", _GERMAN),
    Place("Berlin", "DE", "10435", "en", "Europe/Berlin", _GERMAN),
    Place("München", "DE", "80331", "en", "Europe/Berlin", _GERMAN),
    Place("Köln", "DE", "50667", "en", "Europe/Berlin", _GERMAN),
    Place("Leipzig", "DE", "04109", "en", "Europe/Berlin", _GERMAN),
    Place("Wien", "AT", "1070", "en", "Europe/Vienna", _GERMAN),
    Place("Zürich", "CH", "8004", "en", "Europe/Zurich", _GERMAN),
    Place("Rotterdam", "NL", "3011", "en", "Europe/Amsterdam", _DUTCH),
    Place("Utrecht", "NL", "3511", "en", "Europe/Amsterdam", _DUTCH),
    Place("臺北市", "TW", "106", "zh-Hant", "Asia/Taipei", ("和平東路一段", "復興南路二段", "民生東路三段")),
    Place("臺中市", "TW", "403", "zh-Hant", "Asia/Taipei", ("公益路", "精誠路", "美村路")),
    Place("上海市", "CN", "200040", "zh-Hans", "Asia/Shanghai", ("南京西路", "愚园路", "武康路")),
    Place("杭州市", "CN", "310007", "zh-Hans", "Asia/Shanghai", ("曙光路", "文三路", "体育场路")),
)
_WEIGHTS = (12, 12, 9, 7, 6, 6, 6, 6, 4, 5, 3, 5, 3)

_FIRST = {
    "en": ("Halligen", "Kranich", "Lindenhof", "Blue Heron", "Alder", "Abendrot", "Silberfuchs", "Kompass", "Seven Oaks", "Hafenkante",
           "Quay", "Weitblick", "Sternwarte", "Copper Kettle", "Fennel", "Birkenhain", "Windmill", "Turmblick", "Elster", "Tideway"),
    "zh-Hant": ("晨霧", "青石", "暖屋", "山風", "小島", "白鷺", "松果", "河畔"),
    "zh-Hans": ("晨雾", "青石", "暖屋", "山风", "小岛", "白鹭", "松果", "河畔"),
}  # fmt: skip
_SECOND = {
    "office": {
        "en": ("Architects", "Software", "Tax Advisers", "Logistics", "Design Studio", "Insurance Brokers", "Engineering", "Publishing"),
        "zh-Hant": ("設計事務所", "資訊", "會計師事務所", "物流"),
        "zh-Hans": ("设计事务所", "信息技术", "会计师事务所", "物流"),
    },
    "cafe": {
        "en": ("Café", "Coffee Bar", "Bakery", "Bistro", "Roastery"),
        "zh-Hant": ("咖啡館", "烘焙坊", "餐酒館"),
        "zh-Hans": ("咖啡馆", "烘焙坊", "餐酒馆"),
    },
    "dealer": {
        "en": ("Home Appliances", "Kitchen Supply", "Espresso Service"),
        "zh-Hant": ("家電行", "廚房設備"),
        "zh-Hans": ("电器行", "厨房设备"),
    },
}  # fmt: skip
_HOUSEHOLD = {
    "en": "Household {street} {number}",
    "zh-Hant": "{street}{number}號住戶",
    "zh-Hans": "{street}{number}号住户",
}
_ROLE = {
    "household": {"en": "Household", "zh-Hant": "家庭", "zh-Hans": "家庭"},
    "office": {"en": "Office management", "zh-Hant": "行政部", "zh-Hans": "行政部"},
    "cafe": {"en": "Bar manager", "zh-Hant": "吧台主管", "zh-Hans": "吧台主管"},
    "dealer": {"en": "Purchasing", "zh-Hant": "採購部", "zh-Hans": "采购部"},
}
_LINE = {"en": "{street} {number}", "zh-Hant": "{street}{number}號", "zh-Hans": "{street}{number}号"}


def ensure_companies(session: Session) -> int:
    """Writes the customers that the demo's orders belong to, once; returns how many."""
    if session.scalar(
        select(Account.id).where(Account.source == SOURCE, Account.external_id.like("crowd-%")).limit(1)
    ):
        return 0
    dice = random.Random(SEED)
    number = next_account_number(session)
    moment = clock.now()
    rows: dict[type[Any], list[dict[str, Any]]] = {User: [], Account: [], Contact: [], Address: []}
    taken: set[str] = set()
    segments = [segment for segment, count in COUNTS.items() for _ in range(count)]
    dice.shuffle(segments)
    for index, segment in enumerate(segments):
        place = dice.choices(PLACES, _WEIGHTS)[0]
        _add_one(
            dice, rows, segment, place, taken=taken, key=f"crowd-{index:03}-{segment}", number=number + index
        )
    for model, values in rows.items():
        for value in values:
            if model is not Contact:
                value["created_at"] = value["updated_at"] = moment - timedelta(days=740)
        session.execute(insert(model), values)
    return len(segments)


def _add_one(
    dice: random.Random, rows: dict[type[Any], list[dict[str, Any]]], segment: str, place: Place,
    *, taken: set[str], key: str, number: int,
) -> None:  # fmt: skip
    locale, street, house = place.locale, dice.choice(place.streets), dice.randint(1, 140)
    name = _name(dice, segment, locale, street, house)
    while name in taken:
        house += 1
        name = _name(dice, segment, locale, street, house)
    taken.add(name)
    account_id, user_id = new_id(), new_id()
    is_dealer, role_name = segment == "dealer", _ROLE[segment][locale]
    rows[Account].append(
        {
            "id": account_id,
            "number": number,
            "kind": "household" if segment == "household" else "company",
            "name": name,
            "country": place.country,
            "currency": "EUR",
            "pays_on_account": segment != "household",
            "is_partner": is_dealer,
            "source": SOURCE,
            "external_id": key,
            "search_text": fold(f"{name} {number} {key}"),
        }
    )
    rows[User].append(
        {
            "id": user_id,
            "email": f"{segment}-{number}@customers.example",
            "kind": "partner" if is_dealer else "customer",
            "name": role_name,
            "password_hash": None,
            "locale": locale,
            "timezone": place.timezone,
            "is_demo": True,
            "email_verified_at": clock.now() - timedelta(days=735),
        }
    )
    role = "partner_administrator" if is_dealer else "customer"
    scope = "company" if is_dealer else "own"
    rows[Contact].append(
        {"id": new_id(), "account_id": account_id, "user_id": user_id, "role": role, "scope": scope}
    )
    rows[Address].append(
        {
            "id": new_id(),
            "account_id": account_id,
            "recipient": (role_name if segment == "household" else name)[:120],
            "line1": _LINE[locale].format(street=street, number=house),
            "postal_code": place.postal_code,
            "city": place.city,
            "country": place.country,
            "is_default": True,
        }
    )


def _name(dice: random.Random, segment: str, locale: str, street: str, house: int) -> str:
    if segment == "household":
        return _HOUSEHOLD[locale].format(street=street, number=house)
    first, second = dice.choice(_FIRST[locale]), dice.choice(_SECOND[segment][locale])
    return f"{first} {second}" if locale == "en" else f"{first}{second}"


@dataclass(frozen=True)
class Buyer:
    """Who orders: an account with the people of it who do, and where the goods go."""

    key: str
    segment: str
    account_id: uuid.UUID
    people: tuple[tuple[uuid.UUID, str, str], ...]  # (user, email, locale)
    on_account: bool
    address: dict[str, Any]
    is_shown: bool = False  # a demo account that visitors sign in to
