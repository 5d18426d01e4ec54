"""What a browser carries: whether somebody chose here, and, only after a yes, a random name."""

from __future__ import annotations

import secrets
import uuid
from typing import NamedTuple

from flask import Response, request

from clickstream import consent
from core.settings import get_settings

CHOICE_DAYS = 180
VISITOR_DAYS = 180


class Choice(NamedTuple):
    """What was chosen in this browser, for whoever uses it without signing in."""

    clicks: bool
    personalisation: bool

    @classmethod
    def of(cls, decided: dict[str, bool]) -> Choice:
        return cls(bool(decided.get(consent.CLICKS)), bool(decided.get(consent.PERSONALISATION)))

    @property
    def purposes(self) -> dict[str, bool]:
        return {consent.CLICKS: self.clicks, consent.PERSONALISATION: self.personalisation}


def _name(plain: str) -> str:
    return f"__Host-{plain}" if get_settings().is_https else f"rapport_{plain}"


def refuses_tracking() -> bool:
    """The browser says no for its owner: Global Privacy Control, or Do Not Track."""
    return request.headers.get("Sec-GPC", "").strip() == "1" or request.headers.get("DNT", "").strip() == "1"


def read_choice() -> Choice | None:
    """The choice made in this browser; None before one, or after the wording has changed."""
    version, _, bits = request.cookies.get(_name("choice"), "").partition("-")
    if version != consent.VERSION or len(bits) != 2 or set(bits) - {"0", "1"}:
        return None
    return Choice(bits[0] == "1", bits[1] == "1")


def current_visitor() -> uuid.UUID | None:
    """The visitor's name that this browser carries; None without one, or where the browser says no."""
    if refuses_tracking():
        return None
    text = request.cookies.get(_name("visitor"), "")
    try:
        found = uuid.UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
    return found if found is not None and found.version == 4 else None


def new_visitor() -> uuid.UUID:
    """A random name, which says nothing, not even when it was given."""
    return uuid.UUID(bytes=secrets.token_bytes(16), version=4)


def _set(response: Response, plain: str, value: str, days: int) -> None:
    response.set_cookie(
        _name(plain),
        value,
        max_age=days * 86_400,
        secure=get_settings().is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def keep_choice(response: Response, choice: Choice) -> None:
    """Remembers the choice: needed so that nobody is asked again, the same for everybody who chose so."""
    bits = "".join("1" if granted else "0" for granted in choice)
    _set(response, "choice", f"{consent.VERSION}-{bits}", CHOICE_DAYS)


def keep_visitor(response: Response, visitor_id: uuid.UUID) -> None:
    _set(response, "visitor", str(visitor_id), VISITOR_DAYS)


def drop_visitor(response: Response) -> None:
    """Takes the visitor's name away, where the browser carries one."""
    if _name("visitor") in request.cookies:
        response.delete_cookie(
            _name("visitor"), path="/", secure=get_settings().is_https, httponly=True, samesite="Lax"
        )
