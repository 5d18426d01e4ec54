"""What the pages call algorithms, causes of a training, states of the model and reasons to leave something out."""

from __future__ import annotations

from core.i18n import _, lazy_gettext
from recommender.card import ModelCard

ALGORITHMS = {
    "popularity": lazy_gettext("Popularity"),
    "item_item_jaccard": lazy_gettext("Item to item (Jaccard)"),
    "item_item_cosine": lazy_gettext("Item to item (cosine)"),
    "ease": lazy_gettext("EASE"),
    "recent_buyers": lazy_gettext("Recent buyers with similar history"),
    "als": lazy_gettext("Matrix factors (ALS)"),
    "bpr": lazy_gettext("Matrix factors (BPR)"),
    "blend": lazy_gettext("Blend of all"),
    "learned_ranking": lazy_gettext("Learned ranking over all"),
}
CAUSES = {
    "first": lazy_gettext("First model"),
    "schedule": lazy_gettext("Nightly"),
    "signals": lazy_gettext("Many new orders"),
    "staff": lazy_gettext("Asked for by staff"),
    "command": lazy_gettext("Command line"),
}
BARRED = {
    "not_interested": lazy_gettext("Not interested, said the customer"),
    "cancelled": lazy_gettext("Cancelled in the last order of it"),
    "returned": lazy_gettext("Returned"),
    "complaint": lazy_gettext("Under an open complaint"),
    "owned": lazy_gettext("Has it already; one is enough"),
    "cart": lazy_gettext("Is in the cart"),
    "sold_out": lazy_gettext("Sold out"),
}


def state_of(kind: str) -> tuple[str, str]:
    """Kind of the badge and its word."""
    return {
        "ready": ("success", _("In service")),
        "stale": ("warning", _("Too old: popular products are shown")),
        "missing": ("neutral", _("No model yet: popular products are shown")),
    }.get(kind, ("error", _("Damaged: popular products are shown")))


def split_of(card: ModelCard) -> str:
    """What the figures were measured on."""
    if not card.candidates:
        return _("not compared")
    if card.oldest_at is None:
        return _("measured on purchases left out at random")
    return _("measured on the newest weeks, which no algorithm had seen")
