"""A browser and its system in words, from what it says about itself. For people to recognise a device by."""

from __future__ import annotations

import re

# The first that fits counts: Edge and Opera also call themselves Chrome, Chrome also calls itself Safari.
_BROWSERS = (
    (r"\bEdgA?(?:iOS)?/", "Edge"),
    (r"\b(?:OPR|Opera)/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bMicroMessenger/", "WeChat"),
    (r"\b(?:Firefox|FxiOS)/", "Firefox"),
    (r"\b(?:Headless)?(?:Chrome|CriOS|Chromium)/", "Chrome"),
    (r"\bVersion/[\d.]+.*\bSafari/", "Safari"),
    (r"^curl/", "curl"),
    (r"^python", "Python"),
)
_SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bHarmonyOS\b|\bOpenHarmony\b", "HarmonyOS"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows\b", "Windows"),
    (r"\bMac OS X\b|\bMacintosh\b", "macOS"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bLinux\b|\bX11\b", "Linux"),
)


def _first(table: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for pattern, name in table if re.search(pattern, text, re.I)), None)


def describe(user_agent: str | None) -> tuple[str | None, str | None]:
    """(browser, system), each None when it is not told."""
    text = (user_agent or "")[:300]
    return _first(_BROWSERS, text), _first(_SYSTEMS, text)


def is_phone(user_agent: str | None) -> bool:
    return bool(re.search(r"\b(iPhone|Android|Mobile|HarmonyOS)\b", user_agent or ""))
