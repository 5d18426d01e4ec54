"""The menus of both shells: only pages that exist, and only those that the person may open."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from flask import current_app, request

from core.i18n import N_, _
from core.web.context import actor


class Place(NamedTuple):
    """A page of a menu. `permission`: what staff need for it. `group` is a heading of the side menu."""

    url: str
    label: str
    icon: str = "list"
    permission: str = ""
    group: str = ""


PORTAL = (
    Place("/shop", N_("Shop")),
    Place("/orders", N_("Orders")),
    Place("/requests", N_("Requests")),
    Place("/products", N_("Your products")),
    Place("/help", N_("Help")),
)
STAFF = (
    Place("/staff", N_("Start"), "home"),
    Place("/staff/cases", N_("Cases"), "inbox", "cases.work", N_("Service")),
    Place("/staff/orders", N_("Orders"), "box", "orders.read", N_("Service")),
    Place("/staff/customers", N_("Customers"), "users", "customers.read", N_("Service")),
    Place("/staff/articles", N_("Help articles"), "file", "articles.read", N_("Content")),
    Place("/staff/catalogue", N_("Products"), "shop", "catalogue.read", N_("Content")),
    Place("/staff/campaigns", N_("Campaigns"), "mail", "campaigns.manage", N_("Marketing")),
    Place("/staff/segments", N_("Segments"), "filter", "segments.manage", N_("Marketing")),
    Place("/staff/partners", N_("Dealers"), "truck", "partners.manage", N_("Marketing")),
    Place("/staff/reports", N_("Reports"), "list", "reports.read", N_("Marketing")),
    Place("/staff/users", N_("Staff"), "user", "users.manage", N_("Administration")),
    Place("/staff/audit", N_("Audit log"), "shield", "audit.read", N_("Administration")),
    Place("/staff/jobs", N_("Jobs"), "refresh", "jobs.manage", N_("Administration")),
    Place("/staff/mails", N_("Mails"), "mail", "jobs.manage", N_("Administration")),
)
ACCOUNT = (
    Place("/account", N_("Your account")),
    Place("/orders", N_("Your orders")),
    Place("/account/addresses", N_("Addresses")),
    Place("/account/profile", N_("Profile")),
    Place("/account/security", N_("Password and sign-in")),
)
FOOTER = (
    Place("/shop", N_("All products"), group=N_("Buy")),
    Place("/orders", N_("Your orders"), group=N_("Buy")),
    Place("/orders/find", N_("Find an order"), group=N_("Buy")),
    Place("/help", N_("Help articles"), group=N_("Get help")),
    Place("/requests/new", N_("Ask us"), group=N_("Get help")),
    Place("/products", N_("Your products and warranty"), group=N_("Get help")),
    Place("/privacy", N_("Your data and privacy"), group="Aurora Home"),
    Place("/partners", N_("For dealers"), group="Aurora Home"),
    Place("/account", N_("Your account"), group="Aurora Home"),
)


@cache
def _paths(_name: str) -> frozenset[str]:
    return frozenset(
        str(rule).rstrip("/") or "/"
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    )


def _entries(places: tuple[Place, ...]) -> list[dict[str, Any]]:
    existing = _paths(current_app.name)
    here = request.path.rstrip("/")
    roots = {"/staff", "/account"}
    return [
        {
            "url": place.url,
            "label": _(place.label),
            "icon": place.icon,
            "group": _(place.group) if place.group else "",
            "active": here == place.url or (place.url not in roots and here.startswith(f"{place.url}/")),
        }
        for place in places
        if place.url in existing
    ]


def portal_navigation() -> list[dict[str, Any]]:
    """The main menu of customers, dealers and visitors."""
    signed_in = actor().is_signed_in
    return _entries(tuple(place for place in PORTAL if signed_in or place.url in {"/shop", "/help"}))


def staff_navigation() -> list[dict[str, Any]]:
    """The side menu of the console, by what the member of staff may do."""
    who = actor()
    if who.kind != "staff":
        return []
    return _entries(tuple(place for place in STAFF if not place.permission or who.can(place.permission)))


def account_navigation() -> list[dict[str, Any]]:
    """The menu behind the person's initial."""
    who = actor()
    if not who.is_signed_in:
        return []
    not_for_staff = {"/orders", "/account/addresses"}
    return _entries(
        tuple(place for place in ACCOUNT if who.kind != "staff" or place.url not in not_for_staff)
    )


def footer_navigation() -> list[tuple[str, list[dict[str, Any]]]]:
    """The links below each portal page, by heading."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in _entries(FOOTER):
        groups.setdefault(entry["group"], []).append(entry)
    return list(groups.items())
