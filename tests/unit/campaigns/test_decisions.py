"""One decision per person and left cart, with the reason for each mail that is not sent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns import choices
from campaigns.catalogue import KINDS
from campaigns.models import CampaignSend, CampaignVersion, Suppression
from campaigns.reasons import REASONS, explain
from campaigns.rules import address_digest, quiet_until
from campaigns.services import Draft, save_draft, switch_off
from campaigns.triggers import look_for_left_carts, on_order_delivered, on_signed_up
from clickstream import consent
from core import clock
from core.actor import Actor
from core.mail import Mail
from core.mail import Suppression as DeadAddress
from crm.catalogue.models import Product, Stock
from crm.customers.events import SignedUp
from crm.identity.models import User
from crm.identity.services import actor_of
from crm.orders import carts
from crm.orders.events import OrderDelivered
from crm.service.models import Case
from tests.factories.campaigns import agree, leave_cart, make_campaign, sends_to, set_aside
from tests.factories.goods import make_category, make_product
from tests.factories.jobs import run_jobs
from tests.factories.mails import mails_to
from tests.factories.orders import make_order
from tests.factories.people import make_account, make_customer, make_staff

NOW = datetime(2030, 5, 14, 10, 0, tzinfo=UTC)


def _decide(session: Session, user: User) -> CampaignSend:
    session.flush()
    look_for_left_carts(session)
    session.flush()
    run_jobs()
    return sends_to(user)[-1]


def _prepared(session: Session, **values: Any) -> tuple[User, Product]:
    user, product = make_customer(session), make_product(session)
    make_campaign(session, **values)
    agree(session, user)
    leave_cart(session, user, product)
    return user, product


def _complain(session: Session, user: User, account_id: uuid.UUID, reference: str, **values: Any) -> Case:
    case = Case(
        **{
            "reference": reference, "kind": "complaint", "subject": "It leaks", "user_id": user.id,
            "account_id": account_id, **values,
        }
    )  # fmt: skip
    session.add(case)
    session.flush()
    return case


def test_a_cart_left_alone_gives_one_mail(session: Session) -> None:
    user, product = _prepared(session)
    other = make_product(session)

    send = _decide(session, user)

    assert (send.outcome, send.reason) == ("sent", None)
    (mail,) = mails_to(user.email)
    assert mail.subject == f"Still thinking about the {product.names['en']}?"
    assert (mail.kind, mail.state, mail.message_id) == ("marketing", "sent", send.message_id)
    assert product.names["en"] in mail.text
    assert other.names["en"] in mail.text, "a recommendation"
    assert f"/account/mail/{send.id}" in mail.text
    assert _decide(session, user).id == send.id
    assert len(mails_to(user.email)) == 1


def test_a_changed_cart_starts_the_clock_again(session: Session) -> None:
    user, product = _prepared(session)
    carts.set_quantity(session, carts.Owner(user_id=user.id), product.id, 3)
    assert look_for_left_carts(session) == 0
    set_aside(session, user, clock.now() - timedelta(minutes=59))
    assert look_for_left_carts(session) == 0
    set_aside(session, user, clock.now() - timedelta(minutes=61))
    assert look_for_left_carts(session) == 1
    assert look_for_left_carts(session) == 0


def test_a_cart_left_twice_is_two_causes(session: Session) -> None:
    user, _product = _prepared(session)
    _decide(session, user)
    set_aside(session, user, clock.now() - timedelta(minutes=90))
    _decide(session, user)
    assert [send.outcome for send in sends_to(user)] == ["sent", "sent"]
    assert len({mail.message_id for mail in mails_to(user.email)}) == 2


def test_old_carts_are_history(session: Session) -> None:
    user, _product = _prepared(session)
    set_aside(session, user, clock.now() - timedelta(days=3, hours=2))
    assert look_for_left_carts(session) == 0


@pytest.mark.parametrize(
    "change", ["set_quantity", "remove", "add", "take_out"],
)  # fmt: skip
def test_every_change_counts_as_a_change(session: Session, change: str) -> None:
    user, product = _prepared(session)
    cart_id = set_aside(session, user, NOW)
    owner = carts.Owner(user_id=user.id)
    {
        "set_quantity": lambda: carts.set_quantity(session, owner, product.id, 2),
        "remove": lambda: carts.remove(session, owner, product.id),
        "add": lambda: carts.add(session, owner, product.id, 1),
        "take_out": lambda: carts.take_out(session, cart_id, {product.id: 1}),
    }[change]()
    left = carts.find_left(session, user.id)
    assert left is None or left.changed_at != NOW


def test_without_consent_nothing_is_sent(session: Session) -> None:
    user = make_customer(session)
    make_campaign(session)
    leave_cart(session, user, make_product(session))
    assert _decide(session, user).reason == "no_consent"
    assert mails_to(user.email) == []


def test_an_open_complaint_holds_promotion_back_and_is_named(session: Session) -> None:
    account = make_account(session)
    user = make_customer(session, account=account)
    make_campaign(session)
    agree(session, user)
    leave_cart(session, user, make_product(session))
    _complain(session, user, account.id, "SR-100042-9", severity="severe")
    send = _decide(session, user)
    assert (send.outcome, send.reason) == ("skipped", "complaint")
    assert send.facts["reference"] == "SR-100042-9"
    assert "SR-100042-9" in explain(send.reason, send.facts, to_staff=True)
    assert "SR-100042-9" in explain(send.reason, send.facts, to_staff=False)
    assert mails_to(user.email) == []


def test_a_closed_complaint_holds_nothing_back(session: Session) -> None:
    account = make_account(session)
    user = make_customer(session, account=account)
    make_campaign(session)
    agree(session, user)
    leave_cart(session, user, make_product(session))
    _complain(session, user, account.id, "SR-100043-7", state="closed")
    assert _decide(session, user).outcome == "sent"


@pytest.mark.parametrize(
    ("reason", "told"), [("bounced", "bounced"), ("complaint", "marked_spam"), ("manual", "blocked"), ("unsubscribed", "unsubscribed")]
)  # fmt: skip
def test_suppressed_addresses_get_nothing(session: Session, reason: str, told: str) -> None:
    user, _product = _prepared(session)
    session.add(Suppression(digest=address_digest(user.email), reason=reason))
    assert _decide(session, user).reason == told


def test_agreeing_again_ends_an_unsubscription_and_no_other_block(session: Session) -> None:
    user, _product = _prepared(session)
    for reason in ("unsubscribed", "manual"):
        session.add(
            Suppression(
                digest=address_digest(user.email), reason=reason, created_at=clock.now() - timedelta(days=1)
            )
        )
    session.flush()
    assert _decide(session, user).reason == "blocked"
    session.execute(update(Suppression).where(Suppression.reason == "manual").values(lifted_at=clock.now()))
    set_aside(session, user, clock.now() - timedelta(hours=2))
    assert _decide(session, user).outcome == "sent"


def test_dead_addresses_of_the_mail_server_count(session: Session) -> None:
    user, _product = _prepared(session)
    session.add(DeadAddress(address=user.email, reason="550 no such user"))
    assert _decide(session, user).reason == "bounced"


@pytest.mark.parametrize(
    ("values", "reason"), [({"is_active": False}, "inactive"), ({"email_verified_at": None}, "unverified")]
)
def test_people_who_cannot_be_written_to(session: Session, values: dict[str, Any], reason: str) -> None:
    user, _product = _prepared(session)
    for name, value in values.items():
        setattr(user, name, value)
    assert _decide(session, user).reason == reason


def test_who_ordered_meanwhile_is_left_alone(session: Session) -> None:
    user, product = _prepared(session)
    session.flush()
    look_for_left_carts(session)
    order = make_order(session, user=user, placed_at=clock.now())
    carts.take_out(session, set_aside(session, user, clock.now()), {product.id: 1})
    run_jobs()
    (send,) = sends_to(user)
    assert (send.reason, send.facts["number"]) == ("ordered", order.number)


def test_a_cart_changed_or_emptied_before_the_decision(session: Session) -> None:
    user, product = _prepared(session)
    look_for_left_carts(session)
    carts.set_quantity(session, carts.Owner(user_id=user.id), product.id, 2)
    run_jobs()
    assert sends_to(user)[0].reason == "cart_changed"
    set_aside(session, user, clock.now() - timedelta(hours=2))
    look_for_left_carts(session)
    carts.remove(session, carts.Owner(user_id=user.id), product.id)
    run_jobs()
    assert sends_to(user)[1].reason == "cart_emptied"


def test_what_cannot_be_bought_is_no_reason_to_write(session: Session) -> None:
    user, product = _prepared(session)
    session.execute(update(Stock).where(Stock.product_id == product.id).values(on_hand=0))
    assert _decide(session, user).reason == "goods_gone"


@pytest.mark.parametrize(("minimum", "outcome"), [("12.50", "sent"), ("12.51", "skipped")])
def test_the_minimum_counts_the_whole_cart(session: Session, minimum: str, outcome: str) -> None:
    user, _product = _prepared(session, conditions={"minimum": minimum})
    assert _decide(session, user).outcome == outcome


def test_the_category_must_be_in_the_cart(session: Session) -> None:
    machines = make_category(session, slug="machines")
    espresso = make_category(session, slug="espresso", parent_id=machines.id)
    make_campaign(session, conditions={"category": "machines"})
    for category, reason in ((None, "other_category"), (machines, None), (espresso, None)):
        user = make_customer(session)
        agree(session, user)
        leave_cart(session, user, make_product(session, category=category))
        assert _decide(session, user).reason == reason


def test_two_mails_keep_their_distance(session: Session) -> None:
    user, _product = _prepared(session, conditions={"pause_days": 2})
    assert _decide(session, user).outcome == "sent"
    set_aside(session, user, clock.now() - timedelta(hours=2))
    assert _decide(session, user).reason == "too_soon"


def test_quiet_hours_wait_for_the_morning_where_the_person_lives(session: Session) -> None:
    with clock.frozen(NOW):  # 18:00 in Taipei, 12:00 in Berlin
        user, _product = _prepared(session, conditions={"quiet_from": 18, "quiet_to": 8})
        user.timezone = "Asia/Taipei"
        send = _decide(session, user)
        assert (send.outcome, send.reason) == ("waiting", "quiet_hours")
        assert send.due_at == datetime(2030, 5, 15, 0, 0, tzinfo=UTC)
    with clock.frozen(datetime(2030, 5, 15, 0, 0, 1, tzinfo=UTC)):
        run_jobs()
        assert sends_to(user)[0].outcome == "sent"


@pytest.mark.parametrize(
    ("hours", "hour", "ends"),
    [((21, 8), 20, None), ((21, 8), 21, 8), ((21, 8), 7, 8), ((21, 8), 8, None), ((1, 5), 3, 5), ((1, 5), 5, None), ((0, 0), 3, None)],
)  # fmt: skip
def test_quiet_hours_over_midnight(hours: tuple[int, int], hour: int, ends: int | None) -> None:
    version = CampaignVersion(conditions={"quiet_from": hours[0], "quiet_to": hours[1]})
    found = quiet_until(version, "UTC", NOW.replace(hour=hour))
    assert (found.hour if found else None) == ends


def test_withdrawing_stops_what_waits_and_what_has_not_left(session: Session) -> None:
    """Check 56: at once, not at the next round."""
    with clock.frozen(NOW):
        user, _product = _prepared(session, conditions={"quiet_from": 9, "quiet_to": 20})
        assert _decide(session, user).outcome == "waiting"
        choices.set_consent(session, actor_of(user), False)
        assert [(send.outcome, send.reason) for send in sends_to(user)] == [("skipped", "withdrawn")]


def test_a_withdrawal_elsewhere_is_seen_before_the_mail_leaves(session: Session) -> None:
    """The privacy page knows nothing of campaigns; a mail that is queued already asks once more."""
    user, _product = _prepared(session)
    session.flush()
    look_for_left_carts(session)
    run_jobs(rounds=1)
    (mail,) = mails_to(user.email)
    assert mail.state == "queued"
    consent.record(session, consent.MARKETING, False, person_id=user.id, source="privacy")
    run_jobs()
    session.refresh(mail)
    assert (mail.state, mail.reason, mail.headers) == ("suppressed", "campaigns.stopped", {})
    assert [(send.outcome, send.reason) for send in sends_to(user)] == [("skipped", "withdrawn")]


def test_a_complaint_that_comes_after_the_decision_still_stops_it(session: Session) -> None:
    account = make_account(session)
    user = make_customer(session, account=account)
    make_campaign(session)
    agree(session, user)
    leave_cart(session, user, make_product(session))
    look_for_left_carts(session)
    run_jobs(rounds=1)
    _complain(session, user, account.id, "SR-100044-5")
    run_jobs()
    assert sends_to(user)[0].reason == "complaint"
    assert mails_to(user.email)[0].state == "suppressed"


def test_an_objection_concerns_one_kind_only(session: Session) -> None:
    user, _product = _prepared(session)
    choices.set_kinds(session, actor_of(user), set(KINDS) - {"left_cart"})
    assert _decide(session, user).reason == "objected"
    make_campaign(session, "welcome")
    on_signed_up(session, SignedUp(user_id=user.id))
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        run_jobs()
    assert sends_to(user)[-1].outcome == "sent"


def test_a_switched_off_campaign_sends_nothing_that_waits(session: Session) -> None:
    user, _product = _prepared(session)
    staff = actor_of(make_staff(session, "marketer"))
    look_for_left_carts(session)
    switch_off(session, staff, "left-cart")
    run_jobs()
    assert sends_to(user)[0].reason == "switched_off"


def test_those_under_way_keep_their_version(session: Session) -> None:
    user, _product = _prepared(session)
    staff: Actor = actor_of(make_staff(session, "marketer"))
    look_for_left_carts(session)
    old = session.scalars(
        select(CampaignVersion).join(CampaignSend, CampaignSend.version_id == CampaignVersion.id)
    ).one()
    new = save_draft(session, staff, "left-cart", _draft(old, subject="Something else"))
    assert (old.number, new.number, new.frozen_at) == (1, 2, None)
    run_jobs()
    assert mails_to(user.email)[0].subject.startswith("Still thinking about")


def _draft(version: CampaignVersion, **english: str) -> Draft:
    texts = {locale: dict(written) for locale, written in version.texts.items()}
    texts["en"] |= english
    return Draft(delay_minutes=version.delay_minutes, texts=texts, blocks=tuple(version.blocks))


def test_orders_and_sign_ups_set_their_campaigns_off(session: Session) -> None:
    user = make_customer(session)
    agree(session, user)
    make_campaign(session, "after_delivery", delay_minutes=60)
    product = make_product(session)
    order = make_order(session, user=user, state="delivered", delivered_at=clock.now())
    order.lines[0].product_id = product.id
    for _ in range(2):
        on_order_delivered(session, OrderDelivered(order_id=order.id))
    run_jobs()
    assert [(send.outcome, send.reason) for send in sends_to(user)] == [("waiting", "delay")]
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        run_jobs()
    (mail,) = mails_to(user.email, kind="marketing")
    assert order.number in mail.text
    assert f"/orders/{order.number}" in mail.text


def test_the_mail_speaks_the_persons_language(session: Session) -> None:
    user, product = _prepared(session)
    user.locale = "zh-Hans"
    _decide(session, user)
    (mail,) = mails_to(user.email)
    assert mail.subject == f"还在考虑“{product.names['zh-Hans']}”吗？"
    assert 'lang="zh-Hans"' in (mail.html or "")


def test_every_reason_has_words_for_both_sides() -> None:
    facts = {
        "date": "2030-05-14T10:00:00+00:00", "until": "2030-05-14T10:00:00+00:00", "reference": "SR-1",
        "number": "SO-1", "total": "€1", "minimum": "€2",
    }  # fmt: skip
    for code in REASONS:
        for to_staff in (True, False):
            said = explain(code, facts, to_staff=to_staff)
            assert said.endswith("."), code
            assert "%(" not in said


def test_a_wiped_mail_keeps_no_token(session: Session) -> None:
    user, _product = _prepared(session)
    look_for_left_carts(session)
    run_jobs(rounds=1)
    choices.set_consent(session, actor_of(user), False)
    mail = session.scalars(select(Mail).where(Mail.recipient == user.email)).one()
    session.refresh(mail)
    assert (mail.state, mail.headers, mail.html) == ("suppressed", {}, None)
    assert "/unsubscribe/" not in mail.text
