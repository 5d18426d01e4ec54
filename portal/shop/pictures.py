"""Addresses and answers of product pictures: SVG drawn by our own code, kept in memory once drawn."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

from flask import Blueprint, Response, request

from core.errors import NotFound
from core.transaction import reading
from core.web.policy import allow
from crm.catalogue.pictures import draw_category, draw_generic, draw_product
from crm.catalogue.pictures.raster import png_of
from crm.catalogue.queries import find_by_sku

blueprint = Blueprint("pictures", __name__)

# An SVG may not run or load anything, even when somebody opens it by itself.
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@lru_cache(maxsize=1024)
def _drawing(family: str, params: str, name: str, sku: str) -> str:
    if family:
        return draw_product(family, json.loads(params), sku)
    return draw_generic(name, sku)


def _svg(text: str) -> Response:
    response = Response(text, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = SVG_POLICY
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:20])
    return response.make_conditional(request)


def _drawing_of(sku: str) -> str:
    with reading() as session:
        found = find_by_sku(session, sku) if len(sku) <= 60 else None
        if found is None:
            raise NotFound
        return _drawing(
            found.family, json.dumps(found.picture, sort_keys=True), found.names.get("en", ""), found.sku
        )


@blueprint.get("/pictures/product/<path:sku>.svg")
@allow.public
def product(sku: str) -> Response:
    return _svg(_drawing_of(sku))


@blueprint.get("/pictures/product/<path:sku>.png")
@allow.public
def product_dots(sku: str) -> Response:
    """For mails, which are read on other sites and mostly show no SVG."""
    made = png_of(_drawing_of(sku))
    response = Response(made, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(hashlib.sha256(made).hexdigest()[:20])
    return response.make_conditional(request)


@blueprint.get("/pictures/category/<slug>.svg")
@allow.public
def category(slug: str) -> Response:
    return _svg(draw_category(slug[:80]))
