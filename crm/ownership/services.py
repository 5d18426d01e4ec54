"""What people do with the list of what they have: register, correct, remove, take back."""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.db import storable
from core.errors import Forbidden, Invalid, NotFound
from core.i18n import pick
from crm.catalogue.models import Product
from crm.customers.models import Account
from crm.ownership.access import owned_visible_to
from crm.ownership.models import OwnedProduct
from crm.ownership.warranty import warranty_end

MOST = 500
EARLIEST = date(1970, 1, 1)
_SERIAL = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{3,38})[A-Z0-9]")
_DASHES = re.compile(r"[‐‑‒–—―−_./\s]+")


def clean_serial(text: str) -> str:
    """The one way a serial number is written; "" for none. Raises Invalid."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not plain:
        return ""
    plain = _DASHES.sub("-", plain)
    if not plain.isascii() or not _SERIAL.fullmatch(plain):
        raise Invalid("owned.serial_format", field="serial_number")
    return plain


def register(
    session: Session,
    *,
    actor: Actor,
    product_id: uuid.UUID | None = None,
    name: str = "",
    serial_number: str = "",
    acquired_on: date | None,
    nickname: str = "",
) -> OwnedProduct:
    """Adds something that the person has: a product of the catalogue, or one by its name.

    Raises Invalid: no product, malformed or known serial number, a day that is missing or still to come.
    """
    account_id = _own_account(actor)
    if acquired_on is None:
        raise Invalid("owned.date_needed", field="acquired_on")
    if acquired_on > clock.today(actor.timezone):
        raise Invalid("owned.date_future", field="acquired_on")
    if acquired_on < EARLIEST:
        raise Invalid("owned.date_too_old", field="acquired_on", year=EARLIEST.year)
    serial = clean_serial(serial_number)
    product = _product(session, product_id)
    name = "" if product is not None else storable(name.strip(), 160)
    if product is None and not name:
        raise Invalid("owned.product_needed", field="product")
    _lock(session, account_id)
    _check_serial(session, account_id, serial)
    held = session.scalar(
        select(func.count()).where(OwnedProduct.account_id == account_id, OwnedProduct.source == "registered")
    )
    if (held or 0) >= MOST:
        raise Invalid("owned.too_many", limit=MOST)
    owned = OwnedProduct(
        account_id=account_id,
        user_id=actor.user_id,
        product_id=product.id if product else None,
        name=name,
        nickname=storable(nickname.strip(), 60),
        serial_number=serial,
        acquired_on=acquired_on,
        warranty_until=warranty_end(acquired_on, product.warranty_months) if product else None,
        source="registered",
    )
    session.add(owned)
    session.flush()
    after = {"product": product.sku if product else name, "serial_number": serial}
    audit.record(session, actor, "owned.register", "owned_product", owned.id, after=after)
    return owned


def change(
    session: Session, *, actor: Actor, owned_id: uuid.UUID, serial_number: str, nickname: str | None = None
) -> OwnedProduct:
    """Enters or corrects the serial number and the person's own name for it; staff may too."""
    owned = _locked(session, actor, owned_id)
    serial = clean_serial(serial_number)
    _check_serial(session, owned.account_id, serial, but=owned.id)
    before = {"serial_number": owned.serial_number, "nickname": owned.nickname}
    owned.serial_number = serial
    if nickname is not None:
        owned.nickname = storable(nickname.strip(), 60)
    after = {"serial_number": owned.serial_number, "nickname": owned.nickname}
    if after != before:
        audit.record(session, actor, "owned.change", "owned_product", owned.id, before=before, after=after)
    return owned


def remove(session: Session, *, actor: Actor, owned_id: uuid.UUID) -> OwnedProduct:
    """Takes it off the list: sold, given away, thrown away. It can be taken back."""
    owned = _locked(session, actor, owned_id)
    owned.removed_at, owned.removal_reason = clock.now(), "customer"
    audit.record(session, actor, "owned.remove", "owned_product", owned.id)
    return owned


def take_back(session: Session, *, actor: Actor, owned_id: uuid.UUID) -> OwnedProduct:
    """Undoes a removal by the customer. What went back to us stays away."""
    owned = _locked(session, actor, owned_id, removed=True)
    if owned.removal_reason is not None:
        _check_serial(session, owned.account_id, owned.serial_number, but=owned.id)
        owned.removed_at, owned.removal_reason = None, None
        audit.record(session, actor, "owned.take_back", "owned_product", owned.id)
    return owned


def _own_account(actor: Actor) -> uuid.UUID:
    if actor.user_id is None or actor.account_id is None or actor.kind not in {"customer", "partner"}:
        raise Forbidden
    return actor.account_id


def _product(session: Session, product_id: uuid.UUID | None) -> Product | None:
    if product_id is None:
        return None
    found = session.scalar(select(Product).where(Product.id == product_id, Product.is_active.is_(True)))
    if found is None:
        raise Invalid("owned.unknown_product", field="product")
    return found


def _lock(session: Session, account_id: uuid.UUID) -> None:
    """Two forms of one account take turns, so that a serial number is not entered twice at the same moment."""
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())


def _locked(session: Session, actor: Actor, owned_id: uuid.UUID, *, removed: bool = False) -> OwnedProduct:
    """The unit, if it is there for `actor` to change; with `removed` also one that the customer took away."""
    gone = OwnedProduct.removal_reason.is_(None)
    found = session.scalar(
        select(OwnedProduct)
        .where(
            OwnedProduct.id == owned_id,
            owned_visible_to(actor),
            gone | (OwnedProduct.removal_reason == "customer") if removed else gone,
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    if actor.scope == "all" and actor.kind != "system" and not actor.can("orders.manage"):
        raise Forbidden
    _lock(session, found.account_id)
    session.refresh(found, with_for_update=True)
    return found


def _check_serial(
    session: Session, account_id: uuid.UUID, serial: str, *, but: uuid.UUID | None = None
) -> None:
    if not serial:
        return
    query = select(OwnedProduct).where(
        OwnedProduct.account_id == account_id,
        OwnedProduct.serial_number == serial,
        OwnedProduct.removed_at.is_(None),
    )
    if but is not None:
        query = query.where(OwnedProduct.id != but)
    other = session.scalars(query.limit(1)).first()
    if other is not None:
        name = pick(other.product.names) if other.product else other.name
        raise Invalid("owned.serial_taken", field="serial_number", name=other.nickname or name)
