"""What can be ordered: categories, products in three languages, stock, and how products belong together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, BoundedText, Id, JSONList, JSONMap, Timestamped
from core.money import Money
from core.search import FoldedText, Searchable


def stock_state_of(on_hand: int | None, low_below: int | None) -> str:
    """in, low or out; `order` without a stock row."""
    if on_hand is None:
        return "order"
    if on_hand <= 0:
        return "out"
    return "low" if on_hand < (low_below or 0) else "in"


class Category(Base):
    __tablename__ = "category"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(BoundedText(80), unique=True)
    names: Mapped[JSONMap]  # locale -> text
    descriptions: Mapped[JSONMap] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("category.id"))


# As each database writes what listing.FOR_SALE says, so that it sees that the index fits.
_FOR_SALE: Any = {
    "sqlite_where": text("is_active = 1 AND is_sellable = 1"),
    "postgresql_where": text("is_active AND is_sellable"),
}


class Product(Searchable, FoldedText, Base, Timestamped):
    """A product or spare part; `price` includes tax. Changes reach the search index by themselves."""

    __tablename__ = "product"
    __search__ = "product"

    id: Mapped[Id]
    sku: Mapped[str] = mapped_column(BoundedText(60), unique=True)  # compared as written
    slug: Mapped[str] = mapped_column(BoundedText(120), unique=True)
    category_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("category.id"), index=True)
    names: Mapped[JSONMap]
    taglines: Mapped[JSONMap] = mapped_column(default=dict)
    descriptions: Mapped[JSONMap] = mapped_column(default=dict)
    specs: Mapped[JSONList] = mapped_column(default=list)  # [{"label": {locale: …}, "value": {locale: …}}]
    family: Mapped[str] = mapped_column(BoundedText(60), default="")  # which drawing; "" draws a generic one
    picture: Mapped[JSONMap] = mapped_column(default=dict)  # parameters of the drawing
    price: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(BoundedText(3))
    tax_rate: Mapped[int] = mapped_column(default=1900)  # in 1/100 of a percent; prices include it
    weight_g: Mapped[int] = mapped_column(default=0)
    warranty_months: Mapped[int] = mapped_column(default=0)
    consumable_days: Mapped[int | None]  # how long one lasts
    is_serialised: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_sellable: Mapped[bool] = mapped_column(default=True)  # False: an imported code kept for its history
    popularity: Mapped[int] = mapped_column(default=0)  # units ordered lately, for the default sort
    source: Mapped[str] = mapped_column(BoundedText(40), default="portal")

    category: Mapped[Category | None] = relationship()
    stock: Mapped[Stock | None] = relationship(back_populates="product", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("price >= 0", name="price"),
        # What sells most, of everything and of a category; the second also counts each category's products.
        Index("ix_product_popular", "is_active", "is_sellable", "popularity", "id"),
        # Partial ones: of several that begin with the same columns SQLite takes the newest, not the fitting one.
        Index("ix_product_price", "price", "id", **_FOR_SALE),
        Index("ix_product_newest", "created_at", "id", **_FOR_SALE),
        Index("ix_product_category_popular", "is_active", "is_sellable", "category_id", "popularity", "id"),
    )

    @property
    def money(self) -> Money:
        return Money(self.price, self.currency)

    def search_source(self) -> Iterable[str | None]:
        yield self.sku
        for texts in (self.names, self.taglines):
            yield from texts.values()

    @property
    def stock_state(self) -> str:
        """in, low or out; what is not counted (no stock row) is made to order."""
        if self.stock is None:
            return "order"
        return stock_state_of(self.stock.on_hand, self.stock.low_below)


class Stock(Base):
    """Units on hand, in a row of its own: orders change it often and must not wait for each other's edits."""

    __tablename__ = "stock"

    product_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True
    )
    on_hand: Mapped[int] = mapped_column(default=0)
    low_below: Mapped[int] = mapped_column(default=5)

    product: Mapped[Product] = relationship(back_populates="stock")

    __table_args__ = (CheckConstraint("on_hand >= 0", name="on_hand"),)


class ProductLink(Base):
    """`product` fits / goes_with / succeeds `other`."""

    __tablename__ = "product_link"

    product_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("product.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(BoundedText(12), primary_key=True)

    __table_args__ = (CheckConstraint("kind IN ('fits', 'goes_with', 'succeeds')", name="kind"),)
