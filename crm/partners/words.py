"""What kinds and states of material are called on the pages."""

from __future__ import annotations

from collections.abc import Sequence

from core.i18n import _
from core.i18n.locales import NAMES
from crm.partners.models import Material, MaterialVersion

FORMATS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
}


def kinds() -> list[tuple[str, str]]:
    return [
        ("brochure", _("Brochure")),
        ("price_list", _("Price list")),
        ("picture", _("Picture")),
        ("slides", _("Slides")),
    ]


def states() -> dict[str, tuple[str, str]]:
    """State -> (kind of badge, word)."""
    return {
        "draft": ("neutral", _("Draft")),
        "scheduled": ("progress", _("Scheduled")),
        "published": ("success", _("Out")),
        "expired": ("warning", _("Over")),
    }


def kind(material: Material) -> str:
    return dict(kinds()).get(material.kind, material.kind)


def language(code: str) -> str:
    return NAMES.get(code, code)


def language_list(codes: Sequence[str]) -> str:
    return " · ".join(language(code) for code in codes)


def form(version: MaterialVersion) -> str:
    """PDF, PNG … as people call it."""
    if version.file is not None:
        return FORMATS.get(version.file.media_type, _("File"))
    return "PNG" if version.template == "picture" else "PDF"
