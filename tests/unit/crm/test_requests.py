"""Filing requests: what is checked, what is kept, whose ids are taken."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from core.ids import parse_reference
from crm.customers.actors import load_actor
from crm.customers.models import Account
from crm.identity.models import User
from crm.service import conversation, escalations, work
from crm.service.access import find_case
from crm.service.kinds import KIND, clean_fields
from crm.service.models import Case, CaseContext, CaseEvent
from crm.service.promises import add_business_hours
from crm.service.queries import (
    CaseFilter,
    complained_product_ids,
    count_views,
    list_cases,
    list_open_complaints,
)
from crm.service.services import open_request
from tests.factories.cases import make_case
from tests.factories.goods import make_product
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_staff, make_user


def _actor(session: Session, user: User) -> Actor:
    found = load_actor(session, user.id)
    assert found is not None
    return found


def _customer(session: Session) -> tuple[Actor, User, Account]:
    account = make_account(session)
    user = make_user(session, account=account)
    return _actor(session, user), user, account


def test_a_request_has_a_reference_that_can_be_typed_a_promise_and_a_first_entry(session: Session) -> None:
    who, user, account = _customer(session)
    product = make_product(session)
    order = make_order(session, user=user, account=account, lines=[make_line(product, 2)])
    case = open_request(
        session, actor=who, kind="repair", subject="  Leaks\nat the  pump ", text="Water under it.",
        fields={"symptom": "leaks", "serial_number": "EM210-0042", "colour": "red"}, line_id=order.lines[0].id,
        context=[("article", "a-1", "Machine leaks water"), ("article", "a-1", "Machine leaks water")],
    )  # fmt: skip
    assert parse_reference(case.reference.lower().replace("-", " "), "SR") == case.reference
    assert (case.subject, case.state, case.team, case.severity) == (
        "Leaks at the pump",
        "new",
        "technical",
        "normal",
    )
    assert case.fields == {"symptom": "leaks", "serial_number": "EM210-0042"}
    assert (case.order_id, case.order_line_id, case.product_id) == (order.id, order.lines[0].id, product.id)
    assert case.promised_at is not None and case.promised_at > case.opened_at
    first = session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id)).one()
    assert (first.kind, first.visibility, first.text, first.side) == (
        "opened",
        "public",
        "Water under it.",
        "customer",
    )
    read = session.scalars(select(CaseContext).where(CaseContext.case_id == case.id)).one()
    assert (read.kind, read.object_id, read.title) == ("article", "a-1", "Machine leaks water")


def test_the_same_key_gives_the_same_request(session: Session) -> None:
    who, _user, _account = _customer(session)
    first = open_request(session, actor=who, kind="question", subject="A", text="B", key="k1")
    again = open_request(session, actor=who, kind="question", subject="A", text="B", key="k1")
    other, _u, _a = _customer(session)
    theirs = open_request(session, actor=other, kind="question", subject="A", text="B", key="k1")
    assert first.id == again.id != theirs.id
    assert (
        session.scalar(select(func.count()).select_from(CaseEvent).where(CaseEvent.case_id == first.id)) == 1
    )


def test_every_wrong_field_is_told_at_once_and_nothing_is_written(session: Session) -> None:
    who, _user, _account = _customer(session)
    with pytest.raises(Invalid) as caught:
        open_request(
            session, actor=who, kind="installation", subject=" ", text="",
            fields={"preferred_on": "2001-01-01", "time_of_day": "midnight", "site": "a\nb", "phone": ""},
        )  # fmt: skip
    assert {(error.field, error.code) for error in caught.value.errors} == {
        ("subject", "cases.subject_empty"),
        ("text", "cases.text_empty"),
        ("preferred_on", "cases.day_ahead"),
        ("time_of_day", "cases.choice"),
        ("site", "cases.one_line"),
        ("phone", "cases.field_needed"),
    }
    assert session.scalar(select(func.count()).select_from(Case)) == 0


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "١", "1000", "1e2", "NaN"])
def test_a_number_is_a_whole_one(value: str) -> None:
    with pytest.raises(Invalid) as caught:
        clean_fields(KIND["return"], {"reason": "damaged", "quantity": value})
    assert [error.code for error in caught.value.errors] == ["cases.number"]


def test_foreign_and_unknown_ids_are_not_found(session: Session) -> None:
    who, user, account = _customer(session)
    _other, stranger, elsewhere = _customer(session)
    mine = make_order(session, user=user, account=account)
    foreign = make_order(session, user=stranger, account=elsewhere)
    hidden = make_product(session, is_active=False)
    for ids in (
        {"order_id": foreign.id},
        {"order_id": uuid.uuid4()},
        {"line_id": foreign.lines[0].id},
        {"line_id": uuid.uuid4()},
        {"order_id": mine.id, "line_id": foreign.lines[0].id},
        {"product_id": uuid.uuid4()},
        {"product_id": hidden.id},
        {"owned_id": uuid.uuid4()},
    ):
        with pytest.raises(NotFound):
            open_request(session, actor=who, kind="question", subject="A", text="B", **ids)  # type: ignore[arg-type]
    assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_only_customers_file_requests(session: Session) -> None:
    with pytest.raises(Unauthenticated):
        open_request(session, actor=Actor("anonymous"), kind="question", subject="A", text="B")
    with pytest.raises(Forbidden):
        open_request(
            session,
            actor=_actor(session, make_staff(session, "agent")),
            kind="question",
            subject="A",
            text="B",
        )


def test_people_see_their_own_companies_all_and_strangers_nothing(session: Session) -> None:
    _who, user, account = _customer(session)
    case = make_case(session, user=user, account=account)
    manager = make_user(session, account=account, role="company_administrator", scope="company")
    colleague = make_user(session, account=account)
    stranger = make_user(session, account=make_account(session))
    dealer = make_user(
        session, kind="partner", roles=("partner",), account=make_account(session, is_partner=True)
    )
    seen = {
        name: find_case(session, _actor(session, person), case.reference) is not None
        for name, person in {
            "owner": user, "manager": manager, "colleague": colleague, "stranger": stranger, "dealer": dealer,
            "agent": make_staff(session, "agent"), "editor": make_staff(session, "editor"),
        }.items()
    }  # fmt: skip
    assert seen == {
        "owner": True, "manager": True, "colleague": False, "stranger": False, "dealer": False, "agent": True,
        "editor": False,
    }  # fmt: skip


def test_open_complaints_are_those_that_are_not_settled(session: Session) -> None:
    _who, user, account = _customer(session)
    product, other = make_product(session), make_product(session)
    old = clock.now() - timedelta(days=9)
    make_case(
        session,
        user=user,
        account=account,
        kind="repair",
        product_id=product.id,
        state="solved",
        opened_at=old,
    )
    make_case(session, user=user, account=account, kind="complaint", product_id=other.id, state="closed")
    make_case(session, user=user, account=account, kind="question", product_id=other.id)
    severe = make_case(session, user=user, account=account, kind="billing", severity="severe")
    found = list_open_complaints(session, account.id)
    assert [(item.kind, item.severity, item.product_id) for item in found] == [
        ("billing", "severe", None),
        ("repair", "normal", product.id),
    ]
    assert found[0].reference == severe.reference
    assert complained_product_ids(session, account.id) == {product.id}
    assert list_open_complaints(session, make_account(session).id) == []


def test_the_promise_counts_business_hours_only() -> None:
    friday = datetime(2026, 5, 29, 13, 0, tzinfo=UTC)  # 15:00 in Berlin
    assert add_business_hours(friday, 1, "Europe/Berlin") == datetime(2026, 5, 29, 14, 0, tzinfo=UTC)
    assert add_business_hours(friday, 4, "Europe/Berlin") == datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    night = datetime(2026, 5, 30, 2, 0, tzinfo=UTC)
    assert add_business_hours(night, 8, "Europe/Berlin") == datetime(2026, 6, 1, 15, 0, tzinfo=UTC)


def test_an_answer_keeps_the_promise_and_a_new_question_makes_another(session: Session) -> None:
    who, user, account = _customer(session)
    agent = _actor(session, make_staff(session, "agent"))
    case = make_case(session, user=user, account=account)
    work.reply(session, actor=agent, case_id=case.id, text="Have you tried it?")
    assert (case.state, case.promised_at, case.assignee_id) == ("waiting_customer", None, agent.user_id)
    conversation.write_again(session, actor=who, case_id=case.id, text="Yes, it leaks still.")
    assert case.state == "open" and case.promised_at is not None
    promised = case.promised_at
    conversation.write_again(session, actor=who, case_id=case.id, text="Badly.")
    assert case.promised_at == promised


def test_a_solution_is_accepted_rejected_or_taken_as_right_after_silence(session: Session) -> None:
    who, user, account = _customer(session)
    agent = _actor(session, make_staff(session, "agent"))
    case = make_case(session, user=user, account=account)
    event = work.reply(session, actor=agent, case_id=case.id, text="Descale it.", then="solved")
    assert (event.kind, case.state) == ("solution", "solved")
    conversation.reject(session, actor=who, case_id=case.id, text="No better.")
    assert case.state == "open" and case.solved_at is None
    work.reply(session, actor=agent, case_id=case.id, text="A new seal is on its way.", then="solved")
    conversation.accept(session, actor=who, case_id=case.id, rating=5)
    assert case.state == "closed" and case.closed_at is not None
    case.closed_at = clock.now() - timedelta(days=61)
    session.flush()
    with pytest.raises(Conflict) as caught:
        conversation.reopen(session, actor=who, case_id=case.id, text="Again!")
    assert caught.value.code == "cases.closed_too_long"


def test_an_escalation_is_open_once_and_resolved_by_a_supervisor(session: Session) -> None:
    _who, user, account = _customer(session)
    agent, boss = (_actor(session, make_staff(session, role)) for role in ("agent", "supervisor"))
    case = make_case(session, user=user, account=account)
    escalations.escalate(session, actor=agent, case_id=case.id, reason="Third leak in a month")
    with pytest.raises(Conflict):
        escalations.escalate(session, actor=agent, case_id=case.id, reason="Again")
    assert count_views(session, boss)["escalated"] == 1
    with pytest.raises(Forbidden):
        escalations.resolve(session, actor=agent, case_id=case.id, outcome="Done")
    escalations.resolve(session, actor=boss, case_id=case.id, outcome="Replacement granted")
    assert count_views(session, boss)["escalated"] == 0
    kept = escalations.list_escalations(session, case.id)[0]
    assert (kept.level, kept.reason, kept.outcome) == (1, "Third leak in a month", "Replacement granted")
    assert (kept.raised_by, kept.resolved_by) == (agent.user_id, boss.user_id)


def test_customers_do_not_find_what_staff_wrote(session: Session) -> None:
    who, user, account = _customer(session)
    agent = _actor(session, make_staff(session, "agent"))
    case = make_case(session, user=user, account=account)
    work.add_note(session, actor=agent, case_id=case.id, text="Goodwill up to ZEBRA euros")
    assert [row.case.id for row in list_cases(session, agent, CaseFilter(text="zebra")).rows] == [case.id]
    assert list_cases(session, who, CaseFilter(text="zebra")).rows == []
    work.reply(session, actor=agent, case_id=case.id, text="A giraffe of an answer")
    assert [row.case.id for row in list_cases(session, who, CaseFilter(text="giraffe")).rows] == [case.id]
