"""What a customer's page shows of recommendations, and the model's line on the staff's home page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from admin.customers.panel import Chosen, Panel
from admin.home.item import Figure, WorkItem
from admin.recommender.words import ALGORITHMS, BARRED, state_of
from core.actor import Actor
from core.i18n import _, format_number, format_percent, format_relative, pick
from crm.catalogue.queries import list_by_ids
from recommender.evidence import Asker
from recommender.model import current_model
from recommender.suggestions import answer
from recommender.words import why

SHOWN = 4


def recommendations(session: Session, chosen: Chosen, who: Actor) -> Panel | None:
    """What would be shown to this customer now, and how much is left out and why."""
    if not who.can("customers.read"):
        return None
    person_id = chosen.user_id or (chosen.people[0] if len(chosen.people) == 1 else None)
    found = answer(session, Asker(chosen.account.id, person_id), slot="home", limit=SHOWN)
    names = {
        product.id: pick(product.names)
        for product in list_by_ids(session, [offer.product_id for offer in found.shown])
    }
    left_out: dict[str, int] = {}
    for reason in found.evidence.barred.values():
        left_out[reason] = left_out.get(reason, 0) + 1
    url = f"/staff/recommender/customers/{chosen.account.id}" + (f"?person={person_id}" if person_id else "")
    return Panel(
        "recommendations",
        _("Recommendations"),
        "admin_recommender/panels/customer.html",
        {
            "offers": [(names[o.product_id], why(o)) for o in found.shown if o.product_id in names],
            "left_out": [(BARRED[reason], count) for reason, count in left_out.items()],
        },
        url=url if who.can("recommender.read") else None,
        url_label=_("Why, and why not"),
    )


def figures(_session: Session, who: Actor) -> Sequence[Figure]:
    """For analysts and marketers: how good the model is that serves now."""
    state = current_model()
    if not who.can("recommender.read") or state.kind != "ready" or state.card is None:
        return ()
    card = state.card
    age = format_relative(datetime.fromisoformat(card.created_at))
    hint = _("%(algorithm)s, trained %(age)s", algorithm=ALGORITHMS[card.algorithm], age=age)
    recall = next((one.recall for one in card.candidates if one.algorithm == card.algorithm), None)
    if recall is None:  # too little history to measure
        return [
            Figure(_("Products to recommend"), format_number(card.items), "/staff/recommender", "star", hint)
        ]
    return [Figure(_("Purchases foreseen"), format_percent(recall, 1), "/staff/recommender", "star", hint)]


def work(_session: Session, who: Actor) -> list[WorkItem]:
    """For analysts and marketers: a model that cannot be trusted."""
    if not who.can("recommender.read"):
        return []
    state = current_model()
    if state.kind == "ready" and state.card is not None:
        return []
    _kind, hint = state_of(state.kind)
    return [
        WorkItem(
            "model", _("Recommendations"), 1, "/staff/recommender", "warning", "star",
            hint=hint, action_label=_("Look at the model"),
        )
    ]  # fmt: skip
