"""Where the pictures of products and categories are found, for pages, mails and programs alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote

from core.i18n import pick

WIDTH, HEIGHT = 640, 480


class Pictured(Protocol):
    """What a picture is drawn from."""

    @property
    def sku(self) -> str: ...
    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def family(self) -> str: ...
    @property
    def picture(self) -> Mapping[str, Any]: ...


def picture_version(product: Pictured) -> str:
    """Changes when the drawing does, so that browsers may keep what they have."""
    told = json.dumps([product.family, product.picture, product.names.get("en", "")], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:10]


def picture_of(product: Pictured, *, described: bool = False) -> dict[str, Any]:
    """src, width, height and alt. `described`: the name is not written beside it, so alt says it."""
    return {
        "src": f"/pictures/product/{quote(product.sku, safe='')}.svg?v={picture_version(product)}",
        "width": WIDTH,
        "height": HEIGHT,
        "alt": pick(product.names) if described else "",
    }


def mail_picture_of(product: Pictured) -> str:
    """The address of the same drawing in dots, as mail programs show it."""
    return f"/pictures/product/{quote(product.sku, safe='')}.png?v={picture_version(product)}"


def picture_of_category(slug: str) -> dict[str, Any]:
    return {
        "src": f"/pictures/category/{quote(slug, safe='')}.svg",
        "width": WIDTH,
        "height": HEIGHT,
        "alt": "",
    }
