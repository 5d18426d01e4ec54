"""What a recorded step is called, in the reader's words."""

from __future__ import annotations

from typing import Protocol

from clickstream.vocabulary import PAGE
from core.i18n import N_, _

EVENTS = {
    "Product Viewed": N_("Looked at a product"),
    "Product Clicked": N_("Chose a product from a list"),
    "Product List Viewed": N_("Looked through a list"),
    "Products Searched": N_("Searched"),
    "Product Added": N_("Put into the cart"),
    "Product Removed": N_("Taken out of the cart"),
    "Cart Viewed": N_("Looked into the cart"),
    "Checkout Started": N_("Went to the checkout"),
    "Form Started": N_("Began a form"),
    "Form Submitted": N_("Sent a form"),
    "Article Viewed": N_("Read a help article"),
    "Page Left": N_("Left a page"),
    "Order Completed": N_("Ordered"),
    "Order Delivered": N_("Order arrived"),
    "Request Opened": N_("Sent us a request"),
    "Request Answered": N_("We answered a request"),
    "identify": N_("Said who they are"),
}
PAGES = {
    "home": N_("Home page"),
    "product": N_("Product"),
    "category": N_("Category"),
    "search": N_("Search results"),
    "cart": N_("Cart"),
    "checkout": N_("Checkout"),
    "order": N_("Order"),
    "article": N_("Help article"),
    "help-search": N_("Help search"),
    "request": N_("Request"),
}


class Step(Protocol):
    name: str
    page_kind: str | None


def step_name(step: Step) -> str:
    """'Product', 'Put into the cart' …; a page of no known kind is 'Page'."""
    if step.name == PAGE:
        return _(PAGES[step.page_kind]) if step.page_kind in PAGES else _("Page")
    return _(EVENTS[step.name]) if step.name in EVENTS else step.name
