"""The demo knowledge base is complete, true to its own rules, and its loader names what is wrong."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from app.demo.articles import (
    ARTICLES_FOLDER,
    PRODUCT_CATEGORIES,
    ArticleDataError,
    ArticleText,
    is_wrong_script,
    load_articles,
    load_categories,
    text_problems,
)
from core.i18n import LOCALES
from core.ids import make_reference

pytestmark = pytest.mark.no_database

ARTICLES = load_articles()
BY_SLUG = {article.slug: article for article in ARTICLES}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
TEXTS = {f"{article.slug}.{text.locale}": text for article in ARTICLES for text in article.texts.values()}

FRONT = {
    "title": "Empty the drip tray",
    "summary": "Once a day, with the machine switched on.",
    "category": "cleaning",
    "tags": ["cleaning"],
    "kind": "article",
    "audience": "public",
    "products": ["espresso-machines"],
    "review_after_days": 365,
    "related": ["other"],
}
CHINESE = {
    "zh-Hant": {"title": "清空滴水盤", "summary": "每天一次，機器保持開機。", "tags": ["清潔"]},
    "zh-Hans": {"title": "清空接水盘", "summary": "每天一次，机器保持开机。", "tags": ["清洁"]},
}
BODIES = {"en": "Pull it out.", "zh-Hant": "請將它拉出。", "zh-Hans": "请将它拉出。"}


def write(folder: Path, slug: str, locale: str, *, body: str | None = None, **changes: object) -> None:
    front = FRONT | CHINESE.get(locale, {}) | changes
    head = yaml.safe_dump(
        {key: value for key, value in front.items() if value is not None}, allow_unicode=True
    )
    text = f"---\n{head}---\n\n{BODIES[locale] if body is None else body}\n"
    (folder / f"{slug}.{locale}.md").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Two small sound articles that point at each other."""
    (tmp_path / "categories.yaml").write_bytes((ARTICLES_FOLDER / "categories.yaml").read_bytes())
    for locale in LOCALES:
        write(tmp_path, "tray", locale)
        write(tmp_path, "other", locale, related=["tray"])
    yield tmp_path


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ArticleDataError) as raised:
        load_articles(folder)
    return raised.value.problems


def outline(text: ArticleText) -> Counter[str]:
    """How many headings, steps, list items and table rows the article has once it is rendered."""
    counted = {
        "heading_open",
        "ordered_list_open",
        "bullet_list_open",
        "list_item_open",
        "tr_open",
        "td_open",
    }
    return Counter(token.type for token in MARKDOWN.parse(text.body) if token.type in counted)


def test_every_shelf_is_filled_and_every_audience_has_articles() -> None:
    assert len(ARTICLES) >= 30
    per_category = Counter(article.category for article in ARTICLES)
    assert set(per_category) == {category.key for category in load_categories()}
    audiences = Counter(article.audience for article in ARTICLES)
    assert audiences["public"] >= 24
    assert all(audiences[name] >= 2 for name in ("customers", "partners", "staff"))
    assert {article.kind for article in ARTICLES} == {"article", "faq"}


def test_some_public_articles_point_at_articles_a_visitor_may_not_see() -> None:
    """Otherwise the demo would never show, and no test would notice, that related articles respect the reader."""
    hidden = [
        (article.slug, other)
        for article in ARTICLES
        for other in article.related
        if article.audience == "public" and BY_SLUG[other].audience == "staff"
    ]
    assert ("machine-leaks-water", "grade-a-leak-report") in hidden


def test_an_article_has_the_same_steps_and_tables_in_every_language() -> None:
    assert all(set(article.texts) == set(LOCALES) for article in ARTICLES)
    different = [
        (article.slug, locale)
        for article in ARTICLES
        for locale in ("zh-Hant", "zh-Hans")
        if outline(article.texts[locale]) != outline(article.texts["en"])
    ]
    assert different == []


def test_articles_are_a_useful_length() -> None:
    def is_useful(text: ArticleText) -> bool:
        if text.locale == "en":
            return 150 <= len(re.findall(r"[A-Za-z0-9’'-]+", text.body)) <= 400
        return 240 <= len(re.findall(r"[\u3400-\u9fff]", text.body)) <= 800

    assert [name for name, text in TEXTS.items() if not is_useful(text)] == []


def test_markdown_renders_without_leftovers() -> None:
    """`**拔掉插頭。**刀盤` keeps its asterisks: emphasis does not close between punctuation and a letter."""
    leftovers = ("**", "|", "<h1", "<th></th>")
    rendered = {name: MARKDOWN.render(text.body) for name, text in TEXTS.items()}
    assert [(name, left) for name, html in rendered.items() for left in leftovers if left in html] == []


def test_references_in_examples_have_a_true_check_digit() -> None:
    examples = {
        (name, *parts)
        for name, text in TEXTS.items()
        for parts in re.findall(r"(?<![A-Z])(SO|SR|IN)-(\d+)-(\w)", text.body, re.ASCII)
    }
    assert {prefix for _name, prefix, _number, _digit in examples} == {"SO", "SR", "IN"}
    wrong = [e for e in examples if make_reference(e[1], int(e[2])) != f"{e[1]}-{e[2]}-{e[3]}"]
    assert wrong == []


