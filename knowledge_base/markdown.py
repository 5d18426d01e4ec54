"""Markdown of articles -> HTML that is safe to show, and -> plain words for search.

HTML in the source is text (the parser's own switch), and what comes out passes an allow-list all the same, so
that a mistake in either of the two harms nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote", "a", "table",
    "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "h2": {"id"}, "h3": {"id"}, "h4": {"id"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_ANCHOR = re.compile(r"[^\w]+")
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}  # h1 is the title's


@dataclass(frozen=True)
class Heading:
    """A section of an article; `anchor` is its place in the page."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Rendered:
    html: Markup
    headings: Sequence[Heading]


@lru_cache(maxsize=256)
def render(source: str) -> Rendered:
    """The HTML of an article's body, and its headings for a list of contents."""
    tokens = _PARSER.parse(source)
    headings: list[Heading] = []
    taken: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        token.tag = _HEADINGS[token.tag]
        if token.type == "heading_open":
            text = _words(tokens[at + 1]).strip()
            anchor = _anchor(text, taken)
            token.attrSet("id", anchor)
            headings.append(Heading(int(token.tag[1]), text, anchor))
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Rendered(Markup(cleaned), tuple(headings))  # noqa: S704 - cleaned in the line above


@lru_cache(maxsize=512)
def plain_text(source: str) -> str:
    """The words of a body without its signs, one block a line."""
    lines = [
        _words(token).strip()
        for token in _PARSER.parse(source)
        if token.type in {"inline", "fence", "code_block"}
    ]
    return "\n".join(line for line in lines if line)


def _words(token: Token) -> str:
    if token.type != "inline":
        return token.content
    parts: list[str] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return "".join(parts)


def _anchor(text: str, taken: dict[str, int]) -> str:
    # The beginning keeps an editor's heading from taking the name of something that the page itself uses.
    base = "s-" + (_ANCHOR.sub("-", text.lower()).strip("-")[:60] or "section")
    taken[base] = taken.get(base, 0) + 1
    return base if taken[base] == 1 else f"{base}-{taken[base]}"
