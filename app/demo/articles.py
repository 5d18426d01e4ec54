"""The demo company's knowledge base, read from Markdown files and checked before anything is loaded.

Every article is three files, `<slug>.en.md`, `<slug>.zh-Hant.md` and `<slug>.zh-Hans.md`, each with a complete
YAML front matter, so that an editor can open any one of them and see the whole article. What does not depend on
the language (category, kind, audience, products, review, related) has to agree in all three.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.i18n import LOCALES

ARTICLES_FOLDER = Path(__file__).parent / "data" / "articles"

Kind = Literal["article", "faq"]
Audience = Literal["public", "customers", "partners", "staff"]

PRODUCT_CATEGORIES = frozenset(
    {
        "espresso-machines",
        "coffee-machines",
        "grinders-accessories",
        "coffee-beans",
        "air-purifiers",
        "purifier-filters",
        "cleaning",
        "spare-parts",
    }
)
"""Slugs of the eight categories of the demo catalogue; an article may also name a single product by its SKU."""

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_FILE_NAME = re.compile(rf"(?P<slug>{_SLUG})\.(?P<locale>en|zh-Hant|zh-Hans)\.md")
_SKU = re.compile(r"[A-Z0-9]{2,}(?:-[A-Z0-9]+)+")
_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_HTML = re.compile(r"</?[A-Za-z][^>\n]*>|<!--")
_HALF_WIDTH = re.compile(rf"{_HAN}[,;:!?()]|[,;:!?()]{_HAN}")
_FOREIGN_QUOTES = {"zh-Hant": '“”‘’"', "zh-Hans": '「」『』"'}


class ArticleDataError(ValueError):
    """The files do not make up a sound knowledge base; `problems` names every file and what is wrong with it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class FrontMatter(BaseModel):
    """The head of one file. Unknown keys are refused, because a misspelt key would silently be a missing one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str = Field(min_length=2, max_length=120)
    summary: str = Field(min_length=8, max_length=240)
    category: str = Field(min_length=1)
    tags: list[str] = Field(min_length=1, max_length=12)
    kind: Kind
    audience: Audience
    products: list[str]
    review_after_days: int = Field(ge=30, le=730)
    related: list[str] = Field(min_length=1, max_length=6)


@dataclass(frozen=True)
class ArticleText:
    """One article in one language; `body` is Markdown without the front matter."""

    locale: str
    title: str
    summary: str
    tags: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class DemoArticle:
    """One article with its three languages; `texts` is keyed by locale."""

    slug: str
    category: str
    kind: Kind
    audience: Audience
    products: tuple[str, ...]
    review_after_days: int
    related: tuple[str, ...]
    texts: Mapping[str, ArticleText]


@dataclass(frozen=True)
class DemoArticleCategory:
    """A shelf of the knowledge base; `names` and `summaries` are keyed by locale, files list them in display order."""

    key: str
    names: Mapping[str, str]
    summaries: Mapping[str, str]


def load_categories(folder: Path = ARTICLES_FOLDER) -> tuple[DemoArticleCategory, ...]:
    """The categories of `categories.yaml` in the order they are shown. Raises ArticleDataError."""
    problems: list[str] = []
    categories: list[DemoArticleCategory] = []
    path = folder / "categories.yaml"
    if not path.is_file():
        raise ArticleDataError([f"{path.name}: the file is missing"])
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, dict):
        raise ArticleDataError([f"{path.name}: expected a mapping of category keys"])
    for key, texts in loaded.items():
        names, summaries = texts.get("name", {}), texts.get("summary", {})
        for field, values in (("name", names), ("summary", summaries)):
            if set(values) != set(LOCALES):
                problems.append(f"{path.name}: {key}.{field} needs exactly {', '.join(LOCALES)}")
            for locale, value in values.items():
                problems += [
                    f"{path.name}: {key}.{field}.{locale}: {p}" for p in text_problems(value, locale)
                ]
        categories.append(DemoArticleCategory(key=str(key), names=names, summaries=summaries))
    if problems:
        raise ArticleDataError(problems)
    return tuple(categories)


def load_articles(folder: Path = ARTICLES_FOLDER) -> tuple[DemoArticle, ...]:
    """All articles, sorted by slug. Raises ArticleDataError that lists every problem of every file at once."""
    problems: list[str] = []
    read: dict[str, dict[str, tuple[FrontMatter, str]]] = {}
    for path in sorted(folder.glob("*.md")):
        named = _FILE_NAME.fullmatch(path.name)
        if named is None:
            problems.append(f"{path.name}: expected <slug>.<locale>.md with a locale of {', '.join(LOCALES)}")
            continue
        try:
            head, body = parse_article(path.read_text(encoding="utf-8"))
        except ValidationError as error:
            problems += [f"{path.name}: {_field(e['loc'])}: {e['msg']}" for e in error.errors()]
            continue
        except (ValueError, yaml.YAMLError) as error:
            problems.append(f"{path.name}: {error}")
            continue
        locale = named["locale"]
        whole = "\n".join([head.title, head.summary, *head.tags, body])
        problems += [f"{path.name}: {problem}" for problem in text_problems(whole, locale)]
        read.setdefault(named["slug"], {})[locale] = (head, body)

    categories = {category.key for category in load_categories(folder)}
    articles = []
    for slug, versions in sorted(read.items()):
        problems += _article_problems(slug, versions, known_slugs=set(read), categories=categories)
        articles.append(_article(slug, versions))
    if problems:
        raise ArticleDataError(problems)
    return tuple(articles)


def parse_article(text: str) -> tuple[FrontMatter, str]:
    """Splits a file into its front matter and its Markdown body, without blank lines around the body."""
    opening, separator, rest = text.partition("---\n")
    head, closing, body = rest.partition("\n---\n")
    if opening or not separator or not closing:
        raise ValueError("the front matter has to stand between two lines of ---")
    if not body.strip():
        raise ValueError("the article has no text")
    return FrontMatter.model_validate(yaml.safe_load(head)), body.strip() + "\n"


def text_problems(text: str, locale: str) -> list[str]:
    """What a careful editor would send back: HTML, characters of the other script, punctuation of another language."""
    problems = []
    if found := _HTML.search(text):
        problems.append(f"HTML is not allowed: {found.group()}")
    if locale == "en":
        if found := re.search(_HAN, text):
            problems.append(f"Chinese character in an English text: {found.group()}")
        return problems
    if wrong := sorted({char for char in text if is_wrong_script(char, locale)}):
        problems.append(f"characters of the other Chinese script: {''.join(wrong)}")
    if quotes := sorted(set(text) & set(_FOREIGN_QUOTES[locale])):
        problems.append(f"quotation marks of another script: {' '.join(quotes)}")
    if found := _HALF_WIDTH.search(text):
        problems.append(f"half-width punctuation beside Chinese: {found.group()}")
    return problems


def is_wrong_script(char: str, locale: str) -> bool:
    """True for a character of the other Chinese script.

    GB 2312 holds only the simplified forms and Big5 only the traditional ones, so a character that only the other
    one has is out of place. 着 is used in both.
    """
    if not re.match(_HAN, char) or char == "着":
        return False
    simplified, traditional = _encodes(char, "gb2312"), _encodes(char, "big5")
    return simplified and not traditional if locale == "zh-Hant" else traditional and not simplified


def _encodes(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "front matter"


def _shared(head: FrontMatter) -> dict[str, object]:
    return head.model_dump(exclude={"title", "summary", "tags"})


def _article_problems(
    slug: str, versions: Mapping[str, tuple[FrontMatter, str]], *, known_slugs: set[str], categories: set[str]
) -> list[str]:
    problems = [
        f"{slug}: the {locale} file is missing or unreadable" for locale in LOCALES if locale not in versions
    ]
    head = next(iter(versions.values()))[0]
    for locale, (other, _body) in versions.items():
        if different := [key for key, value in _shared(other).items() if value != _shared(head)[key]]:
            problems.append(f"{slug}: {', '.join(different)} of {locale} differs from the other languages")
    if head.category not in categories:
        problems.append(f"{slug}: unknown category {head.category}")
    problems += [
        f"{slug}: related article {other} does not exist"
        for other in head.related
        if other not in known_slugs
    ]
    if slug in head.related or len(set(head.related)) != len(head.related):
        problems.append(f"{slug}: related articles must be others, each once")
    for product in head.products:
        if product not in PRODUCT_CATEGORIES and not _SKU.fullmatch(product):
            problems.append(f"{slug}: {product} is neither a product category nor a SKU")
    return problems


def _article(slug: str, versions: Mapping[str, tuple[FrontMatter, str]]) -> DemoArticle:
    head = next(iter(versions.values()))[0]
    texts = {
        locale: ArticleText(
            locale=locale, title=front.title, summary=front.summary, tags=tuple(front.tags), body=body
        )
        for locale, (front, body) in versions.items()
    }
    return DemoArticle(
        slug=slug,
        category=head.category,
        kind=head.kind,
        audience=head.audience,
        products=tuple(head.products),
        review_after_days=head.review_after_days,
        related=tuple(head.related),
        texts=texts,
    )
