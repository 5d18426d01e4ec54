"""Who may knock at a route. Every view carries a policy; a route without one is closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, request

from core.actor import Actor
from core.errors import Forbidden, NotFound, Unauthenticated
from core.web.context import actor

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Policy:
    """`audience`: public, signed_in, customer, partner, staff or token. `permission`: what staff or the
    token must be allowed in addition."""

    audience: str
    permission: str | None = None

    def check(self, who: Actor) -> None:
        """Raises Unauthenticated, Forbidden or NotFound."""
        if self.audience == "public":
            return
        if self.audience == "token":
            if who.kind != "api":
                raise Unauthenticated("error.token_needed")
            if self.permission and not who.can(self.permission):
                raise Forbidden("error.scope_needed", scope=self.permission)
            return
        if not who.is_signed_in or who.kind == "api":
            raise Unauthenticated
        if self.audience == "signed_in":
            return
        if self.audience == "staff":
            if who.kind != "staff":
                raise NotFound  # the staff side does not show itself to others
            if self.permission and not who.can(self.permission):
                raise Forbidden
            return
        if self.audience == "customer" and who.kind not in {"customer", "partner"}:
            raise Forbidden("error.customers_only")
        if self.audience == "partner" and who.kind != "partner":
            raise NotFound
        if self.permission and not who.can(self.permission):
            raise Forbidden


class _Allow:
    """Decorators that write the policy on the view."""

    @staticmethod
    def _with(policy: Policy) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            view.policy = policy  # type: ignore[attr-defined]
            return view

        return decorate

    def public(self, view: View) -> View:
        return self._with(Policy("public"))(view)

    def signed_in(self, view: View) -> View:
        return self._with(Policy("signed_in"))(view)

    def customer(self, view: View) -> View:
        return self._with(Policy("customer"))(view)

    def partner(self, view: View) -> View:
        return self._with(Policy("partner"))(view)

    def customer_with(self, permission: str) -> Callable[[View], View]:
        return self._with(Policy("customer", permission))

    def staff(self, permission: str | None = None) -> Callable[[View], View]:
        return self._with(Policy("staff", permission))

    def token(self, scope: str) -> Callable[[View], View]:
        return self._with(Policy("token", scope))


allow = _Allow()


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    view = app.view_functions.get(endpoint)
    found = getattr(view, "policy", None)
    return found if isinstance(found, Policy) else None


def enforce(app: Flask) -> None:
    @app.before_request
    def _check_policy() -> None:
        if request.endpoint is None:
            return  # unknown address or method: the 404 or 405 follows
        policy = policy_of(app, request.endpoint)
        if policy is None:
            raise NotFound
        policy.check(actor())
