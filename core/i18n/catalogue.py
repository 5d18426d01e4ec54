"""Message catalogues: each room keeps its own `locale/zh_Hant.po` and `zh_Hans.po`; all are read at start."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations

from core.errors import AppError
from core.i18n.locales import current_locale, known_locale

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "core", "crm", "clickstream", "knowledge_base", "recommender", "campaigns", "reports", "portal", "admin", "api", "app",
)  # fmt: skip
FILES = {"zh-Hant": "zh_Hant.po", "zh-Hans": "zh_Hans.po"}
_lock = threading.Lock()


def catalogue_folders(root: Path = ROOT) -> Iterator[Path]:
    """Every folder named `locale` in our packages."""
    for package in PACKAGES:
        base = root / package
        if base.is_dir():
            yield from sorted(path for path in base.rglob("locale") if path.is_dir())


@cache
def _load(locale: str) -> NullTranslations:
    if locale not in FILES:
        return NullTranslations()
    with _lock:
        merged: Translations | None = None
        for folder in catalogue_folders():
            path = folder / FILES[locale]
            if not path.exists():
                continue
            with path.open("rb") as file:
                catalog = read_po(file, locale=FILES[locale].removesuffix(".po"))
            compiled = io.BytesIO()
            write_mo(compiled, catalog)
            compiled.seek(0)
            part = Translations(compiled)
            merged = part if merged is None else merged.merge(part)
        return merged or NullTranslations()


def preload() -> None:
    for locale in FILES:
        _load(locale)


def gettext(message: str, /, **params: Any) -> str:
    """The message in the current language. Parameters fill %(name)s."""
    translated: str = _load(current_locale()).gettext(message) if message else ""
    return translated % params if params else translated


def ngettext(singular: str, plural: str, n: int, /, **params: Any) -> str:
    """As gettext, for `n` things; `n` itself fills %(n)s or %(num)s."""
    translated = _load(current_locale()).ngettext(singular, plural, n)
    return translated % {"n": n, "num": n, **params}


def pgettext(context: str, message: str, /, **params: Any) -> str:
    translated = str(_load(current_locale()).pgettext(context, message))
    return translated % params if params else translated


def lazy_gettext(message: str, **params: Any) -> Any:
    """Translated when it is shown, for labels made at import time."""
    return LazyProxy(gettext, message, enable_cache=False, **params)


def lazy_pgettext(context: str, message: str, **params: Any) -> Any:
    """As lazy_gettext, where one English word stands for two things."""
    return LazyProxy(pgettext, context, message, enable_cache=False, **params)


def N_(message: str) -> str:
    """Marks a message for the catalogues without translating it now."""
    return message


@cache
def _sentences() -> dict[str, str]:
    """Code -> sentence, gathered from the `messages` module of every package that has one."""
    gathered: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("messages.py")):
            module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for code, sentence in module.MESSAGES.items():
                if gathered.setdefault(code, sentence) != sentence:
                    raise ValueError(f"two sentences for the code {code}")
    return gathered


def sentence(code: str, /, **params: Any) -> str:
    """The sentence for a code, in the current language; the code itself when nobody wrote one."""
    found = _sentences().get(code)
    if found is None:
        return code
    try:
        return gettext(found, **params)
    except KeyError:
        return gettext(found)


def known_codes() -> dict[str, str]:
    return dict(_sentences())


def explain(error: AppError) -> str:
    """An error in the person's words."""
    return sentence(error.code, **error.params)


def is_translated(message: str, locale: str) -> bool:
    translations = _load(known_locale(locale) or "en")
    return translations.gettext(message) != message
