"""One table from what went wrong to what people and programs see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from core.errors import AppError, BadRequest, Conflict, Invalid, RateLimited, Unavailable
from core.i18n import current_locale, explain, gettext
from core.web.pages import render

log = structlog.get_logger()

_BY_STATUS: dict[int, str] = {
    400: "error.bad_request",
    401: "error.unauthenticated",
    403: "error.forbidden",
    404: "error.not_found",
    405: "error.method",
    406: "error.bad_request",
    408: "error.bad_request",
    409: "error.conflict",
    410: "error.gone",
    413: "error.too_large",
    414: "error.address_too_long",
    415: "error.json_needed",
    422: "error.invalid",
    429: "error.rate_limited",
    431: "error.too_large",
    503: "error.unavailable",
}

PLAIN_500 = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Something went wrong</title><h1>Something went wrong</h1>"
    "<p>We have written down what happened. Please try again in a moment.</p>"
    "<p lang=zh-Hant>發生問題，我們已記錄下來，請稍後再試。</p><p lang=zh-Hans>出现问题，我们已记录下来，请稍后再试。</p>"
    "<p><a href='/'>Home · 首頁 · 首页</a></p>"
)


class _Plain(AppError):
    """An error that is only a status and a code."""

    def __init__(self, status: int) -> None:
        super().__init__(_BY_STATUS.get(status, "error.bad_request"))
        self.plain_status = status


def to_app_error(error: BaseException) -> AppError | None:
    """The AppError that an exception means, or None for a fault of ours."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, CSRFError):
        return BadRequest("error.csrf")
    if isinstance(error, RequestEntityTooLarge):
        return _Plain(413)
    if isinstance(error, HTTPException):
        return _Plain(error.code or 500) if (error.code or 500) < 500 or error.code == 503 else None
    if isinstance(error, StatementError) and isinstance(error.orig, AppError):
        return error.orig
    if isinstance(error, PoolTimeoutError):
        return Unavailable()
    if isinstance(error, DataError):
        return Invalid()
    if isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return Unavailable()
    if isinstance(error, RecursionError):
        return BadRequest()
    return None


def status_of(error: AppError) -> int:
    return getattr(error, "plain_status", error.status)


def wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"], "text/html"
    )
    return best != "text/html"


def problem(error: AppError) -> dict[str, Any]:
    """RFC 9457 problem details."""
    status = status_of(error)
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": status,
        "code": error.code,
        "title": explain(error),
    }
    if error.field:
        body["field"] = error.field
    if isinstance(error, Invalid) and error.errors:
        body["errors"] = [
            {"field": item.field, "code": item.code, "message": item.params.get("detail") or explain(item)}
            for item in error.errors
        ]
    return body


def respond(error: AppError) -> Response:
    status = status_of(error)
    if wants_json():
        response = jsonify(problem(error))
        response.mimetype = "application/problem+json"
        response.status_code = status
    else:
        response = make_response(render_error(error, status), status)
    if isinstance(error, (RateLimited, Unavailable)):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == 401 and request.path.startswith("/api/"):
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


_sign_in_page: dict[str, Callable[[], str]] = {}


def set_sign_in_page(page: Callable[[], str]) -> None:
    """What stands in the body where somebody has to sign in first: the form, so that no step is lost."""
    _sign_in_page["current"] = page


def render_error(error: AppError, status: int) -> str:
    if status == 401 and request.method in {"GET", "HEAD"} and (page := _sign_in_page.get("current")):
        return page()
    template = f"errors/{status}.html" if status in {400, 403, 404, 405, 413, 429, 503} else "errors/400.html"
    if isinstance(error, Conflict):
        template = "errors/409.html"
    try:
        return render(template, error=error, message=explain(error), status=status)
    except Exception:
        # The page needs things (who is signed in) that may be what is broken.
        log.warning("error_page_failed", exc_info=True)
        return PLAIN_500.replace("Something went wrong", gettext("This does not work just now"))


def install(app: Flask) -> None:
    @app.errorhandler(Exception)
    def _handle(error: Exception) -> Response:
        if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
            error = error.original_exception  # raised before the page began, such as by opening the session
        known = to_app_error(error)
        if known is None:
            log.error("request_failed", endpoint=request.endpoint, exc_info=error)
            if app.testing and app.config.get("PROPAGATE_FAULTS"):
                raise error
            return _fault()
        if isinstance(known, Unavailable):
            log.warning(
                "unavailable", endpoint=request.endpoint, error=type(error).__name__, told=str(error)[:200]
            )
            g.pop("actor", None)
        return respond(known)


def _fault() -> Response:
    if wants_json():
        response = jsonify(
            {"type": "about:blank", "status": 500, "code": "error.internal", "title": "Internal error"}
        )
        response.mimetype, response.status_code = "application/problem+json", 500
        return response
    try:
        page = current_app.jinja_env.get_template("errors/500.html").render(locale=current_locale())
    except Exception:
        # What every page's frame needs may be the thing that is broken.
        log.warning("error_page_failed", exc_info=True)
        page = PLAIN_500
    return make_response(page, 500)


__all__ = ["install", "problem", "to_app_error"]
