"""Whom a campaign wrote to and whom not, each with the reason, as marketers see it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from campaigns.models import CampaignSend
from campaigns.triggers import look_for_left_carts
from crm.customers.models import Account
from crm.identity.models import User
from tests.factories.campaigns import agree, leave_cart, make_campaign, stored_version
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.people import make_account, make_customer, make_staff, sign_in


@pytest.fixture
def marketer(session: Session, client: FlaskClient) -> User:
    user = make_staff(session, "marketer")
    sign_in(client, user)
    return user


def test_decisions_are_listed_with_reasons_and_filters(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session)
    accounts: list[Account] = [
        make_account(session, name=name) for name in ("Agreed Company", "Silent Company")
    ]
    people = [make_customer(session, account=account) for account in accounts]
    agree(session, people[0])
    for user in people:
        leave_cart(session, user, make_product(session))
    look_for_left_carts(session)
    run_jobs()
    everything = client.get("/staff/campaigns/decisions").text
    assert "Agreed Company" in everything
    assert "Silent Company" in everything
    skipped = client.get("/staff/campaigns/decisions?reason=no_consent").text
    assert "Silent Company" in skipped
    assert "Agreed Company" not in skipped
    assert "Agreed Company" in client.get("/staff/campaigns/decisions?outcome=sent&q=AGREED").text
    assert "No decision matches" in client.get("/staff/campaigns/decisions?q=%25").text
    for odd in (
        "?after=x",
        "?outcome=odd&reason=odd&campaign=odd",
        "?person=x",
        "?after=01900000-0000-7000-8000-000000000000",
    ):
        assert client.get(f"/staff/campaigns/decisions{odd}").status_code == 200


def test_the_list_of_decisions_goes_on_page_by_page(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    campaign = make_campaign(session)
    version = stored_version(session)
    for number in range(40):
        user = make_customer(session, name=f"Listed {number};")
        session.add(
            CampaignSend(
                campaign_id=campaign.id, version_id=version.id, person_id=user.id, trigger_key=f"x{number}",
                triggered_at=version.created_at, due_at=version.created_at, outcome="skipped", reason="no_consent",
                decided_at=version.created_at, created_at=version.created_at + timedelta(seconds=number // 3),
            )
        )  # fmt: skip
    session.flush()
    first = client.get("/staff/campaigns/decisions").text
    older = re.search(r'href="([^"]*after=[^"]+)"', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).text
    names = re.compile(r"Listed \d+;")
    assert len(names.findall(first)) == 30
    assert len(names.findall(second)) == 10
    assert not set(names.findall(first)) & set(names.findall(second))
