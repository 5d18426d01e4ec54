"""Where a request comes from, as limits count it, and where a person starts."""

from __future__ import annotations

import ipaddress

from core.web import context


def place() -> str:
    """The client's address; a whole IPv6 network is one place, because one person has all of it."""
    address = context.address()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False))
    return address


def home() -> str:
    """The page that a person starts at."""
    who = context.actor()
    return "/staff" if who.kind == "staff" else "/account" if who.is_signed_in else "/"
