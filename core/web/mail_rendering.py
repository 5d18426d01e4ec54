"""Rendering a mail's text and HTML outside of any request: same words and filters as pages, absolute links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.i18n import (
    current_locale,
    format_date,
    format_datetime,
    format_money,
    format_number,
    gettext,
    ngettext,
    pgettext,
    pick,
)
from core.settings import get_settings

_FRAME = Path(__file__).parent / "templates"
_ROOMS = Path(__file__).parents[2]


@dataclass(frozen=True)
class Body:
    """The two forms of one mail."""

    text: str
    html: str


def absolute(path: str) -> str:
    """A link that works from a mailbox; never built from a request's Host."""
    return f"{get_settings().url}{path}"


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(
            [_FRAME, *sorted(_ROOMS.glob("portal/*/templates")), *sorted(_ROOMS.glob("admin/*/templates"))]
        ),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        money=format_money, number=format_number, date=format_date, datetime=format_datetime, pick=pick
    )
    env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, pgettext=pgettext, absolute=absolute)
    return env


def render_mail(name: str, *, subject: str, preheader: str = "", **context: Any) -> Body:
    """`name` without its ending: `account/mail/letter` renders the .txt and the .html beside it.

    Call it inside `speaking(locale, timezone)`; a name that the template does not get is an error.
    """
    values = {
        "locale": current_locale(),
        "base_url": get_settings().url,
        "subject": subject,
        "preheader": preheader,
        **context,
    }
    text = _environment().get_template(f"{name}.txt").render(values)
    html = _environment().get_template(f"{name}.html").render(values)
    return Body(text=text.strip() + "\n", html=html)
