"""The three languages, which of them a person gets, and reading maps of translated data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale

LOCALES = ("en", "zh-Hant", "zh-Hans")
NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}
_BABEL = {"en": "en_GB", "zh-Hant": "zh_Hant_TW", "zh-Hans": "zh_Hans_CN"}

_locale: ContextVar[str] = ContextVar("locale", default="en")
_timezone: ContextVar[str] = ContextVar("timezone", default="UTC")


def current_locale() -> str:
    return _locale.get()


def current_timezone() -> ZoneInfo:
    return ZoneInfo(_timezone.get())


@contextmanager
def speaking(locale: str, timezone: str = "UTC") -> Iterator[None]:
    """Texts, numbers and times inside are in `locale` and `timezone` (a request, a mail)."""
    tokens = _locale.set(known_locale(locale) or "en"), _timezone.set(known_timezone(timezone) or "UTC")
    try:
        yield
    finally:
        _locale.reset(tokens[0])
        _timezone.reset(tokens[1])


@cache
def babel_locale(locale: str) -> Locale:
    return Locale.parse(_BABEL[locale])


@cache
def known_timezone(name: str | None) -> str | None:
    """The name if it is a time zone, else None."""
    if not name or len(name) > 64:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name


@cache
def list_timezones() -> tuple[str, ...]:
    return tuple(
        sorted(
            name
            for name in available_timezones()
            if "/" in name and not name.startswith(("Etc/", "posix", "right"))
        )
    )


@lru_cache(512)
def known_locale(tag: str | None) -> str | None:
    """Our locale for a language tag, or None: 'zh-TW' -> 'zh-Hant', 'zh_CN' -> 'zh-Hans', 'en-GB' -> 'en'."""
    if not tag:
        return None
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "en":
        return "en"
    if parts[0] != "zh":
        return None
    if {"hant", "tw", "hk", "mo"} & set(parts[1:]):
        return "zh-Hant"
    return "zh-Hans"


def negotiate(accept_language: str | None) -> str | None:
    """The best of our locales for an Accept-Language header, or None."""
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept_language or "")[:500].split(",")):
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            weight = 0.0
        found = known_locale(tag.strip())
        if found and weight > 0:
            ranked.append((-weight, position, found))
    return min(ranked)[2] if ranked else None


_FALLBACKS = {
    "en": ("en", "zh-Hant", "zh-Hans"),
    "zh-Hant": ("zh-Hant", "zh-Hans", "en"),
    "zh-Hans": ("zh-Hans", "zh-Hant", "en"),
}


def pick(texts: Mapping[str, str] | None, locale: str | None = None) -> str:
    """The text in `locale` (default: the current one), else in the nearest language that there is."""
    if not texts:
        return ""
    for candidate in _FALLBACKS[known_locale(locale) or current_locale()]:
        if text := texts.get(candidate):
            return text
    return next((text for text in texts.values() if text), "")


def picked_locale(texts: Mapping[str, str], locale: str | None = None) -> str | None:
    """The locale of the text that pick() returns, for the page's lang attribute."""
    for candidate in _FALLBACKS[known_locale(locale) or current_locale()]:
        if texts.get(candidate):
            return candidate
    return None
