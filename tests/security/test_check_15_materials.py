"""Checks 14, 15, 16 and 42 for logos and material: active content, names, markup and bombs."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db.engine import new_session
from core.files import StoredFile
from crm.partners.models import MaterialVersion, PartnerProfile
from tests.factories.partners import account_of, make_material, make_partner, png
from tests.factories.people import make_staff, sign_in
from tests.factories.web import post

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}",
    "'-alert(1)-'",
]


@pytest.fixture
def session() -> Iterator[Session]:
    found = new_session(write=True)
    yield found
    found.close()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png_bomb(side: int = 50_000) -> bytes:
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\x00" * 100_000))
        + _chunk(b"IEND", b"")
    )


def _zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/slide.xml", b"0" * 250_000_000)
    return out.getvalue()


def _macros() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/vbaProject.bin", b"x")
    return out.getvalue()


BAD = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "exe": b"MZ\x90\x00" + b"\x00" * 200,
    "png of 50,000 by 50,000": _png_bomb(),
    "broken png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_no_picture_never_becomes_a_logo(session: Session, client: FlaskClient, name: str) -> None:
    user = make_partner(session)
    sign_in(client, user)
    began = time.monotonic()
    answer = post(
        client,
        "/materials/profile",
        {"public_name": "Dawn", "logo": (io.BytesIO(BAD[name]), "logo.png")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert time.monotonic() - began < 10  # generous: what would unpack is never unpacked
    session.expire_all()
    assert session.get(PartnerProfile, account_of(session, user).id).logo_id is None  # type: ignore[union-attr]
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


@pytest.mark.parametrize(
    "name", ["svg", "html", "xml", "exe", "zip bomb", "macros", "png of 50,000 by 50,000"]
)
def test_what_is_no_document_never_becomes_a_version(
    session: Session, client: FlaskClient, name: str
) -> None:
    content = {**BAD, "zip bomb": _zip_bomb(), "macros": _macros()}[name]
    material = make_material(session, languages=("en",))
    sign_in(client, make_staff(session, "partner_manager"))
    answer = post(
        client,
        f"/staff/materials/{material.id}/versions/file",
        {"language": "zh-Hant", "file": (io.BytesIO(content), "slides.pptx")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(MaterialVersion)) == 1


def test_a_polyglot_logo_is_drawn_anew(session: Session, client: FlaskClient) -> None:
    user = make_partner(session)
    sign_in(client, user)
    sent = png() + b"<script>alert(document.domain)</script>PK\x03\x04"
    answer = post(
        client,
        "/materials/profile",
        {"public_name": "Dawn", "logo": (io.BytesIO(sent), "logo.html")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    logo = client.get("/materials/profile/logo.png", buffered=True)
    assert b"script" not in logo.data
    assert logo.mimetype == "image/png"
    assert logo.headers["X-Content-Type-Options"] == "nosniff"
    assert logo.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    "given",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "%2e%2e%2fx.pdf",
        "a\u202efdp.exe",
        "x" * 300 + ".pdf",
        "\u200b.htaccess",
        'a";b.pdf',
    ],
)
def test_names_of_uploads_reach_headers_and_disk_harmless(
    session: Session, client: FlaskClient, given: str
) -> None:
    material = make_material(session, languages=("en",))
    sign_in(client, make_staff(session, "partner_manager"))
    pdf = b"%PDF-1.4\n%%EOF" + given.encode()
    answer = post(
        client,
        f"/staff/materials/{material.id}/versions/file",
        {"language": "en", "file": (io.BytesIO(pdf), given)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    version = session.scalars(select(MaterialVersion).where(MaterialVersion.number == 2)).one()
    assert version.file is not None
    assert version.file.name.endswith(".pdf")
    assert len(version.file.name) <= 130
    got = client.get(f"/staff/materials/versions/{version.id}/file", buffered=True)
    header = got.headers["Content-Disposition"]
    assert header.startswith("attachment;")
    assert "/" not in header.replace("UTF-8''", "")
    assert "\\" not in header
    assert "\u202e" not in header
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.data == pdf


@pytest.mark.parametrize("attack", XSS)
def test_texts_of_dealers_and_staff_stay_text_on_every_page(
    session: Session, client: FlaskClient, attack: str
) -> None:
    user = make_partner(session, name=attack, public_name=attack, address=attack, web=attack)
    material = make_material(session, titles={"en": attack}, summaries={"en": attack}, languages=("en",))
    material.versions[0].note = attack
    session.flush()
    sign_in(client, user)
    post(client, f"/materials/{material.slug}/download", {"language": "en"})
    paths = ["/materials", f"/materials/{material.slug}", "/materials/profile", "/"]
    pages = [client.get(path).text for path in paths]
    sign_in(client, make_staff(session, "partner_manager"))
    account = account_of(session, user)
    paths = ["/staff/materials", f"/staff/materials/{material.id}", "/staff/materials/downloads", "/staff/partners",
             f"/staff/partners/{account.id}",
             f"/staff/materials/versions/{material.versions[0].id}", f"/staff/customers/{account.id}"]  # fmt: skip
    pages += [client.get(path).text for path in paths]
    for page in pages:
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert ">49<" not in page
    answer = post(client, f"/staff/materials/{material.id}/versions/file", {"language": "en"})
    assert answer.status_code == 422
