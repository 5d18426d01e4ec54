"""What marketers write: plain text with placeholders. Nothing else of the template language reaches it.

The text is checked against a small grammar before the template engine sees it: `{{ name }}`, optionally with
`| default: "…"`. No tags, no loops, no filters, no arithmetic. What the engine gives is plain text; the layout escapes
it, so neither the text nor a value can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from liquid import Environment, StrictUndefined, Template
from liquid.builtin.filters.misc import default
from liquid.exceptions import LiquidError

from core.errors import Invalid

FIELDS = ("subject", "preheader", "heading", "body", "button")
REQUIRED = ("subject", "heading", "body", "button")
LIMITS = {"subject": 120, "preheader": 160, "heading": 120, "body": 3000, "button": 40}
LONGEST_RENDERED = 20_000

_COMMON = ("customer.name", "shop.name")
PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    "left_cart": (*_COMMON, "cart.product", "cart.count", "cart.total"),
    "after_delivery": (*_COMMON, "order.number", "order.product", "order.date"),
    "welcome": _COMMON,
}
_PLACEHOLDER = re.compile(
    r"""\{\{\s*(?P<name>[a-z]+\.[a-z]+)\s*(?:\|\s*default:\s*(?:"[^"{}|]{0,80}"|'[^'{}|]{0,80}'))?\s*\}\}"""
)
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field in one language."""

    locale: str
    field: str
    error: Invalid


# How the engine names text and placeholders to itself; every tag that can be written in a text is taken away.
_ENGINE_PARTS = {"content", "illegal", "output"}


class _Limited(Environment):
    loop_iteration_limit = 1
    local_namespace_limit = 1
    context_depth_limit = 4
    output_stream_limit = LONGEST_RENDERED


@lru_cache(1)
def _environment() -> _Limited:
    env = _Limited(undefined=StrictUndefined)
    for name in set(env.tags) - _ENGINE_PARTS:
        del env.tags[name]
    env.filters.clear()
    env.filters["default"] = default
    return env


def check(text: str, *, kind: str, limit: int, one_line: bool = True) -> None:
    """Raises Invalid unless the text has known placeholders only and keeps its length."""
    if len(text) > limit:
        raise Invalid("text.too_long", limit=limit)
    if _CONTROL.search(text):
        raise Invalid("text.nul")
    if one_line and ("\n" in text or "\r" in text):
        raise Invalid("campaigns.one_line")
    for found in _PLACEHOLDER.finditer(text):
        if found["name"] not in PLACEHOLDERS[kind]:
            raise Invalid("campaigns.unknown_placeholder", name=found["name"])
    rest = _PLACEHOLDER.sub("", text)
    if wrong := _BRACES.search(rest):
        start = wrong.start()
        raise Invalid("campaigns.not_a_placeholder", text=rest[start : start + 40].strip())
    try:
        _parsed(text)
    except LiquidError:
        # Braces beside a placeholder, such as {{{ name }}: the engine reads them in another way than we do.
        raise Invalid("campaigns.not_a_placeholder", text=text[:40].strip()) from None


def check_texts(kind: str, locale: str, texts: Mapping[str, str], *, complete: bool = False) -> list[Problem]:
    """Everything that is wrong with the texts of a language; `complete`: empty ones are wrong as well."""
    problems: list[Problem] = []
    for field in FIELDS:
        text = texts.get(field, "")
        if not text.strip():
            if complete and field in REQUIRED:
                problems.append(Problem(locale, field, Invalid("campaigns.text_missing", field=field)))
            continue
        try:
            check(text, kind=kind, limit=LIMITS[field], one_line=field != "body")
        except Invalid as error:
            problems.append(Problem(locale, field, error))
    return problems


@lru_cache(256)
def _parsed(text: str) -> Template:
    return _environment().from_string(text)


def render(text: str, *, kind: str, values: Mapping[str, Mapping[str, object]], one_line: bool = True) -> str:
    """The text with the values in place, as plain text. Raises Invalid for what check() refuses."""
    check(text, kind=kind, limit=max(LIMITS.values()), one_line=one_line)
    written = without_control(_parsed(text).render(**values))
    return " ".join(written.split()) if one_line else written.replace("\r\n", "\n").strip()


def without_control(text: str) -> str:
    """Control characters, which a name may hold, are no part of a mail: its layout could not be read with them."""
    return _CONTROL.sub(" ", text)


def paragraphs(text: str) -> list[list[str]]:
    """The paragraphs of a body, each as its lines."""
    return [block.split("\n") for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
