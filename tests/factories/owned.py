"""What people have, made directly."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.catalogue.models import Product
from crm.identity.models import User
from crm.ownership.models import OwnedProduct


def make_owned(
    session: Session, user: User, account_id: Any, *, product: Product | None = None, **values: Any
) -> OwnedProduct:
    """Something registered by `user`; without a product of the catalogue, a kettle."""
    defaults: dict[str, Any] = {
        "product_id": product.id if product else None,
        "name": "" if product else "Kettle",
        "acquired_on": date(2026, 1, 15),
        "source": "registered",
    }
    owned = OwnedProduct(account_id=account_id, user_id=user.id, **{**defaults, **values})
    session.add(owned)
    session.flush()
    return owned
