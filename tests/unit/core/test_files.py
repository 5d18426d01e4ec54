"""What people hand in: told by content, kept whole or not at all, under a name that harms nothing."""

from __future__ import annotations

import errno
import io
import os
import re
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from core.errors import Invalid, NotFound, Unavailable
from core.files import keep, open_file, path_of, record, store
from core.files.kinds import PICTURES, media_type_of
from core.files.names import clean_name
from core.files.sweep import sweep


def _picture(kind: str = "PNG") -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(held, kind)
    return held.getvalue()


def _office(folder: str, **extra: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}document.xml", "<x/>")
        for name, content in extra.items():
            archive.writestr(name, content)
    return held.getvalue()


def _huge_png() -> bytes:
    """A header that promises 50,000 by 50,000 points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(store, "files_folder", lambda: tmp_path)
    monkeypatch.setattr("core.files.sweep.files_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"%PDF-1.7 whatever", "application/pdf"),
        (_picture("PNG"), "image/png"),
        (_picture("JPEG"), "image/jpeg"),
        (_picture("GIF"), "image/gif"),
        (_picture("WEBP"), "image/webp"),
        (_office("word/"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("Seriennummer 12\n序號".encode(), "text/plain"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
    ],
)
def test_content_tells_what_a_file_is(content: bytes, expected: str) -> None:
    assert media_type_of(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\xef\xbb\xbf  <!DOCTYPE html><script>alert(1)</script>",
        b"<?xml version='1.0'?><x/>",
        b"MZ\x90\x00 program",
        b"\xff\xfe broken \xd8",
        _picture()[:20],
        _huge_png(),
        b"PK\x03\x04 no archive",
        _office("other/"),
        _office("word/", **{"word/vbaProject.bin": b"macro"}),
        _office("word/", **{f"word/{i}": b"\0" * 30_000_000 for i in range(8)}),
    ],
)
def test_what_runs_or_unpacks_is_refused(content: bytes) -> None:
    assert media_type_of(content) is None
    with pytest.raises(Invalid) as caught:
        keep(io.BytesIO(content), "x.png", field="attachment")
    assert (caught.value.code, caught.value.field) == ("file.kind", "attachment")


def test_a_file_is_kept_once_per_content(session: Session, own_folder: Path) -> None:
    first = record(session, keep(io.BytesIO(_picture()), "a.png"))
    second = record(session, keep(io.BytesIO(_picture()), "b.png"))
    assert first.id != second.id
    assert [path.name for path in own_folder.glob("*/*/*")] == [first.digest]
    with open_file(second) as file:
        assert file.read() == _picture()
    path_of(first.digest).unlink()
    with pytest.raises(NotFound):
        open_file(first)


def test_empty_large_and_unwanted_files_are_refused() -> None:
    for content, code in ((b"", "file.empty"), (b"x" * 2001, "file.too_large"), (b"text", "file.kind")):
        with pytest.raises(Invalid) as caught:
            keep(io.BytesIO(content), "x", kinds=PICTURES, largest=2000)
        assert caught.value.code == code


def test_a_full_disk_leaves_nothing_behind(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        keep(io.BytesIO(b"some text"), "a.txt")
    assert [path for path in own_folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("..\\..\\boot.ini", "boot.ini.txt"),
        ("%2e%2e%2fx.txt", "2e2e2fx.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("\u200b.htaccess", "htaccess.txt"),
        ("x\r\nSet-Cookie: a=b.txt", "xSet-Cookie a=b.txt".replace(":", "")),
        ("\u202egnp.txt", "gnp.txt"),
        ("a" * 300 + ".txt", "a" * 120 + ".txt"),
        ("說明書.csv", "說明書.csv"),
        ("", "file.txt"),
        (None, "file.txt"),
        ("evil.html", "evil.html.txt"),
    ],
)
def test_names_are_made_harmless(given: str | None, kept: str) -> None:
    found = clean_name(given, "text/plain")
    assert found == kept
    assert not re.search(r"[\x00-\x1f/\\\u202e]", found)


def test_bytes_without_a_row_leave_after_a_day(session: Session, own_folder: Path) -> None:
    kept = record(session, keep(io.BytesIO(b"kept"), "a.txt"))
    lost = keep(io.BytesIO(b"lost"), "b.txt")
    fresh = keep(io.BytesIO(b"fresh"), "c.txt")
    long_ago = time.time() - 2 * 86_400
    for digest in (kept.digest, lost.digest):
        os.utime(path_of(digest), (long_ago, long_ago))
    sweep(session)
    assert {path.name for path in own_folder.glob("*/*/*")} == {kept.digest, fresh.digest}
