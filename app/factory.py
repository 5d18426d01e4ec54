"""create_app(): the web application, put together from the rooms."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from time import perf_counter
from typing import Any
from wsgiref.headers import Headers

import structlog
from flask import Flask, g, request
from flask_wtf.csrf import CSRFProtect
from whitenoise import WhiteNoise

import app.jobs  # noqa: F401 - registers jobs and subscriptions
from app.arrivals import arrive
from app.routes import BLUEPRINTS
from app.shell import contributors, load_actor, load_token
from app.shell import install as install_shell
from core import telemetry
from core.i18n import catalogue, speaking
from core.settings import get_settings
from core.transaction import read_scope
from core.web import context, errors, pages, policy, security
from core.web.sessions import DatabaseSessions

log = structlog.get_logger()


class Application(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view of ours is a coroutine, so nothing asks each of them at every request."""
        return func


def create_app() -> Flask:
    """The application for the settings in the environment."""
    settings = get_settings()
    flask_app = Application("rapport", static_folder=None, root_path=str(catalogue.ROOT / "core" / "web"))
    flask_app.secret_key = settings.secret
    flask_app.session_interface = DatabaseSessions(arrive)
    flask_app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=True, WTF_CSRF_CHECK_DEFAULT=False)
    csrf = CSRFProtect(flask_app)
    _scopes(flask_app)
    security.install(flask_app)
    context.install(flask_app, load_actor=load_actor, load_token=load_token)
    errors.install(flask_app)
    _speak(flask_app)

    @flask_app.before_request
    def _csrf() -> None:
        # Programs under /api/ carry a token in a header and no cookie, so there is nothing to forge. A mail program
        # that unsubscribes for its reader (RFC 8058) has neither cookie nor form: the secret in the address is all.
        if not request.path.startswith(("/api/", "/unsubscribe/")):
            security.refuse_foreign_origin()
            csrf.protect()

    policy.enforce(flask_app)
    install_shell(flask_app)
    pages.install(flask_app, contributors())
    for blueprint in BLUEPRINTS:
        flask_app.register_blueprint(blueprint)
    _watch(flask_app)
    catalogue.preload()
    static = WhiteNoise(
        flask_app.wsgi_app,
        root=str(pages.STATIC),
        prefix="static/",
        max_age=31_536_000,
        allow_all_origins=False,
        add_headers_function=_static_headers,
    )
    flask_app.wsgi_app = static  # type: ignore[method-assign]
    return flask_app


def _static_headers(headers: Headers, _path: str, _url: str) -> None:
    for name, value in security.static_headers().items():
        headers[name] = value


def _scopes(flask_app: Flask) -> None:
    """One reading session per request, opened at first use and closed with the request."""

    @flask_app.before_request
    def _open() -> None:
        g.started = perf_counter()

    inner = flask_app.wsgi_app

    def scoped(environ, start_response):  # type: ignore[no-untyped-def]
        with read_scope():
            return inner(environ, start_response)

    flask_app.wsgi_app = scoped  # type: ignore[method-assign]


def _speak(flask_app: Flask) -> None:
    """The request's language and time zone, for texts, numbers and times."""

    @flask_app.before_request
    def _begin() -> None:
        g.language = ExitStack()
        g.language.enter_context(speaking(*context.choose_locale()))

    @flask_app.teardown_request
    def _end(_error: BaseException | None) -> None:
        stack = g.pop("language", None)
        if stack is not None:
            stack.close()


def _watch(flask_app: Flask) -> None:
    """One log line and one metric per request; the route's pattern, never the path: paths may hold tokens."""

    tells = logging.getLogger(__name__).isEnabledFor

    @flask_app.after_request
    def _count(response):  # type: ignore[no-untyped-def]
        endpoint = request.endpoint or "none"
        seconds = perf_counter() - g.get("started", perf_counter())
        telemetry.requests_total.labels(endpoint, response.status_code).inc()
        telemetry.request_seconds.labels(endpoint).observe(seconds)
        if tells(logging.DEBUG):
            rule = str(request.url_rule) if request.url_rule else "-"
            log.debug(
                "request",
                method=request.method,
                route=rule,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        return response
