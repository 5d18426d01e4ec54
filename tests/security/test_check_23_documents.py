"""Check 23 (and 21): what people write into documents is text. Nothing of it is read as markup, opens a file or an address."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from crm.brochures import printing
from crm.brochures.contents import sheet_of
from crm.brochures.coverage import FONTS
from crm.partners.queries import find_profile
from tests.factories.goods import make_product
from tests.factories.partners import account_of, make_material, make_partner

ATTACKS = [
    '#read("/etc/passwd")',
    '#image("/etc/passwd")',
    '#import "@preview/cetz:0.3.0"',
    "file:///etc/passwd",
    '<img src="file:///etc/passwd">',
    "@import url(http://127.0.0.1:9/x)",
    '<iframe src="http://169.254.169.254/">',
    "$sum_(i=0)^n i$ *bold* _it_ `raw`",
    "{{7*7}} ${7*7} #(7*7)",
    "#while true {}",
    "\\u{2a} \\ ~ -- --- ...",
]


def _text(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_profile_and_texts_stays_as_it_was_written(session: Session, attack: str) -> None:
    name = attack[:60]
    user = make_partner(
        session, name="plain", public_name=name, address=name, phone=attack[:40], email="", web=name
    )
    profile = find_profile(session, account_of(session, user).id)
    product = make_product(session, names={"en": name}, taglines={"en": name})
    material = make_material(
        session,
        products=(product,),
        languages=("en",),
        titles={"en": name},
        texts={
            "headline": name,
            "lead": attack,
            "closing": attack,
            "points": [{"title": name, "text": attack}],
        },
    )
    pdf = printing.print_document(sheet_of(session, material.versions[0], profile))
    told = _text(pdf)
    wanted = "".join(name.split())
    assert told.count(wanted) >= 4, told[:400]
    assert "root:" not in told
    assert "49" not in told.replace("+49", "").replace("5550", "") or "7*7" not in attack
    assert b"/URI" not in pdf
    assert b"/JavaScript" not in pdf
    assert b"/EmbeddedFile" not in pdf


def _order(main: str, **more: object) -> dict[str, object]:
    return {
        "files": {"main": main},
        "root": "",
        "data": {},
        "format": "pdf",
        "ppi": None,
        "page": 1,
        "fonts": str(FONTS),
        **more,
    }


@pytest.mark.parametrize(
    ("main", "reason"),
    [
        ('#read("/etc/passwd")', "file not found"),
        ('#read("../../../../../../etc/passwd")', "etc/passwd"),
        ('#image("/etc/hostname")', "file not found"),
        ('#import "@preview/cetz:0.3.0": canvas', "package"),
        ('#import "@local/x:0.1.0": y', "package"),
    ],
)
def test_even_a_template_reaches_neither_files_nor_the_network(main: str, reason: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", str(printing.TYPESETTER)],
        input=json.dumps(_order(main)).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == b""
    assert reason in done.stderr.decode()
    assert "root:" not in done.stderr.decode()


def test_a_document_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    program = printing.TYPESETTER.read_text("utf-8").replace("SECONDS = 30", "SECONDS = 1")
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=json.dumps(
            _order("#let f(n) = { let i = 0; while i < 100000000 { i += 1 }; i }\n#f(0)#f(1)")
        ).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == b""


def test_the_fonts_of_the_machine_are_never_looked_at() -> None:
    done = subprocess.run(
        [sys.executable, "-P", str(printing.TYPESETTER)],
        input=json.dumps(_order('#set text(font: "DejaVu Sans", fallback: false)\nplain')).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    fonts = [
        font.get_object()["/BaseFont"]
        for page in PdfReader(io.BytesIO(done.stdout)).pages
        for font in page["/Resources"].get("/Font", {}).values()  # type: ignore[union-attr]
    ]
    assert not any("DejaVu" in str(name) for name in fonts)
