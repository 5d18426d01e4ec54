"""Whoever tries the doors of somebody else: each signs `client` in as one who may not see what `account` has."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask.testing import FlaskClient

from core.transaction import transaction
from crm.customers.models import Contact
from tests.factories.people import make_account, make_staff, make_user, sign_in

Become = Callable[[FlaskClient, uuid.UUID], None]


def nobody(_client: FlaskClient, _account: uuid.UUID) -> None:
    pass


def other_company(client: FlaskClient, _account: uuid.UUID) -> None:
    with transaction() as session:
        account = make_account(session)
        user = make_user(session, account=account, role="company_administrator", scope="company")
    sign_in(client, user)


def colleague(client: FlaskClient, account: uuid.UUID) -> None:
    """Of the same company, with the scope of their own things."""
    with transaction() as session:
        user = make_user(session)
        session.add(Contact(account_id=account, user_id=user.id, role="customer", scope="own"))
    sign_in(client, user)


def partner(client: FlaskClient, _account: uuid.UUID) -> None:
    with transaction() as session:
        account = make_account(session, is_partner=True)
        user = make_user(
            session, kind="partner", roles=("partner_administrator",), account=account, scope="company"
        )
    sign_in(client, user)


def without_account(client: FlaskClient, _account: uuid.UUID) -> None:
    with transaction() as session:
        user = make_user(session)
    sign_in(client, user)


def editor(client: FlaskClient, _account: uuid.UUID) -> None:
    """Staff with other work."""
    with transaction() as session:
        user = make_staff(session, "editor")
    sign_in(client, user)


PRINCIPALS: list[Become] = [nobody, other_company, colleague, partner, without_account, editor]
