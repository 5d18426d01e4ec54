"""The model's card, training now, and what a customer would be shown with all that was left out."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.recommender.words import ALGORITHMS, BARRED, CAUSES, split_of, state_of
from core.errors import Forbidden
from core.i18n import _, pick
from core.settings import get_settings
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.queries import list_by_ids
from crm.customers.queries import get_account, list_accounts, list_people
from recommender.artifacts import list_versions
from recommender.evidence import Asker
from recommender.history import find_run_of, list_runs
from recommender.jobs import is_under_way, train_now
from recommender.model import current_model, model_folder
from recommender.suggestions import Answer, answer
from recommender.words import why

blueprint = Blueprint(
    "admin_recommender", __name__, template_folder="templates", url_prefix="/staff/recommender"
)
SHOWN, MOST_SIGNALS, MOST_BARRED = 8, 30, 100


@blueprint.get("")
@allow.staff("recommender.read")
def index() -> str:
    """What the served model was made of, how it was chosen, and the trainings before it."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as session:
        state = current_model()
        found = list_accounts(session, actor(), text=text, limit=10) if text else []
        return render(
            "admin_recommender/index.html",
            state=state,
            state_badge=state_of(state.kind),
            card=state.card,
            split_word=split_of(state.card) if state.card else None,
            trained_at=_moment(state.card.created_at) if state.card else None,
            span=(_moment(state.card.oldest_at), _moment(state.card.newest_at)) if state.card else None,
            run=find_run_of(session, state.version) if state.version else None,
            runs=list_runs(session, 20),
            versions=list_versions(model_folder()),
            under_way=is_under_way(session),
            algorithms=ALGORITHMS,
            causes=CAUSES,
            max_age_days=get_settings().recommender_max_age_days,
            text=text,
            accounts=found,
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@blueprint.post("/train")
@allow.staff("recommender.manage")
def train() -> Response:
    with transaction() as session:
        is_new = train_now(session, actor=actor())
    if is_new:
        flash(_("The training has started. The present model serves until the new one is whole."), "success")
    else:
        flash(_("A training is under way already."), "info")
    return redirect(url_for("admin_recommender.index"), code=303)


@blueprint.get("/customers/<uuid:account_id>")
@allow.staff("recommender.read")
def explain(account_id: uuid.UUID) -> str:
    """What this customer would be shown at this moment and why, and what is left out and why."""
    if not actor().can("customers.read"):
        raise Forbidden
    with reading() as session:
        account = get_account(session, actor(), account_id)
        people = list_people(session, account.id)
        person_id = _chosen([person.user.id for person in people])
        found = answer(session, Asker(account.id, person_id), slot="home", limit=SHOWN)
        return render(
            "admin_recommender/customer.html",
            account=account,
            people=people,
            people_tabs=[
                {
                    "label": person.user.name,
                    "url": url_for(".explain", account_id=account.id, person=person.user.id),
                    "active": person.user.id == person_id,
                }
                for person in people
            ],
            person_id=person_id,
            found=found,
            state_badge=state_of(found.model.kind),
            **explained(session, found),
        )


def _chosen(ids: list[uuid.UUID]) -> uuid.UUID | None:
    text = request.args.get("person", "")
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        return ids[0] if len(ids) == 1 and text != "all" else None
    return wanted if wanted in ids else None


def explained(session: Session, found: Answer) -> dict[str, Any]:
    """The answer in words: what is shown, what is left out, what speaks."""
    barred = dict(list(found.evidence.barred.items())[:MOST_BARRED])
    barred |= dict.fromkeys(found.sold_out, "sold_out")
    signals = found.evidence.signals[:MOST_SIGNALS]
    ids = {offer.product_id for offer in found.shown} | barred.keys() | {one.product_id for one in signals}
    products = {product.id: product for product in list_by_ids(session, list(ids), for_sale=False)}
    names = {product_id: pick(product.names) for product_id, product in products.items()}
    return {
        "shown": [
            (products[offer.product_id], names[offer.product_id], why(offer), offer.reason)
            for offer in found.shown
            if offer.product_id in products
        ],
        "barred": [
            (products[product_id], names[product_id], BARRED[reason])
            for product_id, reason in barred.items()
            if product_id in products
        ],
        "signals": [
            (names[signal.product_id], signal) for signal in signals if signal.product_id in products
        ],
    }
