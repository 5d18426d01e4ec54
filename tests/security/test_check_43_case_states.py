"""Check 43: every state with every action; only the listed pairs pass; of two at once one is told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import AuditEntry
from core.errors import AppError, Conflict, Forbidden
from core.transaction import reading, transaction
from crm.customers.actors import load_actor
from crm.identity.models import User
from crm.service import conversation, escalations, work
from crm.service.lifecycle import ACTIONS, LEGAL_TRANSITIONS, TRANSITIONS, is_allowed
from crm.service.models import STATES, Case, CaseEscalation, CaseEvent
from crm.service.services import open_request
from tests.factories.cases import make_case
from tests.factories.people import make_account, make_staff, make_user

ALIVE = {"new", "open", "waiting_customer", "waiting_internal", "solved"}
# action -> the states in which each side may do it, written out again on purpose
CUSTOMER_MAY = {
    "reply": ALIVE, "accept": {"solved"}, "reject": {"solved"}, "close": ALIVE, "reopen": {"closed"},
}  # fmt: skip
AGENT_MAY = {
    "answer": ALIVE, "close": ALIVE, "reopen": {"solved", "closed"},
    "start": {"new", "waiting_customer", "waiting_internal"}, "wait_customer": {"new", "open", "waiting_internal"},
    "wait_internal": {"new", "open", "waiting_customer"}, "note": set(STATES), "assign": ALIVE, "set_severity": ALIVE,
    "escalate": ALIVE,
}  # fmt: skip
SUPERVISOR_MAY = {**AGENT_MAY, "resolve_escalation": set(STATES)}
MAY = {"customer": CUSTOMER_MAY, "agent": AGENT_MAY, "supervisor": SUPERVISOR_MAY}

Do = Callable[[Session, Actor, Case], object]


def _doing(side: str) -> dict[str, Do]:
    moves = {name: _move(name) for name in ("start", "wait_customer", "wait_internal")}
    shared: dict[str, Do] = {
        "note": lambda s, a, c: work.add_note(s, actor=a, case_id=c.id, text="x"),
        "assign": lambda s, a, c: work.assign(s, actor=a, case_id=c.id, assignee_id=None),
        "set_severity": lambda s, a, c: work.set_severity(
            s, actor=a, case_id=c.id, severity="severe", reason="x"
        ),
        "escalate": lambda s, a, c: escalations.escalate(s, actor=a, case_id=c.id, reason="x"),
        "resolve_escalation": lambda s, a, c: escalations.resolve(s, actor=a, case_id=c.id, outcome="x"),
        "answer": lambda s, a, c: work.reply(s, actor=a, case_id=c.id, text="x", then=_then(c)),
        "reply": lambda s, a, c: conversation.write_again(s, actor=a, case_id=c.id, text="x"),
        "reopen": lambda s, a, c: conversation.reopen(s, actor=a, case_id=c.id, text="x"),
        "accept": lambda s, a, c: conversation.accept(s, actor=a, case_id=c.id),
        "reject": lambda s, a, c: conversation.reject(s, actor=a, case_id=c.id, text="x"),
        **moves,
    }
    if side == "customer":
        return {**shared, "close": lambda s, a, c: conversation.close(s, actor=a, case_id=c.id)}
    return {**shared, "close": _move("close"), "reopen": _move("reopen")}


def _then(case: Case) -> str:
    return case.state if case.state in work.AFTER_REPLY else "open"


def _move(name: str) -> Do:
    return lambda s, a, c: work.change_state(s, actor=a, case_id=c.id, action=name)


def _world(state: str, *, escalated: bool = False) -> tuple[Case, User, User, User]:
    with transaction() as session:
        account = make_account(session)
        customer = make_user(session, account=account)
        case = make_case(session, user=customer, account=account, state=state)
        if escalated:
            session.add(CaseEscalation(case_id=case.id, reason="x"))
        return case, customer, make_staff(session, "agent"), make_staff(session, "supervisor")


def _actor(user: User) -> Actor:
    with reading() as session:
        found = load_actor(session, user.id)
    assert found is not None
    return found


def _digest(case_id: uuid.UUID) -> tuple[object, ...]:
    with reading() as session:
        case = session.scalars(
            select(Case).where(Case.id == case_id).execution_options(populate_existing=True)
        ).one()
        entries = select(func.count()).select_from(CaseEvent).where(CaseEvent.case_id == case_id)
        audited = select(func.count()).select_from(AuditEntry)
        return case.state, case.version, session.scalar(entries), session.scalar(audited)


@pytest.mark.parametrize("side", sorted(MAY))
@pytest.mark.parametrize("action", sorted(SUPERVISOR_MAY | CUSTOMER_MAY))
def test_only_the_listed_pairs_pass(action: str, side: str) -> None:
    may = MAY[side].get(action, set())
    for state in STATES:
        case, customer, agent, boss = _world(state, escalated=action == "resolve_escalation")
        who = _actor({"customer": customer, "agent": agent, "supervisor": boss}[side])
        assert is_allowed("reply" if action == "propose" else action, state, who) or state not in may, (
            action,
            state,
        )
        before = _digest(case.id)
        try:
            with transaction() as session:
                _doing(side)[action](session, who, case)
        except (Conflict, Forbidden):
            assert state not in may, (action, state, side)
            assert _digest(case.id) == before, (action, state, side)
        else:
            assert state in may, (action, state, side)
            after = _digest(case.id)
            assert after[1] != before[1]
            assert int(str(after[3])) - int(str(before[3])) == 1  # one audit entry
            assert after[0] == before[0] or after[0] in TRANSITIONS[state]


def test_transitions_are_data_and_consistent() -> None:
    ends = {move.source for move in LEGAL_TRANSITIONS} | {move.target for move in LEGAL_TRANSITIONS}
    assert ends == set(STATES)
    assert all(move.who <= {"customer", "staff", "system"} for move in LEGAL_TRANSITIONS)
    for action, rule in ACTIONS.items():
        assert rule.customer == frozenset(CUSTOMER_MAY.get(action, set())), action
        assert rule.staff == frozenset(SUPERVISOR_MAY.get(action, set())), action


def _race(*works: Callable[[Session], object]) -> list[str]:
    results: list[str] = []
    gate = threading.Barrier(len(works))

    def act(do: Callable[[Session], object]) -> None:
        gate.wait()
        try:
            with transaction() as session:
                do(session)
            results.append("done")
        except AppError as error:
            results.append(error.code)

    threads = [threading.Thread(target=act, args=(do,)) for do in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def test_of_two_agents_at_once_one_is_told(real_transactions: None) -> None:
    case, _customer, agent, boss = _world("open")
    first, second, version = _actor(agent), _actor(boss), case.version
    results = _race(
        lambda s: work.reply(s, actor=first, case_id=case.id, text="one", version=version),
        lambda s: work.reply(s, actor=second, case_id=case.id, text="two", version=version),
    )
    assert results == ["cases.changed", "done"]
    assert _digest(case.id)[2] == 2  # the first entry and one reply


def test_a_customer_accepts_while_staff_reopen_and_one_wins(real_transactions: None) -> None:
    case, customer, agent, _boss = _world("solved")
    buyer, worker, version = _actor(customer), _actor(agent), case.version
    results = _race(
        lambda s: conversation.accept(s, actor=buyer, case_id=case.id, version=version),
        lambda s: work.change_state(s, actor=worker, case_id=case.id, action="reopen", version=version),
    )
    assert results == ["cases.changed", "done"]


def test_a_form_that_is_sent_twenty_times_at_once_files_one_request(real_transactions: None) -> None:
    with transaction() as session:
        user = make_user(session, account=make_account(session))
    who = _actor(user)

    def file(session: Session) -> object:
        return open_request(session, actor=who, kind="question", subject="a", text="b", key="one-intention")

    assert set(_race(*[file] * 8)) <= {"done", "orders.in_progress"}
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_a_reply_with_one_key_is_kept_once(real_transactions: None) -> None:
    case, customer, _agent, _boss = _world("open")
    who = _actor(customer)
    results = _race(
        *[lambda s: conversation.write_again(s, actor=who, case_id=case.id, text="once", key="k" * 32)] * 4
    )
    assert results == ["done"] * 4
    assert _digest(case.id)[2] == 2
