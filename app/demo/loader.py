"""Filling an empty installation with the demo, once: each part in one transaction, so that a load that was
interrupted goes on where it stopped."""

from __future__ import annotations

import random
from collections.abc import Callable

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import jobs  # noqa: F401 - registers the search kinds and the job that rebuilds them
from app.demo.accounts import make_demo_accounts
from app.demo.buyers import list_buyers, list_drafts
from app.demo.campaigns import ensure_demo_campaigns
from app.demo.cases import lacks_cases, write_cases
from app.demo.catalogue import load_catalogue
from app.demo.clicks import ensure_clicks
from app.demo.companies import ensure_companies
from app.demo.goods import ensure_goods, launch_days
from app.demo.help import ensure_help
from app.demo.materials import ensure_materials
from app.demo.needs import Needs
from app.demo.orders import count_popularity, has_orders, write_orders
from app.demo.owned import lacks_owned, write_owned
from core.search import enqueue_rebuild
from core.settings import SettingsError, get_settings
from core.transaction import reading, transaction
from crm.catalogue.models import Product

ORDER_SEED = 90_210


def ensure_demo(console: Console) -> None:
    """Loads what is missing of the demo. Raises SettingsError in production mode."""
    if get_settings().mode != "demo":
        raise SettingsError("the demo is loaded in demo mode only (RAPPORT_MODE)")
    parts: tuple[tuple[str, Callable[[], bool], Callable[[Session], int]], ...] = (
        ("people", lambda: True, make_demo_accounts),
        ("products", _lacks_goods, _load_goods),
        ("help articles", lambda: True, ensure_help),
        ("customers", lambda: True, ensure_companies),
        ("orders", _lacks_orders, _load_orders),
        ("owned products", _lacks_owned, write_owned),
        ("service requests", _lacks_cases, write_cases),
        ("partner materials", lambda: True, ensure_materials),
        ("visits", lambda: True, ensure_clicks),
        # After requests and consents: it tells which complaint held a mail back.
        ("campaign decisions", lambda: True, ensure_demo_campaigns),
    )
    for name, is_needed, load in parts:
        if not is_needed():
            continue
        with console.status(f"Loading the demo: {name} …"), transaction() as session:
            count = load(session)
        if count:
            console.print(f"Demo: {count:,} {name}")


def _lacks_goods() -> bool:
    with reading() as session:
        return session.query(Product.id).filter(Product.source == "demo").first() is None


def _lacks_orders() -> bool:
    with reading() as session:
        return not has_orders(session)


def _lacks_owned() -> bool:
    with reading() as session:
        return lacks_owned(session)


def _lacks_cases() -> bool:
    with reading() as session:
        return lacks_cases(session)


def _load_goods(session: Session) -> int:
    count = ensure_goods(session, load_catalogue())
    if count:
        enqueue_rebuild(session, "product")
    return count


def _load_orders(session: Session) -> int:
    catalogue = load_catalogue()
    drafts = list_drafts(list_buyers(session), Needs(catalogue, launch_days(catalogue)))
    count = write_orders(session, drafts, random.Random(ORDER_SEED))
    count_popularity(session)
    session.execute(text("ANALYZE"))
    return count
