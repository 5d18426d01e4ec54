"""The events that the collector knows, in Segment's words, and what each may tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

LONGEST_DWELL_MS = 30 * 60 * 1000
PAGE_LEFT = "Page Left"
IDENTIFY = "identify"
PAGE = "page"
ORDERED = "Order Completed"
REQUESTED = "Request Opened"
ANSWERED = "Request Answered"
DELIVERED = "Order Delivered"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,23}")
_SECRET = re.compile(r"(?=[A-Za-z0-9_.~-]*[A-Z])(?=[A-Za-z0-9_.~-]*\d)[A-Za-z0-9_.~-]{20,}")
_REFERENCE = re.compile(r"[A-Z]{2}-\d{4,12}-[0-9X]")
_ADDRESS = re.compile(r"\S+@\S+")

Check = Callable[[Any], Any]


class WrongValueError(ValueError):
    """A property does not hold what it should."""


def identifier(value: Any) -> str:
    """A short opaque name."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise WrongValueError
    return value


def kind(value: Any) -> str:
    if not isinstance(value, str) or not _KIND.fullmatch(value):
        raise WrongValueError
    return value


def page_identifier(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 80:
        raise WrongValueError
    return _ADDRESS.sub("…", value.strip())


def words(value: Any) -> str:
    """What somebody typed into a search field. Mail addresses are taken out: nobody searches for goods so."""
    if not isinstance(value, str) or len(value) > 500:
        raise WrongValueError
    return _ADDRESS.sub("…", " ".join(value.split()))[:120]


def path(value: Any) -> str:
    """The path of a page of this site, without its query. What looks like a secret or an address is taken out."""
    if not isinstance(value, str) or not value.startswith("/") or len(value) > 2000:
        raise WrongValueError
    parts = value.partition("?")[0].partition("#")[0].split("/")
    return "/".join("…" if _is_private(part) else part for part in parts)[:300]


def _is_private(part: str) -> bool:
    if "@" in part or "%40" in part:
        return True
    return bool(_SECRET.fullmatch(part)) and not _REFERENCE.fullmatch(part)


def host(value: Any) -> str:
    """Only where somebody came from, not which page they read there."""
    if not isinstance(value, str) or len(value) > 2000:
        raise WrongValueError
    found = re.match(r"https?://([A-Za-z0-9.-]{1,120})(?::\d{1,5})?(?:[/?#]|$)", value)
    return found[1].lower() if found else ""


def whole(most: int) -> Check:
    """A whole number from 0 to `most`."""

    def check(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise WrongValueError
        return value

    return check


# Of every event: the page that it happened on.
COMMON: Mapping[str, Check] = {"path": path, "referrer": host, "kind": kind, "id": page_identifier}
# Segment's libraries send these with every page; they may hold secrets and are not needed: never stored.
UNREAD = frozenset({"url", "title", "search", "name", "category", "hash", "keywords"})

REQUIRED: Mapping[str, Mapping[str, Check]] = {
    "Product Viewed": {"product_id": identifier},
    "Product Clicked": {"product_id": identifier},
    "Product List Viewed": {},
    "Products Searched": {"query": words},
    "Product Added": {"product_id": identifier},
    "Product Removed": {"product_id": identifier},
    "Cart Viewed": {},
    "Checkout Started": {},
    "Form Started": {"form": identifier},
    "Form Submitted": {"form": identifier},
    "Article Viewed": {"article_id": identifier},
    PAGE_LEFT: {"dwell_ms": whole(LONGEST_DWELL_MS)},
}
OPTIONAL: Mapping[str, Mapping[str, Check]] = {
    "Product Viewed": {"list_id": identifier},
    "Product Clicked": {"list_id": identifier, "position": whole(10_000)},
    "Product List Viewed": {"list_id": identifier, "results": whole(1_000_000)},
    "Products Searched": {"results": whole(1_000_000)},
    "Product Added": {"quantity": whole(100_000), "list_id": identifier},
    "Product Removed": {"quantity": whole(100_000)},
}


def signal_of(name: str, properties: Mapping[str, Any], page_kind: str | None) -> str | None:
    """What an event says about its product: click, cart, search or list."""
    if name == "Product Added":
        return "cart"
    if name == "Product Viewed" or (name == PAGE and page_kind == "product"):
        return "click"
    if name == "Product Clicked":
        return "search" if properties.get("list_id") == "search" else "list"
    return None
