"""How text becomes tokens: the same for what is indexed and what is asked, whoever wrote it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.highlight import Marker
from core.search.interface import FieldSpec, IndexSpec, SearchResult
from core.search.text import clean, distance, edits, fold, fold_code, pieces, surface_words, tokens
from core.search.words import Lexicon, ask

pytestmark = pytest.mark.no_database

SPEC = IndexSpec(
    "unit", (FieldSpec("body"),), lambda _s, _i: (), lambda _s, _a, _l: (), lambda _s, _q: SearchResult([], 0)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Running cities", ["run", "citi"]),
        ("the customer's café", ["custom", "cafe"]),
        ("ＡＢＣ１２３", ["abc123"]),
        ("洗衣機", ["洗", "衣", "机", "洗衣", "衣机", "洗衣机"]),
        ("USB線", ["usb", "线"]),
        ("snake_case-word", ["snake", "case", "word"]),
        ("Straße", ["strass"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("無線耳機", "无线耳机"),
        ("後臺裡的麵", "后台里的面"),
        ("乾燥機", "干燥机"),
        ("著名", "着名"),
        ("鍵盤與滑鼠", "键盘与滑鼠"),
    ],
)
def test_both_scripts_fold_to_one(traditional: str, simplified: str) -> None:
    assert fold(traditional) == fold(simplified)


def test_codes_fold_without_separators() -> None:
    assert {fold_code(text) for text in ("AH-1000/b", "ah 1000 B", "ＡＨ１０００Ｂ", "ah.1000_b")} == {
        "ah1000b"
    }


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [
        ("lamp", "lamp", 0),
        ("lamp", "lmap", 1),
        ("lamp", "lamps", 1),
        ("lamp", "camp", 1),
        ("headphones", "haedphnes", 2),
    ],
)
def test_distance(left: str, right: str, apart: int) -> None:
    assert distance(left, right, 2) == distance(right, left, 2) == apart
    assert distance("lamp", "sofa", 1) == 2
    assert [edits(word) for word in ("cat", "lamp", "machine", "machines")] == [0, 1, 1, 2]


def test_synonyms_and_regional_words_become_alternatives() -> None:
    lexicon = Lexicon.of([["power bank", "portable charger"]])
    asked = ask("cheap power banks", lexicon, prefix=False)
    assert [unit.stems for unit in asked.units] == [("cheap",), ("power", "bank")]
    assert [unit.stems for unit in asked.units[1].others[0]] == [("portabl",), ("charger",)]
    screen = ask("電腦螢幕", Lexicon(), prefix=False)
    assert ("屏幕",) in [
        tuple(other.han for other in phrase) for unit in screen.units for phrase in unit.others
    ]


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert all(" " not in token and token for token in tokens(text))
    assert all(word.isalpha() for word in surface_words(text))
    for piece in pieces(cleaned):
        assert 0 <= piece.start < piece.end <= len(cleaned)
    for prefix in (False, True):
        asked = ask(text, Lexicon(), prefix=prefix)
        assert len(asked.units) <= 24


@given(st.text(alphabet="<>&\"' lamp燈灯é", max_size=80))
def test_marks_never_let_markup_through(text: str) -> None:
    marker = Marker(ask("lamp 灯", Lexicon(), prefix=False), {})
    for marked in marker.of(SPEC, {"body": clean(text)}).values():
        bare = marked.replace("<mark>", "").replace("</mark>", "")
        assert "<" not in bare
        assert ">" not in bare
        assert marked.unescape().replace("<mark>", "").replace("</mark>", "").strip("…") in clean(text)
