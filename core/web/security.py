"""What guards every request and every answer: size and shape limits before, headers after."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, g, request

from core.errors import AppError, BadRequest
from core.settings import get_settings
from core.web.context import actor

MOST_FORM_BYTES = 400_000
MOST_JSON_BYTES = 256_000
MOST_FIELDS = 1_000
MOST_QUERY = 4_000
UNREADABLE = ("\x00", "\ufffd")


class TooLarge(AppError):
    status = 413
    default_code = "error.too_large"


def nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


def static_headers() -> dict[str, str]:
    """Headers of every answer, static files included."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    }
    if get_settings().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def page_policy() -> str:
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
        "frame-ancestors 'none'; manifest-src 'self'"
    )


def install(app: Flask) -> None:
    settings = get_settings()
    app.config.update(
        TRUSTED_HOSTS=settings.hosts,
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
        MAX_FORM_PARTS=200,
    )
    app.before_request(_bound)
    app.after_request(add_headers)


def _bound() -> None:
    """Refuses what no page sends: huge bodies, thousands of fields, NUL, broken encodings."""
    if len(request.query_string) > MOST_QUERY:
        raise BadRequest("error.address_too_long")
    if any(mark in request.path for mark in UNREADABLE):
        raise BadRequest
    _readable(request.args)
    kind = request.mimetype
    if kind == "application/x-www-form-urlencoded":
        request.max_content_length = MOST_FORM_BYTES
        body = request.get_data(cache=True, parse_form_data=False)
        if body.count(b"&") >= MOST_FIELDS:
            raise TooLarge("error.too_many_fields")
        _decodable(body)
        _readable(request.form)
    elif kind == "multipart/form-data":
        _readable(request.form)
    elif request.method in {"POST", "PUT", "PATCH"}:
        request.max_content_length = MOST_JSON_BYTES


def _decodable(body: bytes) -> None:
    """Werkzeug would keep the percent signs of what is no UTF-8 and let it pass as text."""
    try:
        unquote_to_bytes(body).decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("error.unreadable_text") from None


def _readable(values: Any) -> None:
    for name, value in values.items(multi=True):
        if any(mark in value or mark in name for mark in UNREADABLE):
            raise BadRequest("error.unreadable_text")


def refuse_foreign_origin() -> None:
    """A changing request that a browser sends from another site is refused, whatever token it carries."""
    origin = request.headers.get("Origin")
    if request.method in {"GET", "HEAD", "OPTIONS"} or origin is None:
        return
    if origin not in {get_settings().url, request.host_url.rstrip("/")}:
        raise BadRequest("error.csrf")


def add_headers(response: Response) -> Response:
    has_own_policy = "Content-Security-Policy" in response.headers
    present = {name.lower() for name, _value in response.headers}
    for name, value in static_headers().items():
        if name.lower() not in present:
            response.headers.add(name, value)
    if response.mimetype == "text/html" and not has_own_policy:
        response.headers["Content-Security-Policy"] = page_policy()
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if actor().is_signed_in else "private, no-cache"
    response.vary.update(("Cookie", "Accept-Language"))
    return response
