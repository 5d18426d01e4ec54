"""Interactions from files: what is read, and how a bad line is named."""

from __future__ import annotations

import gzip
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommender.tsv import InteractionFileError, read_interactions

GOOD = b"user\titem\tweight\ttime\nu1\ti1\t2\t2011-01-01 00:00:00\nu2\ti1\t.5\t1293840000\n"


def written(folder: Path, data: bytes, name: str = "t.tsv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def problems(folder: Path, data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(InteractionFileError) as caught:
        read_interactions(written(folder, data))
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "pack"), [("t.tsv", bytes), ("t.tsv.xz", lzma.compress), ("t.tsv.gz", gzip.compress)]
)
def test_plain_and_compressed_files_read_the_same(tmp_path: Path, name: str, pack) -> None:
    found = read_interactions(written(tmp_path, pack(GOOD), name))
    assert found.user_ids.tolist() == ["u1", "u2"]
    assert found.item_ids.tolist() == ["i1"]
    assert found.weights.tolist() == [2.0, 0.5]
    assert found.times.tolist() == [1293840000.0, 1293840000.0]


def test_only_user_and_item_are_needed_in_any_order_with_a_byte_order_mark(tmp_path: Path) -> None:
    found = read_interactions(written(tmp_path, "\ufeffitem\tuser\r\n茶壺\t王\r\n".encode()))
    assert (found.user_ids.tolist(), found.item_ids.tolist(), found.has_time) == (["王"], ["茶壺"], False)


@pytest.mark.parametrize(
    "cell",
    ["1293840000", "1293840000000", "1293840000000000", "1293840000000000000", "2011-01-01T01:00:00+01:00"],
)
def test_a_time_may_be_written_in_several_units(tmp_path: Path, cell: str) -> None:
    found = read_interactions(written(tmp_path, f"user\titem\ttime\nu\ti\t{cell}\n".encode()))
    assert datetime.fromtimestamp(found.newest, UTC) == datetime(2011, 1, 1, tzinfo=UTC)


def test_every_malformed_line_is_named_with_its_number(tmp_path: Path) -> None:
    data = (
        b"user\titem\tweight\ttime\n" b"u\ti\t1\t5\n" b"u\ti\t1\n" b"\ti\t1\t5\n" b"u\ti\tnan\t5\n" b"u\ti\t-1\t5\n"
        b"u\ti\t1e400\t5\n" b"u\ti\t1e13\t5\n" b"u\ti\t1\t2011-13-01\n" b"u\ti\t1\t1e30\n" b"\xff\ti\t1\t5\n" b"u\0\ti\t1\t5\n" b"\n"
    )  # fmt: skip
    found = dict(problems(tmp_path, data))
    assert found == {
        3: "3 columns where the header has 4",
        4: "user is empty",
        5: "weight 'nan' is not a finite number",
        6: "weight '-1' must be above 0 and at most 1e+12",
        7: "weight '1e400' is not a finite number",
        8: "weight '1e13' must be above 0 and at most 1e+12",
        9: "time '2011-13-01' is not ISO 8601",
        10: "time '1e30' is out of range",
        11: "byte 1 is not UTF-8",
        12: "holds a NUL character",
        13: "the line is empty",
    }


def test_of_very_many_problems_twenty_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InteractionFileError) as caught:
        read_interactions(written(tmp_path, b"user\titem\n" + b"x\n" * 1_000))
    assert (len(caught.value.problems), caught.value.count) == (20, 1_000)
    assert str(caught.value).endswith("and 980 more malformed lines")


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"", 0, "is empty"),
        (b"user\titem\n", 0, "holds no interactions"),
        (b"user,item\n", 1, "unknown column 'user,item'"),
        (b"user\titem\titem\n", 1, "a column is named twice"),
        (b"user\ttime\n", 1, "column 'item' is missing"),
        ("user\titem\n".encode("utf-16"), 1, "is UTF-16"),
        (b"user\titem\n" + b"x" * 20_000, 2, "is longer than"),
        (b"user\titem\n" + b"x" * 201 + b"\ti\n", 2, "user is longer than 200 characters"),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused(tmp_path: Path, data: bytes, line: int, what: str) -> None:
    (found,) = problems(tmp_path, data)
    assert found[0] == line
    assert found[1].startswith(what)


@pytest.mark.parametrize(("name", "pack"), [("t.tsv.xz", lzma.compress), ("t.tsv.gz", gzip.compress)])
def test_a_cut_off_archive_is_refused(tmp_path: Path, name: str, pack) -> None:
    with pytest.raises(InteractionFileError, match="damaged or cut off"):
        read_interactions(written(tmp_path, pack(GOOD * 50)[:-20], name))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InteractionFileError, match="no such file"):
        read_interactions(tmp_path / "none.tsv")
    with pytest.raises(InteractionFileError, match="cannot be read"):
        read_interactions(tmp_path)
