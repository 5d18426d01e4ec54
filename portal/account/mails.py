"""The mails of accounts. Each runs in a job: a link's token is made in the transaction that writes the mail, so
it exists in no job, no log and no answer to whoever asked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.i18n import _, current_locale, speaking
from core.ids import new_id
from core.mail import Mail, queue_mail
from core.settings import get_settings
from core.web.mail_rendering import absolute, render_mail
from crm.customers.colleagues import mint_invitation_token
from crm.customers.events import ContactInvited, SignUpAsked
from crm.customers.models import Account, Invitation, SignUp
from crm.customers.queries import find_contact
from crm.customers.services import mint_sign_up_token
from crm.identity import tokens
from crm.identity.events import (
    EmailChangeAsked,
    EmailChanged,
    PasswordChanged,
    PasswordResetAsked,
    StaffInvited,
)
from crm.identity.models import User
from crm.identity.queries import find_user_by_email

MOST_A_DAY = 5
# Kinds that a stranger can cause for any address: together they reach one mailbox at most so often a day.
ASKED_BY_ANYBODY = (
    "account.verify", "account.known", "account.reset", "account.change_email", "account.invitation",
    "account.invitation_known",
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    url: str
    label: str


@dataclass(frozen=True)
class Letter:
    """The parts of a short mail, in the reader's language."""

    subject: str
    heading: str
    paragraphs: Sequence[str]
    button: Link | None = None
    after: Sequence[str] = ()


def _send(
    session: Session,
    letter: Letter,
    *,
    kind: str,
    to: str,
    person_id: uuid.UUID | None = None,
    sensitive: bool = False,
) -> None:
    body = render_mail(
        "account/mail/letter",
        subject=letter.subject,
        preheader=letter.paragraphs[0],
        heading=letter.heading,
        paragraphs=letter.paragraphs,
        button=letter.button,
        after=letter.after,
        reason=_(
            "You get this mail because of something that was asked for with your email address at Aurora Home."
        ),
    )
    queue_mail(
        session,
        key=f"{kind}:{new_id()}",
        to=to,
        subject=letter.subject,
        text=body.text,
        html=body.html,
        kind=kind,
        locale=current_locale(),
        person_id=person_id,
        sensitive=sensitive,
    )


def _enough_today(session: Session, address: str) -> bool:
    sent = session.scalar(
        select(func.count())
        .select_from(Mail)
        .where(
            Mail.recipient == address,
            Mail.kind.in_(ASKED_BY_ANYBODY),
            Mail.created_at > clock.now() - timedelta(days=1),
        )
    )
    return (sent or 0) >= MOST_A_DAY


def _minutes() -> str:
    return _("The link works once and for 60 minutes. A newer mail makes older ones useless.")


def _not_you() -> str:
    return _("If this was not you, you need not do anything: without the link nothing happens.")


def _you_changed_nothing() -> str:
    return _("If this was not you, set a new password at once and tell us.")


def on_sign_up_asked(session: Session, event: SignUpAsked) -> None:
    """A link for who has no account yet; a friendly word for who has one."""
    if _enough_today(session, event.email):
        return
    user = find_user_by_email(session, event.email)
    if user is not None:
        _already_known(session, user)
        return
    minted = mint_sign_up_token(session, event.email)
    if minted is None:
        return
    waiting, token = minted
    with speaking(waiting.locale, waiting.timezone):
        _verify(session, waiting, token)


def _verify(session: Session, waiting: SignUp, token: str) -> None:
    letter = Letter(
        subject=_("Please confirm your email address"),
        heading=_("Welcome to Aurora Home"),
        paragraphs=[_("One step is left: confirm that this mailbox is yours. Then you can sign in.")],
        button=Link(absolute(f"/verify?token={token}"), _("Confirm the address")),
        after=[_minutes(), _not_you()],
    )
    _send(session, letter, kind="account.verify", to=waiting.email, sensitive=True)


def _already_known(session: Session, user: User) -> None:
    with speaking(user.locale, user.timezone):
        letter = Letter(
            subject=_("You have an account with us already"),
            heading=_("You have an account with us already"),
            paragraphs=[
                _(
                    "Somebody, probably you, tried to sign up with this email address. There is an account already, so nothing was changed."
                ),
                _(
                    "Sign in as usual. If you have forgotten the password, you can set a new one on the same page."
                ),
            ],
            button=Link(absolute("/sign-in"), _("Sign in")),
            after=[_not_you()],
        )
        _send(session, letter, kind="account.known", to=user.email, person_id=user.id)


def on_password_reset_asked(session: Session, event: PasswordResetAsked) -> None:
    user = find_user_by_email(session, event.email)
    if user is None or not user.is_active or _enough_today(session, user.email):
        return
    token = tokens.mint(session, user.id, "reset")
    with speaking(user.locale, user.timezone):
        letter = Letter(
            subject=_("Set a new password"),
            heading=_("Set a new password"),
            paragraphs=[_("Somebody, probably you, asked for a new password for your account.")],
            button=Link(absolute(f"/reset?token={token}"), _("Choose a new password")),
            after=[_minutes(), _not_you()],
        )
        _send(session, letter, kind="account.reset", to=user.email, person_id=user.id, sensitive=True)


