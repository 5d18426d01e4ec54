"""What can go wrong, as services say it. The edge turns these into pages or problem+json by one table.

A code such as "cart.quantity_too_large" names a sentence in a package's MESSAGES; parameters fill it.
"""

from __future__ import annotations

from typing import Any, ClassVar


class AppError(Exception):
    """Base of all errors meant for people. `field` names the form field or JSON path concerned."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "error.internal"

    def __init__(self, code: str | None = None, *, field: str | None = None, **params: Any) -> None:
        self.code = code or self.default_code
        self.field = field
        self.params = params
        super().__init__(self.code, params)

    def __str__(self) -> str:
        told = ", ".join(f"{key}={value!r}" for key, value in self.params.items())
        return f"{self.code}({told})" if told else self.code


class Unauthenticated(AppError):
    status = 401
    default_code = "error.unauthenticated"


class Forbidden(AppError):
    status = 403
    default_code = "error.forbidden"


class NotFound(AppError):
    status = 404
    default_code = "error.not_found"


class Conflict(AppError):
    status = 409
    default_code = "error.conflict"


class Invalid(AppError):
    """Several wrong fields travel together as `errors`: pairs of field and Invalid."""

    status = 422
    default_code = "error.invalid"

    def __init__(
        self,
        code: str | None = None,
        *,
        field: str | None = None,
        errors: list[Invalid] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code, field=field, **params)
        self.errors = errors or []


class BadRequest(AppError):
    """The request cannot be read at all, or carries a dead or altered token."""

    status = 400
    default_code = "error.bad_request"


class RateLimited(AppError):
    """Carries retry_after in seconds."""

    status = 429
    default_code = "error.rate_limited"

    def __init__(self, code: str | None = None, *, retry_after: int, **params: Any) -> None:
        super().__init__(code, retry_after=retry_after, **params)
        self.retry_after = retry_after


class Unavailable(AppError):
    status = 503
    default_code = "error.unavailable"

    def __init__(self, code: str | None = None, *, retry_after: int = 5, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after
