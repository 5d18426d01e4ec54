"""How the demo's visitors walk through the shop: one visit as rows, from the first page to the last."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from clickstream.vocabulary import ORDERED, PAGE, PAGE_LEFT, REQUESTED
from core.ids import new_id
from crm.catalogue.models import Category, Product
from knowledge_base.models import Article

WORDS = (
    "descaler",
    "water filter",
    "espresso",
    "HEPA",
    "grinder",
    "gasket",
    "beans",
    "air purifier",
    "milk",
    "carbon filter",
)
REFERRERS = (None, None, None, "www.google.com", "duckduckgo.com", "www.bing.com", "coffee-forum.example")


@dataclass
class Goods:
    """Products by category, and articles: (id, slug)."""

    products: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    by_id: dict[str, tuple[str, str]] = field(default_factory=dict)  # product -> (slug, category)
    articles: list[tuple[str, str]] = field(default_factory=list)


class Thing(NamedTuple):
    """What a visit led to."""

    kind: str
    id: str
    at: datetime
    products: tuple[str, ...] = ()


def load_goods(session: Session) -> Goods:
    goods = Goods()
    rows = session.execute(
        select(Product.id, Product.slug, Category.slug.label("category"))
        .join(Category, Category.id == Product.category_id)
        .where(Product.is_active, Product.is_sellable)
        .order_by(Product.sku)
    )
    for row in rows:
        goods.products.setdefault(row.category, []).append((str(row.id), row.slug))
        goods.by_id[str(row.id)] = (row.slug, row.category)
    articles = session.execute(
        select(Article.id, Article.slug)
        .where(Article.is_live, Article.audience == "public")
        .order_by(Article.slug)
    )
    goods.articles = [(str(row.id), row.slug) for row in articles]
    return goods


class _Walk:
    """Collects the events of one visit; `at` is where its clock stands."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.session_id = new_id()
        self.at = timedelta(0)
        self.events: list[tuple[timedelta, dict[str, Any]]] = []

    def note(self, name: str, **values: Any) -> None:
        row = {
            "page_kind": None, "page_id": None, "path": None, "product_id": None, "signal": None, "dwell_ms": None,
            "is_server": False, "properties": {}, "name": name, **values,
        }  # fmt: skip
        self.events.append((self.at, row))

    def page(
        self,
        kind: str,
        path: str,
        page_id: str | None = None,
        seconds: float = 12,
        searched: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """A page that is in sight for about `seconds`."""
        where = {"page_kind": kind, "page_id": page_id, "path": path}
        self.note(PAGE, **where, **more)
        if searched:
            self.note("Products Searched", page_kind=kind, path=path, properties=searched)
        shown = max(self.dice.lognormvariate(0, 0.6) * seconds, 1.2)
        self.at += timedelta(seconds=shown)
        self.note(PAGE_LEFT, **where, dwell_ms=int(shown * 1000))
        self.at += timedelta(seconds=self.dice.uniform(0.3, 1.5))

    def product(self, goods: Goods, product_id: str, source: str, seconds: float = 28) -> None:
        slug, _category = goods.by_id[product_id]
        if source:
            signal = "search" if source == "search" else "list"
            self.note("Product Clicked", product_id=product_id, signal=signal, properties={"list_id": source})
        self.page("product", f"/product/{slug}", product_id, seconds, product_id=product_id, signal="click")

    def add(self, product_id: str, quantity: int = 1) -> None:
        self.note("Product Added", product_id=product_id, signal="cart", properties={"quantity": quantity})
        self.at += timedelta(seconds=1)


def write_path(
    dice: random.Random, goods: Goods, at: datetime, thing: Thing | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One visit: the row of it and its events. With `thing` it ends there at `thing.at`, else it begins at `at`."""
    walk = _Walk(dice)
    if thing is None:
        _look_around(walk, goods)
    elif thing.kind == "order":
        _order(walk, goods, thing)
    else:
        _ask(walk, goods, thing)
    return _rows(walk, at if thing is None else thing.at - walk.at)


def _begin(walk: _Walk) -> None:
    if walk.dice.random() < 0.6:
        walk.page("home", "/", seconds=7)


def _find(walk: _Walk, goods: Goods, category: str, products: list[str]) -> None:
    """To some products of a category, through its list or a search."""
    if walk.dice.random() < 0.35:
        results = len(goods.products[category])
        query = walk.dice.choice(WORDS)
        walk.page("search", "/search", seconds=8, searched={"query": query, "results": results})
        source = "search"
    else:
        walk.page("category", f"/shop/{category}", category, seconds=11)
        source = category
    for product_id in products:
        walk.product(goods, product_id, source)


def _look_around(walk: _Walk, goods: Goods) -> None:
    dice = walk.dice
    _begin(walk)
    for _ in range(dice.choice((1, 1, 1, 2))):
        category = dice.choice(sorted(goods.products))
        own = [product_id for product_id, _slug in goods.products[category]]
        _find(walk, goods, category, dice.sample(own, min(len(own), dice.choice((1, 1, 2, 3)))))
        if dice.random() < 0.18:
            walk.add(dice.choice(own))
            walk.page("cart", "/cart", seconds=14)
    if goods.articles and dice.random() < 0.3:
        article_id, slug = dice.choice(goods.articles)
        walk.page("article", f"/help/{slug}", article_id, seconds=55)


def _order(walk: _Walk, goods: Goods, thing: Thing) -> None:
    _begin(walk)
    for product_id in [found for found in thing.products if found in goods.by_id][:5]:
        category = goods.by_id[product_id][1]
        others = [other for other, _slug in goods.products[category] if other != product_id]
        _find(walk, goods, category, walk.dice.sample(others, min(len(others), walk.dice.choice((0, 0, 1)))))
        walk.product(goods, product_id, "")
        walk.add(product_id)
    walk.page("cart", "/cart", seconds=16)
    walk.page("checkout", "/checkout", "choose", seconds=25)
    walk.note("Form Submitted", page_kind="checkout", path="/checkout", properties={"form": "checkout"})
    walk.page("checkout", "/checkout/review", "review", seconds=18)
    walk.note(
        ORDERED,
        page_kind="order",
        page_id=thing.id,
        is_server=True,
        properties={"products": list(thing.products)[:50]},
    )


def _ask(walk: _Walk, goods: Goods, thing: Thing) -> None:
    _begin(walk)
    if goods.articles:
        article_id, slug = walk.dice.choice(goods.articles)
        walk.page("article", f"/help/{slug}", article_id, seconds=70)
    walk.page("request", "/requests/new", seconds=80)
    walk.note(
        "Form Submitted", page_kind="request", path="/requests/new", properties={"form": "requests-new"}
    )
    walk.note(REQUESTED, page_kind="request", page_id=thing.id, is_server=True)


def _rows(walk: _Walk, began: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    events = []
    for offset, row in walk.events:
        event_id = new_id()
        moment = began + offset
        events.append(
            {
                **row,
                "id": event_id,
                "message_id": f"{'server:' if row['is_server'] else ''}demo-{event_id.hex}",
                "at": moment,
                "received_at": moment,
                "session_id": walk.session_id,
            }
        )
    first = next(event for event in events if event["name"] == PAGE)
    visit = {
        "id": walk.session_id,
        "started_at": events[0]["at"],
        "last_at": events[-1]["at"],
        "entry_kind": first["page_kind"],
        "entry_id": first["page_id"],
        "entry_path": first["path"],
        "referrer": walk.dice.choice(REFERRERS),
        "pages": sum(event["name"] == PAGE for event in events),
        "events": len(events),
        "dwell_ms": sum(event["dwell_ms"] or 0 for event in events),
        "has_order": any(event["name"] == ORDERED for event in events),
        "has_request": any(event["name"] == REQUESTED for event in events),
    }
    return visit, events
