"""Routes that every installation has: health, metrics, the language switch."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, request
from prometheus_client import generate_latest
from sqlalchemy import text
from werkzeug.wrappers import Response as BaseResponse

from core import telemetry
from core.errors import BadRequest, NotFound
from core.i18n import known_locale
from core.settings import get_settings
from core.transaction import reading
from core.web.context import LANGUAGE_COOKIE, actor
from core.web.policy import allow

blueprint = Blueprint("basics", __name__)


def safe_target(target: str | None, default: str) -> str:
    """`target` if it is a path on this site, else BadRequest; `default` when nothing was given."""
    if not target:
        return default
    if any(ord(character) < 33 or character == "\\" for character in target) or len(target) > 2000:
        raise BadRequest("error.redirect")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        raise BadRequest("error.redirect")
    return target


@blueprint.get("/healthz")
@allow.public
def healthz() -> Response:
    """Alive: needs nothing else."""
    return make_response({"status": "ok"})


@blueprint.get("/readyz")
@allow.public
def readyz() -> Response:
    """Ready: the database answers."""
    with reading() as session:
        session.execute(text("SELECT 1"))
    return make_response({"status": "ready"})


@blueprint.get("/metrics")
@allow.public
def metrics() -> Response:
    token = get_settings().metrics_token.get_secret_value()
    if not token or request.headers.get("Authorization") != f"Bearer {token}":
        raise NotFound
    return Response(generate_latest(telemetry.registry), mimetype="text/plain")


@blueprint.post("/language")
@allow.public
def language() -> BaseResponse:
    """Keeps the chosen language: in the account of who is signed in, else in a cookie."""
    locale = known_locale(request.form.get("locale", ""))
    if locale is None:
        raise BadRequest("error.language")
    target = safe_target(request.form.get("next"), "/")
    response = redirect(target, code=303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        locale,
        max_age=31_536_000,
        secure=get_settings().is_https,
        httponly=True,
        samesite="Lax",
    )
    if actor().is_signed_in and (remember := g.get("remember_locale")):
        remember(locale)
    return response
