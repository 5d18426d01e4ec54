"""Documents into rows: orders with their lines, and corrections that are no orders."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect, Table

from core import clock
from core.ids import new_id
from core.money import from_units
from core.search import fold
from crm.orders.delivery import ADDRESS_FIELDS
from crm.orders.importing.bulk import BulkTable
from crm.orders.importing.grouping import Document
from crm.orders.importing.lines import Line
from crm.orders.importing.profile import Profile
from crm.orders.models import Order, OrderEvent, OrderLine, StockAdjustment
from crm.orders.search import MOST_TEXT

METHOD = "imported"  # of payment and delivery: bulk loads take no stock and no money
_ORDER = (
    "id", "number", "account_id", "user_id", "email", "state", "payment_method", "payment_state", "delivery_method",
    "currency", "items_total", "delivery_total", "tax_total", "total", "delivery_address", "billing_address",
    "customer_note", "placed_at", "promised_on", "delivered_at", "locale", "source", "idempotency_key", "version",
    "search_text", "created_at", "updated_at",
)  # fmt: skip
_LINE = (
    "id", "order_id", "position", "kind", "product_id", "sku", "names", "quantity", "cancelled_quantity",
    "returned_quantity", "unit_price", "amount", "tax_rate",
)  # fmt: skip
_EVENT = ("id", "order_id", "at", "kind", "actor_id", "actor_name", "is_internal", "data")
_ADJUSTMENT = (
    "id",
    "source",
    "document",
    "product_id",
    "sku",
    "text",
    "quantity",
    "amount",
    "currency",
    "at",
)


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


class Rows:
    """Encoded rows of a chunk of documents, gathered until they are written together."""

    def __init__(
        self,
        dialect: Dialect,
        profile: Profile,
        *,
        products: Mapping[str, tuple[uuid.UUID, str]],
        accounts: Mapping[str, uuid.UUID],
    ) -> None:
        """`products`: code -> (id, name); `accounts`: the file's customer number -> id."""
        self._profile, self._accounts = profile, accounts
        self._orders = BulkTable(dialect, _table(Order), _ORDER)
        self._lines = BulkTable(dialect, _table(OrderLine), _LINE)
        self._events = BulkTable(dialect, _table(OrderEvent), _EVENT)
        self._adjustments = BulkTable(dialect, _table(StockAdjustment), _ADJUSTMENT)
        encode = self._lines.encoders
        self._id = encode["id"]
        self._products = {
            code: (encode["product_id"](row_id), name) for code, (row_id, name) in products.items()
        }
        self._product_ids = {code: row_id for code, (row_id, _) in products.items()}
        self._names: dict[str, Any] = {}
        self._folded: dict[str, str] = {}
        self._tax_rate = profile.catalogue.tax_percent * 100
        self.documents: list[Document] = []
        self.size = 0

    def add(self, document: Document) -> None:
        self.documents.append(document)
        self.size += len(document.lines)

    def clear(self) -> None:
        self.documents, self.size = [], 0

    def write(self, session: Any, *, skip: frozenset[str] = frozenset()) -> int:
        """Writes what was gathered, except the documents in `skip`; returns how many documents."""
        moment = clock.now()
        orders: list[tuple[Any, ...]] = []
        lines: list[tuple[Any, ...]] = []
        events: list[tuple[Any, ...]] = []
        adjustments: list[tuple[Any, ...]] = []
        wanted = [document for document in self.documents if document.number not in skip]
        for document in wanted:
            if order_lines := document.order_lines:
                order_id = new_id()
                orders.append(self._orders.encode(self._order(order_id, document, order_lines, moment)))
                events.append(self._events.encode(self._event(order_id, document, order_lines)))
                self._append_lines(lines, self._id(order_id), order_lines)
            adjustments += [self._adjustments.encode(self._adjustment(line)) for line in document.adjustments]
        self._orders.insert(session, orders)
        self._lines.insert(session, lines)
        self._events.insert(session, events)
        self._adjustments.insert(session, adjustments)
        return len(wanted)

    def _order(
        self, order_id: uuid.UUID, document: Document, lines: list[Line], moment: Any
    ) -> tuple[Any, ...]:
        profile, first, at = self._profile, lines[0], document.at
        total = from_units(sum(line.amount for line in lines))
        country = next((line.country for line in lines if line.country), "")
        address = {**dict.fromkeys(ADDRESS_FIELDS, ""), "country": profile.countries.get(country, country)}
        account_id = self._accounts[first.customer] if first.customer else None
        state = "cancelled" if document.is_cancellation else "delivered"
        return (
            order_id, document.number, account_id, None, None, state, METHOD, "not_needed", METHOD,
            profile.values.currency, total, 0, 0, total, address, {},
            "", at, None, None, "en", profile.source, None, 1,
            self._search_text(document.number, lines), at, moment,
        )  # fmt: skip

    def _event(self, order_id: uuid.UUID, document: Document, lines: list[Line]) -> tuple[Any, ...]:
        if document.is_cancellation:
            kind, data = "cancelled", {"by": "staff", "reason": ""}
        else:
            total = from_units(sum(line.amount for line in lines))
            kind, data = "ordered", {"total": str(total), "currency": self._profile.values.currency}
        return (
            new_id(),
            order_id,
            document.at,
            kind,
            None,
            "",
            False,
            {**data, "source": self._profile.source},
        )

    def _append_lines(self, rows: list[tuple[Any, ...]], order_id: Any, lines: list[Line]) -> None:
        # The one hot place: everything that recurs was encoded once.
        encode_id, products, tax_rate = self._id, self._products, self._tax_rate
        for position, line in enumerate(lines, start=1):
            product_id, called = products.get(line.code, (None, "")) if line.kind != "charge" else (None, "")
            name = line.name or called or line.code
            names = self._names.get(name) or self._encoded_name(name)
            rows.append(
                (encode_id(new_id()), order_id, position, line.kind, product_id, line.code, names, line.quantity,
                 0, 0, line.units, line.amount, tax_rate)
            )  # fmt: skip

    def _encoded_name(self, name: str) -> Any:
        encoded = self._lines.encoders["names"]({self._profile.catalogue.locale: name})
        self._names[name] = encoded
        return encoded

    def _adjustment(self, line: Line) -> tuple[Any, ...]:
        profile = self._profile
        product_id = self._product_ids.get(line.code)
        amount = from_units(line.amount)
        return (
            new_id(), profile.source, line.document, product_id, line.code, line.name, line.quantity, amount,
            profile.values.currency, line.at,
        )  # fmt: skip

    def _search_text(self, number: str, lines: list[Line]) -> str:
        """As crm.orders.search.searchable_text makes it; folding is done word by word, so parts can be kept."""
        parts = [number]
        for line in lines:
            parts.append(line.code)
            if name := line.name or self._products.get(line.code, (None, ""))[1]:
                parts.append(name)
        return " ".join(self._fold(part) for part in dict.fromkeys(parts))[:MOST_TEXT]

    def _fold(self, text: str) -> str:
        found = self._folded.get(text)
        if found is None:
            found = fold(text)
            if len(self._folded) < 100_000:
                self._folded[text] = found
        return found
