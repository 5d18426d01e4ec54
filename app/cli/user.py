"""`rapport user`: people who can sign in, for whoever runs the installation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import jobs  # noqa: F401 - registers the jobs that send invitations
from core.actor import Actor
from core.errors import Invalid
from core.i18n import LOCALES, explain
from core.telemetry import configure_logging
from core.transaction import transaction
from core.web.sessions import end_sessions
from crm.customers import colleagues
from crm.customers.models import Account
from crm.customers.queries import find_contact
from crm.identity import staff
from crm.identity.models import User
from crm.identity.queries import find_user_by_email
from crm.identity.roles import STAFF_ROLES
from crm.identity.services import set_password
from crm.identity.tokens import digest_of

# Whoever may run this command has the database in their hands anyway; the audit log names the command.
OPERATOR = Actor(
    kind="staff",
    name="command line",
    permissions=frozenset({"staff", "customers.manage", "users.manage"}),
    scope="all",
)


@click.group()
def user() -> None:
    """Create accounts, set passwords and roles."""
    configure_logging("WARNING")


@contextmanager
def _explained() -> Iterator[None]:
    """Wrong values end with exit code 2 and a line for each."""
    try:
        yield
    except Invalid as error:
        lines = [f"{one.field or 'value'}: {explain(one)}" for one in error.errors or [error]]
        raise click.UsageError("\n".join(lines)) from None


def _read_password() -> str:
    """Asked for twice at a terminal; otherwise the first line of the standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError(
            "no password: type it at a terminal, or give it as a line on the standard input"
        )
    return password


def _get_user(session: Session, email: str) -> User:
    found = find_user_by_email(session, email)
    if found is None:
        raise click.ClickException(f"Nobody signs in with {email}.")
    return found


def _get_account(session: Session, number: str, source: str | None) -> Account:
    """By our number or, for imported customers, by the number they had in the file."""
    ours = int(number) if number.isascii() and number.isdigit() and len(number) <= 9 else -1
    query = select(Account).where(or_(Account.number == ours, Account.external_id == number))
    if source:
        query = query.where(Account.source == source)
    found = session.scalars(query.order_by(Account.number)).all()
    if not found:
        raise click.ClickException(f"There is no customer with the number {number}.")
    if len(found) > 1:
        listed = "; ".join(f"{one.number} {one.name} (source {one.source})" for one in found)
        raise click.ClickException(f"Several customers have the number {number}: {listed}. Add --source.")
    return found[0]


@user.command()
@click.option("--email", required=True, help="What the person signs in with.")
@click.option("--name", default="", help="Name or function, for example Purchasing.")
@click.option(
    "--account", "number", metavar="NUMBER", help="Customer number, or the number in an imported file."
)
@click.option("--source", help="Where the customer came from, if a number is not unique (uci-online-retail).")
@click.option(
    "--access",
    type=click.Choice(colleagues.ACCESS),
    default="company",
    show_default=True,
    help="What the person sees of the customer's orders; an administrator also manages colleagues.",
)
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(sorted(STAFF_ROLES)), help="Makes a member of staff."
)
@click.option("--locale", type=click.Choice(LOCALES), default="en", show_default=True)
@click.option(
    "--password",
    "with_password",
    is_flag=True,
    help="Set a password now (asked for, or from standard input).",
)
def create(
    *,
    email: str,
    name: str,
    number: str | None,
    source: str | None,
    access: colleagues.Access,
    roles: tuple[str, ...],
    locale: str,
    with_password: bool,
) -> None:
    """Let a person sign in: a customer's (--account) or a member of staff (--role).

    Without --password the person gets an invitation by mail and chooses a password.
    """
    if bool(number) == bool(roles):
        raise click.UsageError("give either --account NUMBER or --role ROLE")
    password = _read_password() if with_password else None
    with _explained(), transaction() as session:
        if find_user_by_email(session, email) is not None:
            raise Invalid("user.email_taken", field="email")
        if number:
            account = _get_account(session, number, source)
            told = f"customer {account.number} {account.name}"
            invitation = colleagues.invite(
                session, OPERATOR, email=email, access=access, locale=locale, account_id=account.id
            )
            if password is not None:
                token = colleagues.mint_invitation_token(session, invitation)
                person = name or email.partition("@")[0]
                colleagues.accept(session, digest_of(token), name=person, password=password)
        else:
            told = ", ".join(roles)
            person = name or email.partition("@")[0]
            made = staff.create_staff(session, OPERATOR, email=email, name=person, roles=roles, locale=locale)
            if password is not None:
                set_password(session, OPERATOR, made.id, password)
    if password is None:
        click.echo(f"{email} ({told}) is invited by mail.")
    else:
        click.echo(f"{email} ({told}) can sign in.")


@user.command()
@click.argument("email")
def password(email: str) -> None:
    """Set the password of EMAIL; the person's sessions end.

    Asks at a terminal, otherwise reads the first line of the standard input.
    """
    chosen = _read_password()
    with _explained(), transaction() as session:
        found = _get_user(session, email)
        set_password(session, OPERATOR, found.id, chosen)
        ended = end_sessions(session, found.id)
    click.echo(f"The password of {email} is set; {ended} sessions ended.")


@user.command()
@click.argument("email")
@click.argument("roles", nargs=-1, required=True, type=click.Choice(sorted(STAFF_ROLES)))
def role(email: str, roles: tuple[str, ...]) -> None:
    """Give the member of staff EMAIL exactly these ROLES."""
    with _explained(), transaction() as session:
        found = _get_user(session, email)
        _staff_only(found)
        if staff.change_roles(session, OPERATOR, found.id, roles):
            end_sessions(session, found.id)
    click.echo(f"{email}: {', '.join(sorted(set(roles)))}")


def _staff_only(found: User) -> None:
    if found.kind != "staff":
        raise click.UsageError(f"{found.email} is not a member of staff")


def _set_active(email: str, active: bool) -> None:
    with _explained(), transaction() as session:
        found = _get_user(session, email)
        if found.kind == "staff":
            staff.set_active(session, OPERATOR, found.id, active)
        else:
            contact = find_contact(session, found.id)
            if contact is None:
                raise click.ClickException(f"{email} belongs to no customer.")
            colleagues.set_active(session, OPERATOR, contact.id, active)
        if not active:
            end_sessions(session, found.id)


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Shut EMAIL out; open sessions end at once."""
    _set_active(email, False)
    click.echo(f"{email} cannot sign in any more.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let EMAIL in again."""
    _set_active(email, True)
    click.echo(f"{email} can sign in again.")
