"""Campaigns for marketers: edit, check, preview, confirm, try, switch on; and addresses that get none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.models import Campaign, CampaignSend, CampaignVersion, Suppression
from campaigns.rules import address_digest
from campaigns.services import field_name
from campaigns.wording import FIELDS
from core.audit import list_entries
from core.i18n import LOCALES
from core.transaction import transaction
from crm.identity.models import User
from tests.factories.campaigns import agree, leave_cart, make_campaign, stored_version
from tests.factories.goods import make_category, make_product
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.people import make_account, make_customer, make_staff, sign_in
from tests.factories.web import post

AT = "/staff/campaigns/left-cart"


@pytest.fixture
def session() -> Iterator[Session]:
    """As everywhere; but a view that answers with what is wrong ends its nested transaction with an error."""
    with transaction() as found:
        yield found
        found.flush()
        found.info.pop("half_done", None)


@pytest.fixture
def marketer(session: Session, client: FlaskClient) -> User:
    user = make_staff(session, "marketer")
    sign_in(client, user)
    return user


def _fields(version: CampaignVersion, **values: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        field_name(field, locale): version.texts[locale][field] for locale in LOCALES for field in FIELDS
    }
    return {
        **fields, "delay": "2", "unit": "hours", "minimum": "", "category": "", "quiet_from": "", "quiet_to": "",
        "pause_days": "0", "blocks": ["cart", "recommendations"], "revision": str(version.revision), **values,
    }  # fmt: skip


def test_a_draft_is_edited_looked_at_and_switched_on(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session, state="draft")
    make_product(session)
    make_category(session, slug="beans")
    answer = post(client, f"{AT}/on")
    assert answer.status_code == 409
    assert "look at the preview in every language" in answer.text

    fields = _fields(
        stored_version(session),
        subject_en="Your {{ cart.product }}",
        minimum="10.00",
        category="beans",
        quiet_from="21",
        quiet_to="8",
    )
    assert post(client, f"{AT}/edit", fields).status_code == 303
    version = stored_version(session)
    assert (version.number, version.delay_minutes, version.author) == (1, 120, marketer.email)
    assert version.texts["en"]["subject"] == "Your {{ cart.product }}"
    assert version.conditions == {
        "minimum": "10.00",
        "category": "beans",
        "quiet_from": 21,
        "quiet_to": 8,
        "pause_days": 0,
    }

    for locale in LOCALES:
        page = client.get(f"{AT}/preview?person=sample&language={locale}")
        assert page.status_code == 200
        answer = post(
            client,
            f"{AT}/approve",
            {"language": locale, "revision": str(version.revision), "person": "sample"},
        )
        assert answer.status_code == 303
    assert post(client, f"{AT}/on").status_code == 303
    session.expire_all()
    campaign = session.scalars(select(Campaign).where(Campaign.key == "left-cart")).one()
    assert (campaign.state, campaign.running) == ("on", 1)
    actions = [
        entry.action
        for entry in list_entries(session, object_kind="campaign", object_id="left-cart", limit=20)
    ]
    assert sorted(set(actions)) == ["campaign.approved", "campaign.edited", "campaign.switched_on"]


def test_editing_what_runs_begins_a_new_version(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session)
    assert (
        post(client, f"{AT}/edit", _fields(stored_version(session), heading_en="Another heading")).status_code
        == 303
    )
    old, new = stored_version(session, 1), stored_version(session, 2)
    assert old.texts["en"]["heading"] == "Your cart is waiting for you"
    assert (new.texts["en"]["heading"], new.frozen_at) == ("Another heading", None)
    assert sorted(new.approved) == []
    campaign = session.get_one(Campaign, new.campaign_id)
    assert (campaign.state, campaign.running) == ("on", 1)
    page = client.get(AT).text
    assert "Switch to version 2" in page


def test_saving_the_same_changes_nothing(session: Session, client: FlaskClient, marketer: User) -> None:
    make_campaign(session)
    version = stored_version(session)
    same = _fields(version, delay="1", unit="hours")
    assert post(client, f"{AT}/edit", same).status_code == 303
    assert session.scalars(
        select(CampaignVersion.number).where(CampaignVersion.campaign_id == version.campaign_id)
    ).all() == [1]


def test_the_editor_shows_what_is_stored(session: Session, client: FlaskClient, marketer: User) -> None:
    make_campaign(session, conditions={"quiet_from": 21, "quiet_to": 8, "minimum": "12.50"})
    page = client.get(f"{AT}/edit").text
    boxes = re.findall(r'<input checked[^>]*name="blocks"[^>]*value="(\w+)"', page)
    assert boxes == ["cart", "recommendations"]
    chosen = re.findall(r'<option selected value="([^"]*)"', page)
    assert chosen == ["hours", "", "21", "8"]
    assert 'value="12.50"' in page


def test_a_changed_text_must_be_looked_at_again(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session, state="draft")
    make_product(session)
    version = stored_version(session)
    post(client, f"{AT}/approve", {"language": "en", "revision": str(version.revision)})
    post(client, f"{AT}/approve", {"language": "zh-Hant", "revision": str(version.revision)})
    assert sorted(stored_version(session).approved) == ["en", "zh-Hant"]
    post(client, f"{AT}/edit", _fields(stored_version(session), button_en="Go"))
    assert sorted(stored_version(session).approved) == ["zh-Hant"]


def test_two_editors_at_once_are_told(session: Session, client: FlaskClient, marketer: User) -> None:
    make_campaign(session, state="draft")
    version = stored_version(session)
    mine, theirs = _fields(version, button_en="Mine"), _fields(version, button_en="Theirs")
    assert post(client, f"{AT}/edit", theirs).status_code == 303
    answer = post(client, f"{AT}/edit", mine)
    assert answer.status_code == 409
    assert "Mine" in answer.text, "what was typed is not lost"
    assert stored_version(session).texts["en"]["button"] == "Theirs"
    stale = post(client, f"{AT}/approve", {"language": "en", "revision": str(version.revision - 1)})
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"subject_en": "{{7*7}}"}, "is no placeholder"),
        ({"body_zh_hant": "{% for i in (1..1000000000) %}x{% endfor %}"}, "is no placeholder"),
        ({"subject_en": "{{ order.number }}"}, "There is no placeholder order.number here"),
        ({"subject_en": "x" * 121}, "At most 120 characters"),
        ({"subject_en": "one\ntwo"}, "one line"),
        ({"delay": "0"}, "between 1 minute and 60 days"),
        ({"delay": "61", "unit": "days"}, "between 1 minute and 60 days"),
        ({"delay": "99999999999999999999"}, "between 1 minute and 60 days"),
        ({"delay": "soon"}, "Not a valid integer"),
        ({"unit": "years"}, "Not a valid choice"),
        ({"minimum": "-1"}, "at least 0"),
        ({"minimum": "NaN"}, "at least 0"),
        ({"minimum": "1e999"}, "at least 0"),
        ({"category": "nothing"}, "Not a valid choice"),
        ({"quiet_from": "24"}, "Not a valid choice"),
        ({"pause_days": "91"}, "from 0 to 90"),
        ({"pause_days": "-1"}, "from 0 to 90"),
        ({"blocks": ["secret"]}, "not a valid choice"),
    ],
)
def test_bad_input_is_told_beside_its_field(
    session: Session, client: FlaskClient, marketer: User, values: dict[str, Any], said: str
) -> None:
    make_campaign(session, state="draft")
    before = dict(stored_version(session).texts)
    answer = post(client, f"{AT}/edit", _fields(stored_version(session), **values))
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    assert stored_version(session).texts == before


@pytest.mark.parametrize(
    ("locale", "subject", "body", "plain"),
    [
        ("en", "Subject (繁體中文)", "Text (简体中文)", "Subject"),
        ("zh-Hant", "主旨（繁體中文）", "內文（简体中文）", "主旨"),
        ("zh-Hans", "主题（繁體中文）", "正文（简体中文）", "主题"),
    ],
)
def test_what_is_wrong_names_the_language_of_the_text(
    session: Session, client: FlaskClient, marketer: User, locale: str, subject: str, body: str, plain: str
) -> None:
    marketer.locale = locale
    make_campaign(session, state="draft")
    wrong = _fields(stored_version(session), subject_zh_hant="{{7*7}}", body_zh_hans="{{ order.number }}")
    page = post(client, f"{AT}/edit", wrong).text
    summary = page.partition("data-error-summary")[2].partition("</ul>")[0]
    assert re.findall(r'<a href="#(\w+)">([^<]*)</a>', summary) == [
        ("subject_zh_hant", subject),
        ("body_zh_hans", body),
    ]
    # Below the heading of its language the field itself says no more than what it is.
    label = re.search(r'<label class="field-label" for="subject_zh_hant">([^<]*)</label>', page)
    assert label is not None and label[1].strip() == plain
    assert re.search(rf'<input[^>]* aria-label="{re.escape(subject)}"', page)


def test_the_check_beside_the_form_answers_while_one_types(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session, state="draft")
    answer = post(
        client, f"{AT}/check", _fields(stored_version(session), subject_en="{{ oops }}", button_zh_hans="")
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'href="#subject_en"' in answer.text
    assert 'href="#button_zh_hans"' in answer.text
    assert "complete" in answer.text


def test_an_incomplete_language_cannot_be_switched_on(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session, state="draft")
    assert post(client, f"{AT}/edit", _fields(stored_version(session), heading_zh_hans="")).status_code == 303
    answer = post(client, f"{AT}/on")
    assert answer.status_code == 409
    assert "简体中文" in answer.text
    version = stored_version(session)
    answer = post(client, f"{AT}/approve", {"language": "zh-Hans", "revision": str(version.revision)})
    assert answer.status_code == 422


def test_the_preview_shows_a_real_customers_cart_in_a_closed_frame(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session)
    customer = make_customer(session, account=make_account(session, name="Blue Heron Bakery"))
    product = make_product(session)
    leave_cart(session, customer, product)
    page = client.get(f"{AT}/preview")
    assert f"Still thinking about the {product.names['en']}?" in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    mail = client.get(f"{AT}/preview/mail?person={customer.id}&language=zh-Hant")
    assert product.names["zh-Hant"] in mail.text
    policy = mail.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    found = client.get(f"{AT}/preview?q=heron&person=sample").text
    assert "Blue Heron Bakery" in found
    assert client.get(f"{AT}/preview?person=nobody").status_code == 400
    assert client.get(f"{AT}/preview?person={marketer.id}").status_code == 404
    assert session.scalars(select(CampaignSend)).all() == []


def test_an_empty_cart_says_so_and_offers_samples(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session)
    make_product(session)
    customer = make_customer(session)
    page = client.get(f"{AT}/preview?person={customer.id}")
    assert "Cart emptied" in page.text
    assert "Use sample products" in page.text
    assert client.get(f"{AT}/preview/mail?person={customer.id}").status_code == 404


def test_a_test_goes_to_oneself_only(session: Session, client: FlaskClient, marketer: User) -> None:
    make_campaign(session)
    make_product(session)
    answer = post(
        client,
        f"{AT}/test",
        {"person": "sample", "language": "zh-Hant", "to": "somebody@example.test", "email": "x@example.test"},
    )
    assert answer.status_code == 303
    run_jobs()
    (mail,) = mails_to(marketer.email)
    assert (mail.kind, mail.state, mail.locale) == ("marketing-test", "sent", "zh-Hant")
    assert mails_to("somebody@example.test") == mails_to("x@example.test") == []
    assert session.scalars(select(CampaignSend)).all() == []


def test_the_dry_run_counts_without_sending(session: Session, client: FlaskClient, marketer: User) -> None:
    make_campaign(session, state="draft")
    willing, unwilling = make_customer(session), make_customer(session)
    agree(session, willing)
    for user in (willing, unwilling):
        leave_cart(session, user, make_product(session))
    page = client.get(AT).text
    assert "1 person would get the mail" in page
    assert "1 would not" in page
    assert "Has not agreed to promotion mail." in page
    assert session.scalars(select(CampaignSend)).all() == []


def test_addresses_are_blocked_and_taken_off_again(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    make_campaign(session)
    address = "Complainer@Example.TEST"
    answer = post(
        client, "/staff/campaigns/blocked", {"email": address, "reason": "complaint", "note": "by phone"}
    )
    assert answer.status_code == 303
    row = session.scalars(select(Suppression)).one()
    assert (row.digest, row.reason, row.note) == (
        address_digest("complainer@example.test"),
        "complaint",
        "by phone",
    )
    again = post(client, "/staff/campaigns/blocked", {"email": address, "reason": "manual"})
    assert again.status_code == 409
    assert (
        post(client, "/staff/campaigns/blocked", {"email": "no address", "reason": "manual"}).status_code
        == 422
    )
    assert (
        post(client, "/staff/campaigns/blocked", {"email": address, "reason": "unsubscribed"}).status_code
        == 422
    )
    assert post(client, f"/staff/campaigns/blocked/{row.id}/lift").status_code == 303
    session.expire_all()
    assert row.lifted_at is not None


def test_who_unsubscribed_cannot_be_put_back_by_staff(
    session: Session, client: FlaskClient, marketer: User
) -> None:
    row = Suppression(digest="d" * 64, reason="unsubscribed")
    session.add(row)
    session.flush()
    assert post(client, f"/staff/campaigns/blocked/{row.id}/lift").status_code == 404
    assert row.lifted_at is None


@pytest.mark.parametrize("role", ["agent", "editor", "analyst", "partner_manager"])
def test_others_do_not_get_in(session: Session, client: FlaskClient, role: str) -> None:
    make_campaign(session)
    sign_in(client, make_staff(session, role))
    for path in (
        "/staff/campaigns",
        AT,
        f"{AT}/edit",
        f"{AT}/preview",
        f"{AT}/preview/mail",
        "/staff/campaigns/decisions",
    ):
        assert client.get(path).status_code == 403
    assert post(client, f"{AT}/on").status_code == 403


def test_unknown_campaigns_are_not_found(session: Session, client: FlaskClient, marketer: User) -> None:
    for path in ("nothing", "nothing/edit", "nothing/preview", "nothing/preview/mail"):
        assert client.get(f"/staff/campaigns/{path}").status_code == 404
    for path in ("on", "off", "approve", "test", "check", "edit"):
        assert post(client, f"/staff/campaigns/nothing/{path}").status_code == 404
