"""The templates that documents are printed from, and the texts that each asks for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.db import JSONMap
from core.errors import Invalid
from core.i18n import N_

LONGEST_TITLE = 36
_COLONS = (": ", "：", ":")


@dataclass(frozen=True)
class Template:
    """`headline`, `lead`, `closing`: the most characters that fit; `points`: how many lines; 0 means not asked for.
    A Chinese character is as wide as two others and counts as two."""

    key: str
    label: str
    kinds: tuple[str, ...]
    headline: int = 48
    lead: int = 260
    points: int = 3
    point: int = 110  # the most characters of one
    closing: int = 150
    pages: int = 2  # that are shown as a preview
    output: str = "pdf"


TEMPLATES: Mapping[str, Template] = {
    one.key: one
    for one in (
        Template("range", N_("A range of machines"), ("brochure",)),
        Template("air", N_("Air purifiers with their filters"), ("brochure",), headline=40, lead=220),
        Template("service", N_("Service and warranty"), ("brochure",), points=6, point=140),
        Template("prices", N_("Price list from the catalogue"), ("price_list",), points=0, closing=300),
        Template(
            "picture", N_("Picture for shop windows and social media"), ("picture",),
            headline=36, lead=90, points=0, closing=0, pages=1, output="png",
        ),
    )
}  # fmt: skip


def width(text: str) -> int:
    """How many places a text takes: East Asian wide characters (Unicode UAX 11) take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def get_template(key: str) -> Template:
    """Raises Invalid for one that there is not."""
    if key not in TEMPLATES:
        raise Invalid("material.template", field="template")
    return TEMPLATES[key]


def texts_from(template: Template, given: Mapping[str, str]) -> JSONMap:
    """The texts of a form, checked: what is longer than its place would be printed over something else.

    `points` has a line per point, "title: text". Raises Invalid with every wrong field.
    """
    texts: dict[str, Any] = {"headline": "", "lead": "", "closing": "", "points": []}
    wrong: list[Invalid] = []
    for name, most in (
        ("headline", template.headline),
        ("lead", template.lead),
        ("closing", template.closing),
    ):
        text = " ".join((given.get(name) or "").split())
        if width(text) > most:
            wrong.append(Invalid("material.text_long", field=name, most=most))
        elif not text and name in {"headline", "lead"}:
            wrong.append(Invalid("material.text_needed", field=name))
        texts[name] = text
    try:
        texts["points"] = _points(template, given.get("points") or "")
    except Invalid as error:
        wrong.append(error)
    if wrong:
        raise Invalid(errors=wrong)
    return texts


def _points(template: Template, text: str) -> list[dict[str, str]]:
    found = []
    for line in (" ".join(each.split()) for each in text.splitlines()):
        if not line:
            continue
        colon = min((at for mark in _COLONS if (at := line.find(mark)) > 0), default=-1)
        title, rest = line[:colon].strip(), line[colon:].lstrip(":： ")
        if colon < 0 or not rest or width(title) > LONGEST_TITLE or width(rest) > template.point:
            raise Invalid("material.points", field="points", most=template.points, length=template.point)
        found.append({"title": title, "text": rest})
    if len(found) > template.points:
        raise Invalid("material.points", field="points", most=template.points, length=template.point)
    return found


def points_as_lines(texts: Mapping[str, Any]) -> str:
    """The points as the form shows them."""
    return "\n".join(f"{point['title']}: {point['text']}" for point in texts.get("points", []))
