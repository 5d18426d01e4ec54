"""Bodies and parameters of the API. Unknown fields are refused; numbers are numbers, not texts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from crm.orders.pricing import LARGEST_QUANTITY, MOST_LINES


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# Amounts travel as texts with two decimals: a JSON number would pass through floats.
Amount = Annotated[Decimal, PlainSerializer(lambda value: f"{value:.2f}", return_type=str)]


Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=160)]
OptionalLine = Annotated[str, StringConstraints(strict=True, max_length=160)]


class LineIn(Strict):
    sku: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=60)]
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST_QUANTITY)]


class AddressIn(Strict):
    recipient: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=120)]
    line1: Line
    line2: OptionalLine = ""
    postal_code: Annotated[str, StringConstraints(strict=True, max_length=20)] = ""
    city: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]
    region: Annotated[str, StringConstraints(strict=True, max_length=100)] = ""
    country: Annotated[str, StringConstraints(strict=True, pattern="^[A-Z]{2}$")]
    phone: Annotated[str, StringConstraints(strict=True, max_length=40)] = ""


class OrderIn(Strict):
    """A new order. Prices, stock and the account come from us, never from the request."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]
    delivery_address: AddressIn | None = None
    delivery_method: Literal["standard", "express", "pickup"] = "standard"
    pickup_point: UUID | None = None
    payment_method: Literal["account", "card"] = "account"
    payment_token: Annotated[str, StringConstraints(strict=True, max_length=80)] | None = None
    note: Annotated[str, StringConstraints(strict=True, max_length=1000)] = ""


class LineOut(BaseModel):
    position: int
    kind: str
    sku: str
    name: str
    quantity: int
    unit_price: Amount
    amount: Amount


class OrderOut(BaseModel):
    number: str
    state: str
    payment_method: str
    payment_state: str
    delivery_method: str
    currency: str
    items_total: Amount
    delivery_total: Amount
    tax_total: Amount
    total: Amount
    placed_at: datetime
    promised_on: date | None
    delivered_at: datetime | None
    delivery_address: dict[str, Any]
    lines: list[LineOut]


class OrderSummaryOut(BaseModel):
    number: str
    state: str
    currency: str
    total: Amount
    placed_at: datetime
    promised_on: date | None


class OrderListOut(BaseModel):
    orders: list[OrderSummaryOut]
    next: str | None = Field(description="Give it as `after` to get the following page; null at the end.")


class OrderListQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    after: Annotated[str, StringConstraints(max_length=200)] | None = None
    state: Annotated[str, StringConstraints(max_length=20)] | None = None


class KeyHeader(BaseModel):
    key: Annotated[str, StringConstraints(pattern="^[!-~]{1,80}$")] = Field(alias="Idempotency-Key")


class FieldProblem(BaseModel):
    field: str | None
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    status: int
    code: str
    title: str
    field: str | None = None
    errors: list[FieldProblem] | None = None
