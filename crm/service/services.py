"""Filing a request: everything is checked first, then written as one case with its first entry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.actor import Actor
from core.db import storable
from core.errors import Forbidden, Invalid, Unauthenticated
from core.events import emit
from core.files import Kept
from core.ids import make_reference
from core.search import fold
from crm.catalogue.models import Product
from crm.customers.models import Account
from crm.orders.numbers import next_number, take_turn
from crm.service.about import About, find_about
from crm.service.events import RequestOpened
from crm.service.kinds import Kind, clean_fields, get_kind
from crm.service.ledger import clean_text, make_findable, note
from crm.service.lifecycle import record, side_of
from crm.service.models import SEVERITIES, Case, CaseContext
from crm.service.promises import promise

LONGEST_SUBJECT = 160
MOST_CONTEXT = 12


def open_request(
    session: Session,
    *,
    actor: Actor,
    kind: str,
    subject: str,
    text: str,
    fields: Mapping[str, Any] | None = None,
    order_id: uuid.UUID | None = None,
    line_id: uuid.UUID | None = None,
    product_id: uuid.UUID | None = None,
    owned_id: uuid.UUID | None = None,
    severity: str = "normal",
    files: Sequence[Kept] = (),
    context: Sequence[tuple[str, str, str]] = (),
    key: str | None = None,
) -> Case:
    """Files a request of the actor. The ids must be of what the actor may see; `context` are (kind, id, title) of
    what was read before. A second call with the same `key` returns the first call's case.

    Raises Invalid with every wrong field, NotFound for a foreign id, Unauthenticated or Forbidden.
    """
    if actor.user_id is None:
        raise Unauthenticated
    if side_of(actor) != "customer":
        raise Forbidden
    if key is not None:
        if not 1 <= len(key) <= 100:
            raise Invalid("cases.key", field="key")
        take_turn(session, f"case:{actor.user_id}:{key}")
        before = session.scalar(
            select(Case).where(Case.user_id == actor.user_id, Case.idempotency_key == storable(key))
        )
        if before is not None:
            return before
    asked, subject, text, values = _clean(kind, subject, text, fields)
    if severity not in SEVERITIES:
        raise Invalid("cases.severity", field="severity")
    about = find_about(
        session, actor, order_id=order_id, line_id=line_id, product_id=product_id, owned_id=owned_id
    )
    moment = clock.now()
    case = Case(
        reference=make_reference("SR", next_number(session, "case")),
        kind=asked.code,
        state="new",
        severity=severity,
        account_id=actor.account_id,
        user_id=actor.user_id,
        email=actor.email or None,
        locale=actor.locale,
        subject=subject,
        fields=values,
        order_id=about.order.id if about.order else None,
        order_line_id=about.line.id if about.line else None,
        product_id=about.product_id,
        owned_product_id=about.owned_id,
        team=asked.team,
        promised_at=promise(asked.code, severity, moment),
        opened_at=moment,
        active_at=moment,
        idempotency_key=key,
    )
    session.add(case)
    session.flush()
    _write_words(session, case, about, values)
    note(session, case, "opened", actor, public=True, text=text, files=files)
    for what, object_id, title in list(dict.fromkeys(context))[:MOST_CONTEXT]:
        session.add(
            CaseContext(
                case_id=case.id,
                kind=what[:20],
                object_id=storable(object_id)[:60],
                title=storable(title)[:200],
            )
        )
    record(session, actor, "open", case, before={}, after={"kind": kind, "severity": severity})
    emit(session, RequestOpened(case_id=case.id))
    return case


def _clean(
    kind: str, subject: str, text: str, fields: Mapping[str, Any] | None
) -> tuple[Kind, str, str, dict[str, Any]]:
    """All that was typed, cleaned; every wrong field is told at once."""
    asked = get_kind(kind)
    wrong: list[Invalid] = []
    values: dict[str, Any] = {}
    subject = " ".join(subject.split())
    if not subject:
        wrong.append(Invalid("cases.subject_empty", field="subject"))
    elif len(subject) > LONGEST_SUBJECT:
        wrong.append(Invalid("text.too_long", field="subject", limit=LONGEST_SUBJECT))
    try:
        subject = storable(subject)
        text = clean_text(text)
    except Invalid as error:
        wrong.append(Invalid(error.code, field=error.field or "text", **error.params))
    try:
        values = clean_fields(asked, fields)
    except Invalid as error:
        wrong.extend(error.errors)
    if wrong:
        raise Invalid("cases.fields", errors=wrong)
    return asked, subject, text, values


def _write_words(session: Session, case: Case, about: About, values: Mapping[str, Any]) -> None:
    """What the case can be found by: for its customer, and for staff also whose it is."""
    product = session.get(Product, case.product_id) if case.product_id else None
    account = session.get(Account, case.account_id) if case.account_id else None
    names = list(product.names.values()) if product else []
    shown = [
        case.reference, case.subject, about.order.number if about.order else "", product.sku if product else "", *names,
        *(str(value) for value in values.values()),
    ]  # fmt: skip
    case.search_text = fold(" ".join(part for part in shown if part))
    make_findable(case, " ".join(filter(None, [case.email, account.name if account else ""])), public=False)
