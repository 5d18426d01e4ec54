"""Rendering: the template environment with the filters and the values that every page has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, make_response, render_template, request
from markupsafe import Markup, escape

from core import clock
from core.i18n import (
    LOCALES,
    NAMES,
    current_locale,
    current_timezone,
    format_date,
    format_datetime,
    format_money,
    format_number,
    format_percent,
    format_relative,
    gettext,
    is_distant,
    ngettext,
    pgettext,
    pick,
    sentence,
)
from core.settings import get_settings
from core.web.context import actor
from core.web.fragments import NONCE_MARK, csrf_token, kept, kept_own, remembered
from core.web.rendering import QuickContext, QuickTemplate
from core.web.security import nonce

STATIC = Path(__file__).parent / "static"
Contributor = Callable[[], dict[str, Any]]


@cache
def _fingerprint(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"


def static(name: str) -> str:
    """Address of a static file that changes with its content, so that browsers may keep it for ever."""
    return f"/static/{name}?v={_fingerprint(name)}"


def when(value: datetime | None) -> Markup:
    """Relative time, the exact one on hover and in print."""
    if value is None:
        return Markup("–")
    if is_distant(value):
        return _distant(value, current_locale(), current_timezone())
    return _when(value)


def _when(value: datetime) -> Markup:
    exact = format_datetime(value)
    return Markup('<time datetime="{}" title="{}" data-relative>{}</time>').format(
        value.isoformat(timespec="seconds"), exact, format_relative(value)
    )


@lru_cache(8192)
def _distant(value: datetime, _locale: str, _zone: ZoneInfo) -> Markup:
    """Kept for each moment, language and time zone, which are those of the present page."""
    return _when(value)


def page_url(**changes: Any) -> str:
    """The present address with some query parameters changed; None takes one away."""
    values = {**request.args.to_dict(), **changes}
    kept = {key: value for key, value in values.items() if value not in (None, "")}
    return f"{quote(request.path)}?{urlencode(kept)}" if kept else quote(request.path)


def render(template: str, /, **context: Any) -> str:
    return render_template(template, **context)


def under_a_key(page: str) -> Response:
    """The answer with a page whose address is a key (a mailed link): it must not travel on with a click, nor be kept or
    listed by anybody in between."""
    response = make_response(page)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def install(app: Flask, contributors: list[Contributor]) -> None:
    """Filters and globals; each contributor adds values to every page (navigation, cart count)."""
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.context_class = QuickContext
    env.template_class = QuickTemplate
    env.filters.update(
        money=format_money,
        number=format_number,
        percent=format_percent,
        date=format_date,
        datetime=format_datetime,
        when=when,
        pick=pick,
    )
    env.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        pgettext=pgettext,
        static=static,
        csrf_token=csrf_token,
        kept=kept,
        kept_own=kept_own,
        remembered=remembered,
        nonce_mark=NONCE_MARK,
        page_url=page_url,
        sentence=sentence,
        now=clock.now,
        locales=[(code, NAMES[code]) for code in LOCALES],
        escape=escape,
    )

    @app.context_processor
    def _everywhere() -> dict[str, Any]:
        if g.get("rendering_error"):
            return {"actor": actor(), "locale": current_locale(), "csp_nonce": nonce()}
        values: dict[str, Any] = {
            "actor": actor(),
            "locale": current_locale(),
            "csp_nonce": nonce(),
            "demo_mode": get_settings().mode == "demo",
            "navigation": (),
            "staff_navigation": (),
            "cart_count": 0,
        }
        for contribute in contributors:
            values.update(contribute())
        return values
