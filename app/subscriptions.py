"""Who listens to what. Each subscriber becomes a job of its own, written with the event."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from admin.cases import mails as case_mails
from app import clicks
from campaigns import triggers as campaign_triggers
from core.events import Event, subscribe
from crm.customers.events import ContactInvited, SignedUp, SignUpAsked
from crm.identity.events import (
    EmailChangeAsked,
    EmailChanged,
    PasswordChanged,
    PasswordResetAsked,
    StaffInvited,
)
from crm.orders.events import (
    LineReturned,
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderReleased,
    OrderShipped,
    PaymentDeclined,
)
from crm.ownership import units
from crm.service.events import CaseEscalated, CaseReplied, CaseStateChanged, RequestOpened
from portal.account import mails as account_mails
from portal.orders import mails as order_mails
from portal.requests import mails as request_mails

SUBSCRIPTIONS: dict[type[Event], list[Callable[..., Any]]] = {
    SignUpAsked: [account_mails.on_sign_up_asked],
    SignedUp: [campaign_triggers.on_signed_up],
    PasswordResetAsked: [account_mails.on_password_reset_asked],
    PasswordChanged: [account_mails.on_password_changed],
    EmailChangeAsked: [account_mails.on_email_change_asked],
    EmailChanged: [account_mails.on_email_changed],
    ContactInvited: [account_mails.on_contact_invited],
    StaffInvited: [account_mails.on_staff_invited],
    OrderPlaced: [order_mails.confirm_placed, clicks.on_order_placed],
    PaymentDeclined: [order_mails.tell_declined],
    OrderReleased: [order_mails.tell_released],
    OrderCancelled: [order_mails.tell_cancelled, units.on_order_cancelled],
    LineReturned: [units.on_line_returned],
    OrderShipped: [order_mails.tell_shipped],
    OrderDelivered: [
        order_mails.tell_delivered,
        campaign_triggers.on_order_delivered,
        clicks.on_order_delivered,
        units.on_order_delivered,
    ],
    RequestOpened: [request_mails.confirm_received, clicks.on_request_opened],
    CaseReplied: [request_mails.tell_reply, clicks.on_case_replied],
    CaseStateChanged: [request_mails.tell_state],
    CaseEscalated: [case_mails.call_supervisors],
}


@cache
def connect() -> None:
    """Registers everything once per process."""
    for kind, subscribers in SUBSCRIPTIONS.items():
        subscribe(kind, subscribers)
