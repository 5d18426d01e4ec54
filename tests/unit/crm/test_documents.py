"""Documents for dealers: set from data alone, with our fonts, in both scripts, without the network."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from core.errors import NotFound, Unavailable
from crm.brochures import printing
from crm.brochures.contents import sheet_of
from crm.brochures.coverage import FONTS, covered, printable
from crm.partners.models import MaterialVersion
from crm.partners.queries import find_profile
from crm.partners.templates import TEMPLATES
from tests.factories.goods import make_category, make_product
from tests.factories.partners import account_of, make_material, make_partner

CHINESE = {
    "zh-Hant": {
        "headline": "一杯咖啡，隨您喜好",
        "lead": "濾網與墊圈，為維修而設計。",
        "closing": "歡迎預約試喝",
    },
    "zh-Hans": {
        "headline": "一杯咖啡，随您喜好",
        "lead": "滤芯与密封圈，为维修而设计。",
        "closing": "欢迎预约试喝",
    },
}


def _text(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def _version(session: Session, template: str, language: str, **texts: object) -> MaterialVersion:
    category = make_category(
        session, names={"en": "Coffee machines", "zh-Hant": "全自動咖啡機", "zh-Hans": "全自动咖啡机"}
    )
    products = tuple(
        make_product(
            session, category=category, warranty_months=24, family="purifier" if at % 2 else "automatic"
        )
        for at in range(4)
    )
    kind = TEMPLATES[template].kinds[0]
    material = make_material(
        session, template=template, kind=kind, products=products, languages=(language,), texts=dict(texts)
    )
    return material.versions[0]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_chinese_is_real_text_with_embedded_fonts_of_ours(
    session: Session, template: str, language: str
) -> None:
    user = make_partner(session, name="晨霧咖啡設備" if language == "zh-Hant" else "晨雾咖啡设备", logo=True)
    profile = find_profile(session, account_of(session, user).id)
    version = _version(session, template, language, **CHINESE[language])
    sheet = sheet_of(session, version, profile)
    assert sheet.missing == ""
    assert sheet.is_co_branded
    if sheet.output == "png":
        assert printing.print_document(sheet).startswith(b"\x89PNG")
        return
    pdf = printing.print_document(sheet)
    told = _text(pdf)
    assert profile is not None
    for words in (*CHINESE[language].values(), profile.public_name):
        assert words in told, words
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "NotoSansCJK" in font.get_object()["/BaseFont"]
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert "/FontFile3" in inner or "/FontFile2" in inner


@pytest.mark.parametrize(("template", "pages"), [("range", 2), ("air", 2), ("service", 2), ("prices", 1)])
def test_a_brochure_has_its_pages_and_no_more(session: Session, template: str, pages: int) -> None:
    sheet = sheet_of(session, _version(session, template, "en"), None)
    assert len(PdfReader(io.BytesIO(printing.print_document(sheet))).pages) == pages
    assert printing.print_page(sheet, 1, 40).startswith(b"\x89PNG")
    with pytest.raises(NotFound):
        printing.print_page(sheet, pages + 1, 40)


@pytest.mark.parametrize("template", ["range", "air", "service"])
def test_the_longest_texts_that_are_taken_still_fit(session: Session, template: str) -> None:
    one = TEMPLATES[template]
    word = "wide "
    texts = {
        "headline": (word * 40)[: one.headline].strip(),
        "lead": (word * 80)[: one.lead].strip(),
        "closing": (word * 40)[: one.closing].strip(),
        "points": [
            {"title": (word * 8)[:36].strip(), "text": (word * 40)[: one.point].strip()}
            for _ in range(one.points)
        ],
    }
    sheet = sheet_of(session, _version(session, template, "en", **texts), None)
    assert len(PdfReader(io.BytesIO(printing.print_document(sheet))).pages) == 2


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_products_that_are_gone_leave_a_document(session: Session, template: str) -> None:
    material = make_material(session, template=template, languages=("zh-Hans",), texts={"points": []})
    assert len(printing.print_document(sheet_of(session, material.versions[0], None))) > 2_000


def test_without_a_profile_our_own_lines_stand_below(session: Session) -> None:
    sheet = sheet_of(session, _version(session, "range", "en"), None)
    assert not sheet.is_co_branded
    assert "service@aurora-home.example" in _text(printing.print_document(sheet))


def test_a_lost_logo_is_replaced_by_the_name(session: Session, tmp_path: Path) -> None:
    user = make_partner(session, name="Dawn and Sons", logo=True)
    profile = find_profile(session, account_of(session, user).id)
    assert profile is not None
    assert profile.logo is not None
    profile.logo.digest = "0" * 64
    sheet = sheet_of(session, _version(session, "range", "en"), profile)
    assert sheet.logo is None
    assert "DawnandSons" in _text(printing.print_document(sheet))


def test_what_no_font_holds_is_shown_as_missing_and_told() -> None:
    assert printable("Kaffee für Zürich, 濾網 滤芯 ½") == ("Kaffee für Zürich, 濾網 滤芯 ½", "")
    assert printable("Ångström 𓀀 ok 𓀀 ꙮ") == ("Ångström 〓 ok 〓 〓", "𓀀ꙮ")
    assert printable("left\u202eright\u200b\x07") == ("leftright", "")
    assert ord("〓") in covered()


def test_the_fonts_hold_gb2312_and_the_first_level_of_big5() -> None:
    for lead in range(0xB0, 0xF8):
        for trail in range(0xA1, 0xFF):
            try:
                character = bytes((lead, trail)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            assert ord(character) in covered(), character
    for character in "臺灣經銷商濾網咖啡機維修保固體驗憂鬱":
        assert ord(character) in covered(), character
    assert {path.suffix for path in FONTS.iterdir()} == {".otf", ".txt", ".md"}


def test_the_same_document_is_set_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = sheet_of(session, _version(session, "range", "en", headline="Only once"), None)
    first = printing.print_document(sheet)

    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("set again")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert printing.print_document(sheet) == first


def test_the_folder_of_documents_stays_bounded(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.pdf").write_bytes(b"x")
    printing._bound(tmp_path, 20)
    assert len(list(tmp_path.iterdir())) == 18


def test_a_document_that_cannot_be_set_is_an_error_for_people(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = sheet_of(session, _version(session, "range", "en", headline="Never set"), None)

    def late(*args: object, **_more: object) -> None:
        raise subprocess.TimeoutExpired("typesetter", 40)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(Unavailable):
        printing.print_document(sheet)
