"""Roles and what each may do: data, read by the policies of routes and by services."""

from __future__ import annotations

STAFF_ROLES: dict[str, frozenset[str]] = {
    "agent": frozenset({"staff", "customers.read", "orders.read", "orders.manage", "catalogue.read", "cases.work", "articles.read"}),
    "supervisor": frozenset(
        {"staff", "customers.read", "customers.manage", "orders.read", "orders.manage", "catalogue.read", "cases.work",
         "cases.supervise", "articles.read", "reports.read"}
    ),
    "editor": frozenset({"staff", "catalogue.read", "catalogue.manage", "articles.read", "articles.manage"}),
    "marketer": frozenset({"staff", "customers.read", "catalogue.read", "campaigns.manage", "segments.manage",
         "recommender.read", "recommender.manage", "reports.read"}),
    "partner_manager": frozenset({"staff", "customers.read", "partners.manage", "materials.manage", "catalogue.read"}),
    "analyst": frozenset({"staff", "customers.read", "orders.read", "catalogue.read", "clicks.read", "clicks.manage",
         "reports.read", "recommender.read"}),
    "administrator": frozenset(
        {"staff", "customers.read", "customers.manage", "orders.read", "orders.manage", "catalogue.read", "catalogue.manage",
         "users.manage", "jobs.manage", "audit.read", "settings.read", "cases.work", "cases.supervise", "articles.read",
         "articles.manage", "campaigns.manage", "segments.manage", "recommender.manage", "recommender.read", "partners.manage",
         "materials.manage", "clicks.read", "clicks.manage", "reports.read"}
    ),
}  # fmt: skip
PARTNER_ROLES: dict[str, frozenset[str]] = {
    "partner": frozenset({"shop.order", "materials.read"}),
    "partner_administrator": frozenset({"shop.order", "materials.read", "colleagues.manage"}),
}
CUSTOMER_ROLES: dict[str, frozenset[str]] = {
    "customer": frozenset({"shop.order"}),
    "company_administrator": frozenset({"shop.order", "colleagues.manage"}),
}
API_SCOPES = ("catalogue:read", "orders:read", "orders:write")


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """Everything that the roles together allow."""
    tables = (STAFF_ROLES, PARTNER_ROLES, CUSTOMER_ROLES)
    return frozenset().union(*(table.get(role, frozenset()) for table in tables for role in roles))