def on_password_changed(session: Session, event: PasswordChanged) -> None:
    user = session.get(User, event.user_id)
    if user is None:
        return
    with speaking(user.locale, user.timezone):
        letter = Letter(
            subject=_("Your password was changed"),
            heading=_("Your password was changed"),
            paragraphs=[
                _("The password of your account has just been changed. Other devices were signed out.")
            ],
            button=Link(absolute("/forgot"), _("It was not me: set a new password")),
            after=[_("If it was you, everything is in order.")],
        )
        _send(session, letter, kind="account.password_changed", to=user.email, person_id=user.id)


def on_email_change_asked(session: Session, event: EmailChangeAsked) -> None:
    """The link goes to the new address, a notice to the present one."""
    user = session.get(User, event.user_id)
    if user is None or not user.is_active:
        return
    with speaking(user.locale, user.timezone):
        notice = Letter(
            subject=_("Your email address is about to change"),
            heading=_("Your email address is about to change"),
            paragraphs=[
                _(
                    "Somebody who knows your password asked to change the email address of your account. "
                    "The new address has to be confirmed first; until then this one stays."
                )
            ],
            button=Link(absolute("/forgot"), _("It was not me: set a new password")),
            after=[_you_changed_nothing()],
        )
        _send(session, notice, kind="account.email_notice", to=user.email, person_id=user.id)
        if _enough_today(session, event.email):
            return
        if find_user_by_email(session, event.email) is not None:
            return  # the owner of that address has nothing to confirm
        token = tokens.mint(session, user.id, "change_email", {"email": event.email})
        letter = Letter(
            subject=_("Please confirm your new email address"),
            heading=_("Is this your new email address?"),
            paragraphs=[_("You asked to use this address for your account with Aurora Home from now on.")],
            button=Link(absolute(f"/email/confirm?token={token}"), _("Confirm the address")),
            after=[_minutes(), _not_you()],
        )
        _send(session, letter, kind="account.change_email", to=event.email, sensitive=True)


def on_email_changed(session: Session, event: EmailChanged) -> None:
    """To the former address: whoever reads only that one should know."""
    user = session.get(User, event.user_id)
    if user is None:
        return
    with speaking(user.locale, user.timezone):
        letter = Letter(
            subject=_("Your email address was changed"),
            heading=_("Your email address was changed"),
            paragraphs=[
                _(
                    "Your account now uses another email address. This was the last mail to the one you are reading."
                )
            ],
            after=[_you_changed_nothing()],
        )
        _send(session, letter, kind="account.email_changed", to=event.former)


def on_contact_invited(session: Session, event: ContactInvited) -> None:
    invitation = session.get(Invitation, event.invitation_id, with_for_update=True)
    if invitation is None or _enough_today(session, invitation.email):
        return
    account = session.get_one(Account, invitation.account_id)
    user = find_user_by_email(session, invitation.email)
    with speaking(invitation.locale, get_settings().default_timezone):
        if user is not None and (
            user.is_active or find_contact(session, user.id) is not None or user.kind == "staff"
        ):
            letter = Letter(
                subject=_("%(company)s invited you to their account", company=account.name),
                heading=_("You were invited, but you have an account already"),
                paragraphs=[
                    _("%(company)s invited you to order and follow orders with them at Aurora Home. One "
                    "email address belongs to one account only, and yours has one.", company=account.name),
                    _("Ask your colleague to invite another address of yours."),
                ],
            )  # fmt: skip
            _send(session, letter, kind="account.invitation_known", to=invitation.email)
            return
        token = mint_invitation_token(session, invitation)
        letter = Letter(
            subject=_("%(company)s invited you to their account", company=account.name),
            heading=_("Join %(company)s at Aurora Home", company=account.name),
            paragraphs=[_("%(company)s would like you to order and follow orders with them. Choose your "
                    "name and a password, and you are in.", company=account.name)],
            button=Link(absolute(f"/invitation?token={token}"), _("Accept the invitation")),
            after=[_("The link works once and for 72 hours."), _not_you()],
        )  # fmt: skip
        _send(session, letter, kind="account.invitation", to=invitation.email, sensitive=True)


def on_staff_invited(session: Session, event: StaffInvited) -> None:
    user = session.get(User, event.user_id)
    if user is None or not user.is_active or user.password_hash is not None:
        return
    token = tokens.mint(session, user.id, "invite")
    with speaking(user.locale, user.timezone):
        letter = Letter(
            subject=_("Your access to the Aurora Home console"),
            heading=_("Welcome to the team"),
            paragraphs=[_("An administrator has made an account for you. Choose a password and sign in.")],
            button=Link(absolute(f"/invitation?token={token}"), _("Choose a password")),
            after=[_("The link works once and for 72 hours.")],
        )
        _send(
            session, letter, kind="account.staff_invitation", to=user.email, person_id=user.id, sensitive=True
        )
