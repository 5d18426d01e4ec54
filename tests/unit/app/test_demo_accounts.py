"""The demo's people: one of each role, made once however often the demo is filled."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo.accounts import (
    ACCOUNTS,
    DEMO_PASSWORD,
    company_id,
    list_demo_accounts,
    make_demo_accounts,
    user_id,
)
from crm.customers.actors import load_actor
from crm.customers.models import Account
from crm.identity.models import User
from crm.identity.passwords import check_acceptable, verify_password

ROLES = {
    "customer", "customer of another company", "company administrator", "colleague", "private customer", "partner",
    "agent", "supervisor", "editor", "marketer", "partner manager", "analyst", "administrator",
}  # fmt: skip


def test_every_role_can_be_tried_and_a_second_filling_adds_nobody(session: Session) -> None:
    assert make_demo_accounts(session) == 13
    assert make_demo_accounts(session) == 0
    assert {account.role for account in list_demo_accounts()} == ROLES
    assert session.scalar(select(func.count()).select_from(User).where(User.is_demo)) == 13
    assert session.scalar(select(func.count()).select_from(Account).where(Account.source == "demo")) == 4


def test_they_sign_in_with_the_demo_password_which_is_an_ordinary_good_one(session: Session) -> None:
    make_demo_accounts(session)
    check_acceptable(DEMO_PASSWORD)
    user = session.get_one(User, user_id("agent@aurora-home.example"))
    assert verify_password(user.password_hash, DEMO_PASSWORD)


def test_the_actors_have_the_place_that_their_role_says(session: Session) -> None:
    make_demo_accounts(session)
    by_role = {account.role: load_actor(session, user_id(account.email)) for account in ACCOUNTS}
    administrator, colleague = by_role["company administrator"], by_role["colleague"]
    assert administrator is not None and colleague is not None
    assert (administrator.scope, administrator.account_id) == ("company", company_id("nordlicht"))
    assert (colleague.scope, colleague.account_id) == ("own", company_id("nordlicht"))
    other, partner, admin = (
        by_role["customer of another company"],
        by_role["partner"],
        by_role["administrator"],
    )
    assert other is not None and other.account_id == company_id("atelier")
    assert partner is not None and partner.kind == "partner" and partner.can("colleagues.manage")
    assert admin is not None and admin.scope == "all" and admin.can("users.manage")


def test_what_somebody_changed_stays(session: Session) -> None:
    make_demo_accounts(session)
    user = session.get_one(User, user_id("agent@aurora-home.example"))
    user.name = "Renamed"
    session.flush()
    make_demo_accounts(session)
    assert session.get_one(User, user.id).name == "Renamed"
