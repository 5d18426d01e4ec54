"""What a file of orders becomes, trap by trap."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.jobs.models import Job
from core.mail.models import Mail
from core.transaction import reading, transaction
from crm.catalogue.models import Product, Stock
from crm.customers.models import Account
from crm.orders.importing.profile import Profile, load_profile
from crm.orders.models import Order, OrderLine, StockAdjustment
from tests.factories.goods import make_product
from tests.factories.imports import PROFILE, get_order, load, report, row, sums_by_document


def products(session: Session) -> dict[str, Product]:
    return {product.sku: product for product in session.scalars(select(Product))}


def test_an_invoice_becomes_an_order_with_customer_lines_and_place(tmp_path: Path) -> None:
    summary = load(tmp_path, [row(), row(code="71053", name="WHITE METAL LANTERN", price="3.39")])
    order = get_order("536365")
    assert (summary.lines, summary.accepted, summary.rejected) == (2, 2, 0)
    assert (order.state, order.source, order.payment_method, order.currency) == (
        "delivered",
        PROFILE,
        "imported",
        "GBP",
    )
    assert order.total == Decimal("35.64")
    assert order.placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert order.delivery_address["country"] == "GB"
    assert [
        (line.position, line.kind, line.sku, line.quantity, line.unit_price, line.amount)
        for line in order.lines
    ] == [
        (1, "product", "85123A", 6, Decimal("2.55"), Decimal("15.3")),
        (2, "product", "71053", 6, Decimal("3.39"), Decimal("20.34")),
    ]
    with reading() as session:
        account = session.get_one(Account, order.account_id)
        assert (account.external_id, account.name, account.country) == ("17850", "Customer 17850", "GB")
        assert "17850" in account.search_text
        assert "lantern" in order.search_text


def test_summer_time_is_the_profiles(tmp_path: Path) -> None:
    load(tmp_path, [row(at="2011-07-01 12:00:00")])
    assert get_order("536365").placed_at == datetime(2011, 7, 1, 11, 0, tzinfo=UTC)


def test_duplicates_stay_lines(tmp_path: Path) -> None:
    load(tmp_path, [row(), row(), row()])
    order = get_order("536365")
    assert [line.quantity for line in order.lines] == [6, 6, 6]
    assert order.total == Decimal("45.90")


def test_a_cancellation_is_a_cancelled_order_with_negative_amounts(tmp_path: Path) -> None:
    load(tmp_path, [row(), row("C536379", quantity=-1), row("C536379", "D", "Discount", -1, price="27.50")])
    order = get_order("C536379")
    assert (order.state, order.total) == ("cancelled", Decimal("-30.05"))
    assert [(line.kind, line.quantity) for line in order.lines] == [("product", -1), ("charge", -1)]


def test_negative_quantities_and_a_invoices_are_adjustments_and_no_orders(tmp_path: Path) -> None:
    load(
        tmp_path,
        [
            row(),
            row("536589", name="damaged", quantity=-10, price="0.0", customer=""),
            row("A563186", "B", "Adjust bad debt", 1, price="-11062.06", customer=""),
        ],
    )
    with reading() as session:
        assert list(session.scalars(select(Order.number))) == ["536365"]
        rows = session.scalars(select(StockAdjustment).order_by(StockAdjustment.document)).all()
        assert [(one.document, one.quantity, one.amount, one.text) for one in rows] == [
            ("536589", -10, Decimal(0), "damaged"),
            ("A563186", 1, Decimal("-11062.06"), "Adjust bad debt"),
        ]
        assert rows[0].product_id == products(session)["85123A"].id
        assert sorted(products(session)) == ["85123A"]
        # The note on a correction is not the product's name.
        assert products(session)["85123A"].names == {"en": "WHITE HANGING HEART"}


def test_zero_prices_are_gifts_and_tiny_prices_are_prices(tmp_path: Path) -> None:
    load(tmp_path, [row(price="0.0"), row(price="0.001", quantity=3), row(price="2.55")])
    order = get_order("536365")
    assert [line.kind for line in order.lines] == ["gift", "product", "product"]
    assert order.total == Decimal("15.303")


def test_codes_of_the_profile_are_charges_and_no_products(tmp_path: Path) -> None:
    codes = ["POST", "DOT", "M", "m", "D", "S", "C2", "BANK CHARGES", "AMAZONFEE", "CRUK"]
    goods = ["PADS", "DCGS0003", "gift_0001_20", "85123A"]
    load(tmp_path, [row(code=code, name=code) for code in [*codes, *goods]])
    order = get_order("536365")
    assert [line.sku for line in order.lines if line.kind == "charge"] == codes
    assert all(line.product_id is None for line in order.lines if line.kind == "charge")
    with reading() as session:
        assert sorted(products(session)) == sorted(goods)


def test_codes_are_compared_as_written(tmp_path: Path) -> None:
    load(
        tmp_path,
        [row(code="15056BL", name="EDWARDIAN PARASOL"), row(code="15056bl", name="EDWARDIAN PARASOL")],
    )
    with reading() as session:
        found = products(session)
        assert sorted(found) == ["15056BL", "15056bl"]
        assert {product.slug for product in found.values()} == {
            "edwardian-parasol-15056bl", "edwardian-parasol-15056bl-2",
        }  # fmt: skip
    lines = get_order("536365").lines
    assert lines[0].product_id != lines[1].product_id


def test_the_newest_description_and_price_win_wherever_they_stand(tmp_path: Path) -> None:
    load(
        tmp_path,
        [
            row("2", name="NEW NAME", price="3.10", at="2011-05-01 10:00:00"),
            row("1", name="OLD NAME", price="2.10", at="2011-01-01 10:00:00"),
            row("3", name="", price="9.00", at="2011-06-01 10:00:00"),
        ],
    )
    with reading() as session:
        product = products(session)["85123A"]
    assert (product.names, product.price, product.currency) == ({"en": "NEW NAME"}, Decimal(9), "GBP")
    assert (product.is_active, product.is_sellable) == (True, True)
    assert get_order("1").lines[0].names == {"en": "OLD NAME"}
    assert get_order("3").lines[0].names == {"en": "NEW NAME"}


def test_what_was_never_sold_is_kept_and_not_offered(tmp_path: Path) -> None:
    load(tmp_path, [row(code="72814", name="SET/4 CANDLES", price="0.0")])
    with reading() as session:
        product = products(session)["72814"]
    assert (product.is_active, product.is_sellable, product.price) == (False, False, Decimal(0))


def test_lines_without_customer_are_guest_orders(tmp_path: Path) -> None:
    load(tmp_path, [row(customer="")])
    order = get_order("536365")
    assert (order.account_id, order.user_id, order.email) == (None, None, None)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_an_order_with_two_times_takes_the_first_and_lines_may_stand_apart(tmp_path: Path) -> None:
    load(
        tmp_path,
        [
            row("542806", at="2011-02-01 11:20:00"),
            row("542807", code="22423", at="2011-02-01 11:21:00"),
            row("542806", code="71053", at="2011-02-01 11:19:00"),
        ],
    )
    order = get_order("542806")
    assert order.placed_at == datetime(2011, 2, 1, 11, 19, tzinfo=UTC)
    assert [line.sku for line in order.lines] == ["85123A", "71053"]
    assert [line.sku for line in get_order("542807").lines] == ["22423"]


def test_a_customer_with_several_countries_is_one_whose_newest_counts(tmp_path: Path) -> None:
    load(
        tmp_path,
        [
            row("1", customer="12431", country="Belgium", at="2011-05-01 10:00:00"),
            row("2", customer="12431", country="Australia", at="2010-12-01 10:00:00"),
        ],
    )
    with reading() as session:
        account = session.scalars(select(Account)).one()
    assert account.country == "BE"
    assert [get_order(number).delivery_address["country"] for number in "12"] == ["BE", "AU"]


def test_a_country_without_a_code_stays_as_it_is_written(tmp_path: Path) -> None:
    load(tmp_path, [row(country="Channel Islands")])
    assert get_order("536365").delivery_address["country"] == "Channel Islands"


def test_one_wrong_line_rejects_its_whole_invoice_and_nothing_else(tmp_path: Path) -> None:
    summary = load(
        tmp_path,
        [row("1"), row("2"), row("2", quantity="many", price="1.00"), row("3", quantity=2, price="1.00")],
    )
    assert (summary.lines, summary.accepted, summary.rejected) == (4, 2, 2)
    with reading() as session:
        assert sorted(session.scalars(select(Order.number))) == ["1", "3"]
    told = {(one["line"], one["outcome"], one["amount"], one["reason"]) for one in report(tmp_path)}
    assert told == {
        ("2", "accepted", "15.30", ""),
        ("3", "rejected", "15.30", "line 4 of this document was rejected"),
        ("4", "rejected", "", "quantity: 'many' is not a whole number"),
        ("5", "accepted", "2.00", ""),
    }


def test_every_kind_of_wrong_value_is_named(tmp_path: Path) -> None:
    wrong = {
        "quantity: '' is not a whole number": row("a", quantity=""),
        "quantity: '1.5' is not a whole number": row("b", quantity="1.5"),
        "quantity: '0' is 0 or too large": row("c", quantity="0"),
        "quantity: '9999999999' is 0 or too large": row("d", quantity="9999999999"),
        "quantity: '٣' is not a whole number": row("e", quantity="٣"),
        "unit price: 'free' is not an amount": row("f", price="free"),
        "unit price: '1e3' is not an amount": row("g", price="1e3"),
        "unit price: 'NaN' is not an amount": row("h", price="NaN"),
        "unit price: '0.00001' has more than four decimal places": row("i", price="0.00001"),
        "unit price: '1000000000000' is too large": row("j", price="1000000000000"),
        "unit price: is negative, and the code is no charge of the profile": row("k", price="-1"),
        "holds a NUL character": row("m", name="a\0b"),
        "document: needs 1 to 40 characters": row(""),
        "code: needs 1 to 60 characters": row("o", code=" "),
        "a text is too long (name 250, customer 80, country 60 characters)": row("p", name="x" * 251),
        "the amount is too large": row("q", quantity=1_000_000_000, price="999999999"),
        "has 9 fields instead of 8": (*row("r"), "more"),
        "has 2 fields instead of 8": ("s", "x"),
    }
    summary = load(tmp_path, wrong.values())
    assert [one["reason"] for one in report(tmp_path)] == list(wrong)
    assert [int(one["line"]) for one in report(tmp_path)] == list(range(2, len(wrong) + 2))
    assert (summary.accepted, summary.rejected, summary.written) == (0, len(wrong), 0)


def test_wrong_dates_are_named(tmp_path: Path) -> None:
    dates = ["yesterday", "2011-02-30 10:00:00", "", "0001-01-01 00:00:00", "31/12/2011 10:00"]
    load(tmp_path, [row(str(n), at=text) for n, text in enumerate(dates)])
    for text, one in zip(dates, report(tmp_path), strict=True):
        assert one["reason"].startswith(f"placed at: {text!r} is no date as %Y-%m-%d %H:%M:%S")


def test_an_invoice_of_two_customers_is_rejected(tmp_path: Path) -> None:
    load(tmp_path, [row(), row(customer="1")])
    assert [one["reason"] for one in report(tmp_path)] == [
        "names several customers (on line 3 another one)"
    ] * 2


def test_rejected_documents_leave_no_products_and_customers(tmp_path: Path) -> None:
    load(
        tmp_path,
        [row("1"), row("2", code="NEW", customer="99"), row("2", code="NEW", customer="99", quantity="?")],
    )
    with reading() as session:
        assert list(products(session)) == ["85123A"]
        assert list(session.scalars(select(Account.external_id))) == ["17850"]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    rows = [
        row(),
        row("C1", quantity=-1),
        row("536589", quantity=-10, price="0", customer=""),
        row("4", customer=""),
    ]
    load(tmp_path, rows)
    with reading() as session:
        before = sums_by_document(session)
        revision = {sku: (one.revision, one.updated_at) for sku, one in products(session).items()}
        ids = set(session.scalars(select(OrderLine.id)))
    summary = load(tmp_path, rows)
    assert (summary.written, summary.unchanged, summary.products_made, summary.accounts_made) == (0, 4, 0, 0)
    assert {one["reason"] for one in report(tmp_path)} == {"already loaded"}
    with reading() as session:
        assert sums_by_document(session) == before
        assert {sku: (one.revision, one.updated_at) for sku, one in products(session).items()} == revision
        assert set(session.scalars(select(OrderLine.id))) == ids


def test_a_longer_file_adds_what_is_new_and_newer_names(tmp_path: Path) -> None:
    load(tmp_path, [row("1")])
    later = [row("1"), row("2", name="RENAMED", price="4.00", at="2011-03-01 09:00:00")]
    summary = load(tmp_path, later)
    assert (summary.written, summary.unchanged, summary.products_changed) == (1, 1, 1)
    with reading() as session:
        product = products(session)["85123A"]
    assert (product.names, product.price, product.revision) == ({"en": "RENAMED"}, Decimal(4), 2)
    assert "renamed" in product.search_text


def test_a_document_that_differs_from_the_one_loaded_is_rejected(tmp_path: Path) -> None:
    load(tmp_path, [row()])
    summary = load(tmp_path, [row(quantity=7)])
    assert (summary.accepted, summary.rejected) == (0, 1)
    assert report(tmp_path)[0]["reason"] == "differs from the document of this number that was loaded before"
    assert get_order("536365").total == Decimal("15.30")


def test_numbers_and_codes_of_others_are_left_alone(tmp_path: Path) -> None:
    with transaction() as session:
        mine = make_product(session, sku="85123A", price="99.00")
    load(tmp_path, [row("1")])
    other = Profile.model_validate({**load_profile(PROFILE).model_dump(), "source": "another-shop"})
    summary = load(tmp_path, [row("1"), row("2")], other)
    assert (summary.accepted, summary.rejected) == (1, 1)
    assert report(tmp_path)[0]["reason"] == "an order of another source has this number"
    with reading() as session:
        product = products(session)["85123A"]
        assert (product.id, product.price, product.source) == (mine.id, Decimal(99), "portal")
        assert session.get_one(Stock, mine.id).on_hand == 100
    assert get_order("1").lines[0].product_id == mine.id


def test_a_dry_run_reports_and_writes_nothing(tmp_path: Path) -> None:
    summary = load(tmp_path, [row(), row("2", quantity="?")], dry_run=True)
    assert (summary.accepted, summary.rejected, summary.written) == (1, 1, 0)
    assert len(report(tmp_path)) == 2
    with reading() as session:
        counts = [
            session.scalar(select(func.count()).select_from(kind)) for kind in (Order, Product, Account, Job)
        ]
    assert counts == [0, 0, 0, 0]


def test_a_bulk_load_sends_nothing_and_asks_for_one_rebuild(tmp_path: Path) -> None:
    load(tmp_path, [row(str(n), code=f"8512{n}") for n in range(9)])
    with reading() as session:
        assert [(job.name, job.key) for job in session.scalars(select(Job))] == [
            ("search.rebuild", "product")
        ]
        assert session.scalar(select(func.count()).select_from(Mail)) == 0
        assert session.scalar(select(func.count()).select_from(Stock)) == 0


def test_popularity_is_what_was_sold_in_the_last_days_less_cancellations(tmp_path: Path) -> None:
    load(
        tmp_path,
        [
            row("1", quantity=100, at="2011-01-01 10:00:00"),
            row("2", quantity=10, at="2011-11-01 10:00:00"),
            row("C3", quantity=-4, at="2011-12-01 10:00:00"),
            row("4", code="22423", quantity=-5, price="0", at="2011-12-01 10:00:00"),
        ],
    )
    with reading() as session:
        assert {sku: one.popularity for sku, one in products(session).items()} == {"85123A": 6, "22423": 0}


def test_accepted_and_rejected_are_the_file_to_the_penny(tmp_path: Path) -> None:
    rows = [
        row(str(n // 3), quantity=n % 7 + 1, price=f"{n % 11}.{n % 97:02}")
        if n % 31
        else row(str(n // 3), quantity=0)
        for n in range(200)
    ]
    summary = load(tmp_path, rows)
    assert summary.accepted + summary.rejected == 200
    expected: dict[str, Decimal] = {}
    refused = {str(one[0]) for one in rows if one[3] == 0}
    for one in rows:
        if str(one[0]) not in refused:
            expected[str(one[0])] = expected.get(str(one[0]), Decimal(0)) + Decimal(str(one[5])) * int(
                str(one[3])
            )
    with reading() as session:
        assert sums_by_document(session) == expected
    told: dict[str, Decimal] = {}
    for entry in report(tmp_path):
        if entry["outcome"] == "accepted":
            told[entry["document"]] = told.get(entry["document"], Decimal(0)) + Decimal(entry["amount"])
    assert told == expected
