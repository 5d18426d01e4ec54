"""The menus of both shells: only pages that exist, and only those that the person may open."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from flask import current_app, request

from core.i18n import N_, _, current_locale, speaking
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
    Place("/materials", N_("Materials"), permission="materials.read"),
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
    Place("/staff/recommender", N_("Recommendations"), "star", "recommender.read", N_("Marketing")),
    Place("/staff/partners", N_("Dealers"), "truck", "partners.manage", N_("Marketing")),
    Place("/staff/materials", N_("Dealers’ materials"), "file", "materials.manage", N_("Marketing")),
    Place("/staff/clicks", N_("Visits"), "route", "clicks.read", N_("Marketing")),
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
    Place("/account/mail", N_("Mails from us")),
    Place("/account/security", N_("Password and sign-in")),
)
FOOTER = (
    Place("/shop", N_("All products"), group=N_("Buy")),
    Place("/orders", N_("Your orders"), group=N_("Buy")),
    Place("/orders/find", N_("Find an order"), group=N_("Buy")),
    Place("/help", N_("Help articles"), group=N_("Get help")),
    Place("/requests/new", N_("Ask us"), group=N_("Get help")),
    Place("/requests/find", N_("Find a request"), group=N_("Get help")),
    Place("/products", N_("Your products and warranty"), group=N_("Get help")),
    Place("/privacy", N_("Your data and privacy"), group="Aurora Home"),
    Place("/partners", N_("For dealers"), group="Aurora Home"),
    Place("/account", N_("Your account"), group="Aurora Home"),
)


class Entry(NamedTuple):
    """A place as a menu shows it, in the language of the page. Menus are tuples, so that what is drawn from them
    can be kept and found again by them."""

    url: str
    label: str
    icon: str
    group: str
    active: bool
    count: int = 0  # beside the label; also hides tuple.count, which would be true


ROOTS = {"/staff", "/account"}


@cache
def _paths(_name: str) -> frozenset[str]:
    return frozenset(
        str(rule).rstrip("/") or "/"
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    )


def _is_here(place: Place, here: str) -> bool:
    return here == place.url or (place.url not in ROOTS and here.startswith(f"{place.url}/"))


@lru_cache(1024)
def _named(places: tuple[Place, ...], here: frozenset[str], name: str, locale: str) -> tuple[Entry, ...]:
    """`here`: the places that the page belongs to. The language is that of `locale`."""
    existing = _paths(name)
    with speaking(locale):
        return tuple(
            Entry(
                place.url,
                _(place.label),
                place.icon,
                _(place.group) if place.group else "",
                place.url in here,
            )
            for place in places
            if place.url in existing
        )


def _entries(places: tuple[Place, ...]) -> tuple[Entry, ...]:
    path = request.path.rstrip("/")
    here = frozenset(place.url for place in places if _is_here(place, path))
    return _named(places, here, current_app.name, current_locale())


@cache
def _for_visitors() -> tuple[Place, ...]:
    return tuple(place for place in PORTAL if place.url in {"/shop", "/help"})


@cache
def _for_customers(is_partner: bool) -> tuple[Place, ...]:
    return tuple(place for place in PORTAL if is_partner or not place.permission)


@cache
def _for_staff(permissions: frozenset[str]) -> tuple[Place, ...]:
    return tuple(place for place in STAFF if not place.permission or place.permission in permissions)


@cache
def _of_account(is_staff: bool) -> tuple[Place, ...]:
    not_for_staff = {"/orders", "/account/addresses", "/account/mail"}
    return tuple(place for place in ACCOUNT if not is_staff or place.url not in not_for_staff)


def portal_navigation() -> tuple[Entry, ...]:
    """The main menu of customers, dealers and visitors."""
    who = actor()
    return _entries(_for_customers(who.kind == "partner") if who.is_signed_in else _for_visitors())


def staff_navigation() -> tuple[Entry, ...]:
    """The side menu of the console, by what the member of staff may do."""
    who = actor()
    return _entries(_for_staff(who.permissions)) if who.kind == "staff" else ()


def account_navigation() -> tuple[Entry, ...]:
    """The menu behind the person's initial."""
    who = actor()
    return _entries(_of_account(who.kind == "staff")) if who.is_signed_in else ()


@lru_cache(1024)
def _grouped(entries: tuple[Entry, ...]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    return tuple((heading, tuple(links)) for heading, links in groups.items())


def footer_navigation() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """The links below each portal page, by heading."""
    return _grouped(_entries(FOOTER))
