"""Checks 14, 15, 16 and 42 on requests: texts are shown as text, files are downloads with harmless names, bombs stay
outside."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.files import StoredFile
from core.files.store import files_folder
from core.mail import Mail
from core.transaction import reading, transaction
from crm.service.models import Case, CaseAttachment
from tests.factories.jobs import run_jobs
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.web import csrf_token
from tests.security.markup import PAYLOADS, Page


def _customer(client: FlaskClient) -> None:
    with transaction() as session:
        sign_in(client, make_user(session, account=make_account(session)))


def _file(client: FlaskClient, body: bytes, name: str, **more: str) -> int:
    data = {
        "csrf_token": csrf_token(client), "kind": "question", "subject": "a", "text": "b", "offered": "1", **more,
        "files": [(io.BytesIO(body), name)],
    }  # fmt: skip
    return client.post("/requests/new", data=data, content_type="multipart/form-data").status_code


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_typed_is_shown_as_text_everywhere(client: FlaskClient, payload: str) -> None:
    _customer(client)
    line = " ".join(payload.split())  # a line break is refused in these
    more = {
        "kind": "billing",
        "subject": line[:160],
        "text": payload,
        "document": line[:40],
        "problem": "other",
    }
    assert _file(client, b"hello", f"{payload}.txt", **more) == 303
    with reading() as session:
        case = session.scalars(select(Case)).one()
    staff = client.application.test_client()
    with transaction() as session:
        sign_in(staff, make_staff(session, "supervisor"))
    pages = [
        client.get(f"/requests/{case.reference}"), client.get("/requests"), staff.get(f"/staff/cases/{case.reference}"),
        staff.get("/staff/cases"), staff.get("/staff"),
    ]  # fmt: skip
    run_jobs()
    with reading() as session:
        mail = session.scalars(select(Mail)).one()
    for text in [*(page.text for page in pages), mail.html or ""]:
        reader = Page()
        reader.feed(text)
        assert reader.bad == []
    assert "\n" not in mail.subject


BAD = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "feed.xml": b"<?xml version='1.0'?><x/>",
    "photo.png": b"<html><script>alert(1)</script>",
    "broken.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
    "empty.txt": b"",
    "program.exe": b"MZ\x90\x00\x03\x00",
    "nul.txt": b"a\x00b",
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_active_and_broken_files_are_refused_and_leave_nothing(client: FlaskClient, name: str) -> None:
    _customer(client)
    before = {path for path in files_folder().rglob("*") if path.is_file()}
    assert _file(client, BAD[name], name) == 422
    assert {path for path in files_folder().rglob("*") if path.is_file()} == before
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def _bomb() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"0" * 210_000_000)
    return body.getvalue()


def _slip() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    return body.getvalue()


def _huge_picture() -> bytes:
    header = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (50_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    )
    return header + b"\x00" * 4 + b"\x00\x00\x00\x00IEND\xaeB`\x82"


@pytest.mark.parametrize("make", [_bomb, _slip, _huge_picture])
def test_bombs_stay_outside(client: FlaskClient, make: object) -> None:
    _customer(client)
    body = make()  # type: ignore[operator]
    assert _file(client, body, "report.docx") == 422
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


NAMES = [
    "../../../etc/passwd.txt", "..\\..\\boot.txt", "%2e%2e%2fa.txt", "a\u200b.htaccess", "r\u202egpj.txt", "x" * 300 + ".txt",
    "line\u2028Set-Cookie: a=b.txt", "名前.txt", "\"quoted\".txt", ".htaccess",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_cannot_leave_the_folder_or_the_header(client: FlaskClient, name: str) -> None:
    _customer(client)
    assert _file(client, b"hello " + name.encode(), name) == 303
    with reading() as session:
        case = session.scalars(select(Case)).one()
        attached = session.scalars(select(CaseAttachment)).one()
        stored = attached.file.name
    assert not set(stored) & set('/\\\r\n"%') and len(stored) <= 130 and stored.endswith(".txt")
    assert not any(sign in stored for sign in "\u200b\u202e")
    answer = client.get(f"/requests/{case.reference}/files/{attached.id}?show=1")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie: a" not in str(answer.headers)
    answer.close()
    root = files_folder().resolve()
    assert all(path.resolve().is_relative_to(root) for path in root.rglob("*"))
    assert not Path("/etc/passwd.txt").exists()
