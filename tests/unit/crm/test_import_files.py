"""Files and profiles that cannot be read: what is said, and that nothing is written."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select

from core.transaction import reading
from crm.orders.importing.errors import ProfileError, SourceFileError
from crm.orders.importing.profile import Profile, list_built_in, load_profile, parse_profile
from crm.orders.models import Order
from tests.factories.imports import HEADING, PROFILE, csv_bytes, get_order, load, report, row

MINIMAL = {
    "source": "my-shop",
    "columns": {
        "document": "no",
        "code": "sku",
        "quantity": "qty",
        "unit_price": "price",
        "placed_at": "date",
    },
    "values": {"date_formats": ["%d.%m.%Y"], "timezone": "Europe/Berlin", "currency": "EUR"},
}


def with_profile(**changes: object) -> Profile:
    return parse_profile(yaml.safe_dump({**MINIMAL, **changes}), "mine.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "mine.yaml")
    return caught.value.problems


def refusal(folder: Path, content: bytes, profile: Profile | None = None) -> str:
    with pytest.raises(SourceFileError) as caught:
        load(folder, content, profile)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 0
    assert not (folder / "report.csv").exists()
    return str(caught.value)


@pytest.mark.parametrize(
    "pack", [lambda data: data, lzma.compress, gzip.compress], ids=["plain", "xz", "gzip"]
)
def test_plain_xz_and_gzip_are_told_apart_by_content(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    assert load(tmp_path, pack(csv_bytes([row()]))).accepted == 1
    assert len(get_order("536365").lines) == 1


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress], ids=["xz", "gzip"])
def test_a_file_that_was_cut_off_loads_nothing(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    # Lines that differ, so that packing leaves more than a few bytes.
    whole = pack(csv_bytes([row(str(n), code=str(n * 7919 % 99991)) for n in range(3000)]))
    told = refusal(tmp_path, whole[: len(whole) // 2])
    assert "the file is damaged or cut off here" in told
    assert told.startswith("line ")


def test_a_damaged_archive_loads_nothing(tmp_path: Path) -> None:
    whole = bytearray(
        lzma.compress(csv_bytes([row(str(n), code=str(n * 7919 % 99991)) for n in range(3000)]))
    )
    whole[-6] ^= 0xFF  # all lines can still be read, and only the check sum at the end is wrong
    assert "the file is damaged or cut off here" in refusal(tmp_path, bytes(whole))


def test_empty_files_and_headings_alone(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, b"") == "the file is empty: even the line with the names of the columns is missing"
    )
    summary = load(tmp_path, csv_bytes([]))
    assert (summary.lines, summary.accepted, summary.rejected) == (0, 0, 0)
    assert report(tmp_path) == []


def test_binary_files_are_refused(tmp_path: Path) -> None:
    assert "not utf-8" in refusal(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10)
    assert refusal(tmp_path, b"\0" * 5000) == "line 1: is not text: the file is binary"


def test_a_byte_in_another_encoding_is_named_by_line(tmp_path: Path) -> None:
    content = csv_bytes([row("1"), row("2", name="Gift Voucher £20")], encoding="latin-1")
    told = refusal(tmp_path, content)
    assert told.startswith("line 3: byte ")
    assert "is not utf-8: say the file's encoding in the profile (file.encoding)" in told


def test_latin_1_is_read_when_the_profile_says_so(tmp_path: Path) -> None:
    known = load_profile(PROFILE).model_dump()
    latin = Profile.model_validate({**known, "file": {"encoding": "latin-1"}})
    load(tmp_path, csv_bytes([row(name="Gift Voucher £20")], encoding="latin-1"), latin)
    assert get_order("536365").lines[0].names == {"en": "Gift Voucher £20"}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + csv_bytes([row(), row("2")]).replace(b"\n", b"\r\n") + b"\r\n\r\n"
    assert load(tmp_path, content).accepted == 2


def test_a_huge_line_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, csv_bytes([row(), row(name="x" * 2_000_000)]))
    assert told == "line 3: is longer than 1000000 bytes: not a table of this kind"
    assert refusal(tmp_path, csv_bytes([row(), row(name="x" * 200_000)])).startswith(
        "line 3: cannot be read as a table"
    )


def test_an_open_quote_is_named_by_the_line_where_it_opens(tmp_path: Path) -> None:
    content = csv_bytes([row()]) + b'2,85123A,"never closed,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n'
    assert refusal(tmp_path, content).startswith("line 3: cannot be read as a table")


def test_a_text_over_two_lines_counts_its_first(tmp_path: Path) -> None:
    load(tmp_path, [row(name="TWO\nLINES"), row("2", quantity="?")])
    assert [(one["line"], one["outcome"]) for one in report(tmp_path)] == [
        ("2", "accepted"),
        ("4", "rejected"),
    ]


def test_missing_unknown_and_doubled_columns_are_named(tmp_path: Path) -> None:
    lacking = [one.replace("Quantity", "Qty") for one in HEADING]
    assert refusal(tmp_path, csv_bytes([row()], lacking)).startswith(
        "line 1: the file has no column Quantity; it has InvoiceNo"
    )
    more = [*HEADING, "Weight"]
    assert refusal(tmp_path, csv_bytes([(*row(), 1)], more)) == (
        "line 1: the profile does not know the column Weight: add it to ignore_columns or columns"
    )
    assert (
        refusal(tmp_path, csv_bytes([(*row(), 1)], [*HEADING, "Country"]))
        == "line 1: several columns are called Country"
    )


def test_a_users_own_profile(tmp_path: Path) -> None:
    mine = with_profile(
        file={"encoding": "windows-1252", "delimiter": ";"},
        ignore_columns=["weight"],
        values={**MINIMAL["values"], "decimal_sign": ",", "thousands_sign": "."},
        rules={"cancellation": "ST-", "charge_pattern": "FREIGHT|FEE"},
        customers={"kind": "household", "name": "Kunde {number}"},
        columns={**MINIMAL["columns"], "customer": "kunde", "name": "artikel"},
    )
    content = (
        "no;weight;sku;artikel;qty;price;date;kunde\n"
        "RE-1;3;A1;Kännchen;1.000;1.234,50;24.12.2024;77\n"
        "RE-1;;FREIGHT-DE;Fracht;1;4,90;24.12.2024;77\n"
        "ST-1;;A1;Kännchen;-1;1.234,50;27.12.2024;77\n"
    )
    summary = load(tmp_path, content.encode("windows-1252"), mine)
    assert summary.rejected == 0
    order = get_order("RE-1")
    assert [(line.kind, line.quantity, str(line.amount)) for line in order.lines] == [
        ("product", 1000, "1234500"), ("charge", 1, "4.9"),
    ]  # fmt: skip
    assert order.placed_at.isoformat() == "2024-12-23T23:00:00+00:00"
    assert (get_order("ST-1").state, order.currency, order.source) == ("cancelled", "EUR", "my-shop")


def test_the_built_in_profile_is_sound() -> None:
    assert list_built_in() == [PROFILE]
    assert load_profile(PROFILE).values.timezone == "Europe/London"


def test_wrong_profiles_name_each_field() -> None:
    assert problems("- a list") == ["mine.yaml must be a mapping with the keys source, columns and values"]
    assert problems("source: [")[0].startswith("mine.yaml is not YAML")
    assert "the key source occurs twice" in problems("source: a\nsource: b")[0]
    told = problems(yaml.safe_dump({**MINIMAL, "colums": {}, "source": "My Shop"}))
    assert told == [
        "mine.yaml: source: String should match pattern '^[a-z0-9]+(-[a-z0-9]+)*$'",
        "mine.yaml: colums: is not a key of a profile",
    ]
    values = {"date_formats": ["%H:%M"], "timezone": "Mars/Base", "currency": "pounds", "decimal_sign": ";"}
    fields = [one.split(": ")[1] for one in problems(yaml.safe_dump({**MINIMAL, "values": values}))]
    assert fields == ["values.date_formats.0", "values.timezone", "values.currency", "values.decimal_sign"]
    assert (
        "is not a regular expression"
        in problems(yaml.safe_dump({**MINIMAL, "rules": {"cancellation": "("}}))[0]
    )
    assert "source portal is taken" in problems(yaml.safe_dump({**MINIMAL, "source": "portal"}))[0]
    twice = {**MINIMAL["columns"], "code": "no"}
    assert "one column cannot be two things: no" in problems(yaml.safe_dump({**MINIMAL, "columns": twice}))[0]


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("no-such")
    assert caught.value.problems == [
        f"there is no profile no-such: give the path of a YAML file, or one of: {PROFILE}"
    ]