def test_product_categories_are_those_of_the_demo_catalogue() -> None:
    files = sorted((ARTICLES_FOLDER.parent / "catalogue").glob("[0-9]-*.yaml"))
    slugs = {yaml.safe_load(path.read_text(encoding="utf-8"))["slug"] for path in files}
    assert slugs
    assert slugs <= PRODUCT_CATEGORIES


@pytest.mark.parametrize("locale", LOCALES)
def test_titles_and_summaries_are_unique(locale: str) -> None:
    texts = [article.texts[locale] for article in ARTICLES]
    assert len({text.title for text in texts}) == len(texts)
    assert len({text.summary for text in texts}) == len(texts)


def test_taiwan_and_mainland_words_are_kept_apart() -> None:
    """Converted characters are not a translation: these words are read as foreign on the other side."""
    foreign = {
        "zh-Hant": ("質量問題", "視頻", "信息", "軟件", "默認", "屏幕", "登錄密碼", "快遞單號", "保修", "賬"),
        "zh-Hans": (
            "影片",
            "资讯",
            "软体",
            "预设",
            "萤幕",
            "登入",
            "保固",
            "包裹编号",
            "帐号",
            "滴水盘",
            "清净机",
        ),
    }
    found = [
        (article.slug, locale, word)
        for article in ARTICLES
        for locale, words in foreign.items()
        for word in words
        if word in article.texts[locale].title + article.texts[locale].summary + article.texts[locale].body
    ]
    assert found == []


def test_a_sound_folder_loads(folder: Path) -> None:
    other, tray = load_articles(folder)
    assert (tray.slug, tray.related, tray.review_after_days) == ("tray", ("other",), 365)
    assert tray.texts["zh-Hant"] == ArticleText(
        locale="zh-Hant",
        title="清空滴水盤",
        summary="每天一次，機器保持開機。",
        tags=("清潔",),
        body="請將它拉出。\n",
    )
    assert other.texts["en"].body == "Pull it out.\n"


def test_a_missing_language_is_named(folder: Path) -> None:
    (folder / "tray.zh-Hans.md").unlink()
    assert problems_of(folder) == ("tray: the zh-Hans file is missing or unreadable",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"related": ["nowhere"]}, "tray: related article nowhere does not exist"),
        ({"related": ["tray"]}, "tray: related articles must be others, each once"),
        ({"category": "gardening"}, "tray: unknown category gardening"),
        ({"products": ["teapots"]}, "tray: teapots is neither a product category nor a SKU"),
    ],
)
def test_what_points_nowhere_is_named(folder: Path, changes: dict[str, object], expected: str) -> None:
    for locale in LOCALES:
        write(folder, "tray", locale, **changes)
    assert problems_of(folder) == (expected,)


def test_languages_that_disagree_are_named(folder: Path) -> None:
    write(folder, "tray", "zh-Hant", audience="staff")
    assert problems_of(folder) == ("tray: audience of zh-Hant differs from the other languages",)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("audience", "everyone", "Input should be 'public', 'customers', 'partners' or 'staff'"),
        ("kind", "note", "Input should be 'article' or 'faq'"),
        ("summary", None, "Field required"),
        ("tags", "cleaning", "Input should be a valid list"),
        ("review_after_days", "365", "Input should be a valid integer"),
        ("colour", "red", "Extra inputs are not permitted"),
    ],
)
def test_front_matter_is_strict(folder: Path, field: str, value: object, message: str) -> None:
    write(folder, "tray", "en", **{field: value})
    assert f"tray.en.md: {field}: {message}" in problems_of(folder)


@pytest.mark.parametrize(
    "text", ["Pull it out.\n", "---\ntitle: x\n", "---\na: [\n---\nText\n", "---\na: b\n---\n\n"]
)
def test_a_file_without_readable_front_matter_or_text_is_named(folder: Path, text: str) -> None:
    (folder / "tray.en.md").write_text(text, encoding="utf-8")
    assert any(problem.startswith("tray.en.md: ") for problem in problems_of(folder))


def test_a_file_name_without_locale_is_named(folder: Path) -> None:
    (folder / "tray.zh_TW.md").write_text("text", encoding="utf-8")
    assert problems_of(folder) == (
        "tray.zh_TW.md: expected <slug>.<locale>.md with a locale of en, zh-Hant, zh-Hans",
    )


@pytest.mark.parametrize(
    ("text", "locale", "problem"),
    [
        ("請打开機器", "zh-Hant", "characters of the other Chinese script: 开"),
        ("请打開机器", "zh-Hans", "characters of the other Chinese script: 開"),
        ("按“開始”", "zh-Hant", "quotation marks of another script: “ ”"),
        ("按「开始」", "zh-Hans", "quotation marks of another script: 「 」"),
        ("先關機,再拔插頭", "zh-Hant", "half-width punctuation beside Chinese: 機,"),
        ("Press <b>start</b>", "en", "HTML is not allowed: <b>"),
        ("Press 開始", "en", "Chinese character in an English text: 開"),
    ],
)
def test_an_editor_would_send_it_back(text: str, locale: str, problem: str) -> None:
    assert text_problems(text, locale) == [problem]


def test_characters_used_in_both_scripts_are_right_in_both() -> None:
    for char in "咖啡水着，A":
        assert not is_wrong_script(char, "zh-Hant")
        assert not is_wrong_script(char, "zh-Hans")
