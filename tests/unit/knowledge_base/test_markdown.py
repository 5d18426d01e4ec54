"""Markdown becomes the HTML that articles need, and nothing else."""

from __future__ import annotations

import pytest

from knowledge_base.markdown import plain_text, render

pytestmark = pytest.mark.no_database


def test_headings_get_places_and_the_title_stays_the_only_first_one() -> None:
    found = render("# One\n\n## Two words\n\n## Two words\n\n##### Deep\n\n## 除垢 步驟")
    assert str(found.html).count("<h1") == 0
    assert '<h2 id="s-two-words">Two words</h2>' in found.html
    assert [(heading.level, heading.text, heading.anchor) for heading in found.headings] == [
        (2, "One", "s-one"),
        (2, "Two words", "s-two-words"),
        (2, "Two words", "s-two-words-2"),
        (4, "Deep", "s-deep"),
        (2, "除垢 步驟", "s-除垢-步驟"),
    ]


def test_lists_tables_and_links_are_kept() -> None:
    html = str(render("1. a\n2. b\n\n- c\n\n| x | y |\n| - | - |\n| 1 | **2** |\n\n[more](/help/other)").html)
    assert "<ol>" in html
    assert "<li>c</li>" in html
    assert "<td><strong>2</strong></td>" in html
    assert '<a href="/help/other" rel="noopener noreferrer nofollow">more</a>' in html


@pytest.mark.parametrize(
    ("source", "absent"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<svg onload=alert(1)>", "<svg"),
        ("[a](javascript:alert(1))", "<a "),
        ("[a](JaVaScRiPt:alert(1))", "<a "),
        ("[a](data:text/html;base64,PHNjcmlwdD4=)", "<a "),
        ("[a](vbscript:x)", "<a "),
        ("<javascript:alert(1)>", "<a "),
        ("[a][x]\n\n[x]: javascript:alert(1)", "<a "),
        ("![a](https://elsewhere.example/pixel.png)", "<img"),
        ('[a](/x "\\" onmouseover=alert(1) ")', ' onmouseover="'),
        ("`<img src=x onerror=alert(1)>`", "<img"),
        ("```html onload=x\n<iframe src=//x>\n```", "<iframe"),
        ("## <img src=x onerror=alert(1)>", "<img"),
        ('## "><b>x', "<b>"),
    ],
)
def test_html_in_the_source_is_text(source: str, absent: str) -> None:
    html = str(render(source).html)
    assert absent not in html
    assert html.strip()


def test_the_words_alone_are_what_search_reads() -> None:
    source = "## Empty *the* tray\n\n1. Pull [it](/help/x) **out**\n\n| a | b |\n| - | - |\n| c | `d` |\n\n```\ncode\n```"
    assert plain_text(source).split("\n") == ["Empty the tray", "Pull it out", "a", "b", "c", "d", "code"]
    assert plain_text("") == ""
