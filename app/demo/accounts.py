"""The people one can try the demo as: roles of invented companies, with one password for all of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.i18n import N_
from core.settings import SettingsError, get_settings
from core.transaction import reading, transaction
from crm.customers.models import Account, Address, Contact
from crm.customers.services import next_account_number
from crm.identity.models import User, UserRole
from crm.identity.passwords import hash_password

DEMO_PASSWORD = "rapport-demo-1"  # noqa: S105 - meant to be known
_SPACE = uuid.UUID("6f0d9f5e-2f44-5a30-9a51-6d9e1f2a7c10")


def _id(name: str) -> uuid.UUID:
    """The same id for the same thing in every demo, so that filling it again changes nothing."""
    return uuid.uuid5(_SPACE, name)


@dataclass(frozen=True)
class DemoCompany:
    key: str
    name: str
    kind: str
    street: str
    postal_code: str
    city: str
    country: str = "DE"
    pays_on_account: bool = False
    is_partner: bool = False


@dataclass(frozen=True)
class DemoAccount:
    """One sign-in. `role` is what `rapport demo accounts` prints; `place` is the role inside the company."""

    role: str
    email: str
    name: str
    kind: str
    company: str = ""
    place: str = ""
    scope: str = "own"
    phone: str | None = None

    @property
    def password(self) -> str:
        return DEMO_PASSWORD


COMPANIES = (
    DemoCompany(
        "nordlicht", "Café Nordlicht", "company", "Hafenstrasse 12", "20457", "Hamburg", pays_on_account=True
    ),
    DemoCompany(
        "atelier", "Atelier Kastanie", "company", "Lindenallee 4", "10119", "Berlin", pays_on_account=True
    ),
    DemoCompany("household", "Household at Mill Lane", "household", "Muehlgasse 7", "1070", "Wien", "AT"),
    DemoCompany(
        "dealer",
        "Morgenrot Coffee Equipment",
        "company",
        "Werkstrasse 30",
        "8005",
        "Zürich",
        "CH",
        True,
        True,
    ),
)

ACCOUNTS = (
    DemoAccount(
        N_("customer"), "purchasing@cafe-nordlicht.example", "Purchasing, Café Nordlicht", "customer", "nordlicht",
        "customer", "own", "+49 40 5550 112",
    ),
    DemoAccount(
        N_("customer of another company"), "office@atelier-kastanie.example", "Office, Atelier Kastanie", "customer", "atelier", "customer",
    ),
    DemoAccount(
        N_("company administrator"), "manager@cafe-nordlicht.example", "Manager, Café Nordlicht", "customer", "nordlicht",
        "company_administrator", "company", "+49 40 5550 110",
    ),
    DemoAccount(N_("colleague"), "barista@cafe-nordlicht.example", "Head barista, Café Nordlicht", "customer", "nordlicht", "customer"),
    DemoAccount(N_("private customer"), "home@mill-lane.example", "Household at Mill Lane", "customer", "household", "customer"),
    DemoAccount(
        N_("partner"), "sales@morgenrot-coffee.example", "Sales, Morgenrot", "partner", "dealer", "partner_administrator", "company",
    ),
    DemoAccount(N_("agent"), "agent@aurora-home.example", "Service agent", "staff", place="agent"),
    DemoAccount(N_("supervisor"), "supervisor@aurora-home.example", "Service supervisor", "staff", place="supervisor"),
    DemoAccount(N_("editor"), "editor@aurora-home.example", "Content editor", "staff", place="editor"),
    DemoAccount(N_("marketer"), "marketing@aurora-home.example", "Marketing", "staff", place="marketer"),
    DemoAccount(N_("partner manager"), "partners@aurora-home.example", "Partner management", "staff", place="partner_manager"),
    DemoAccount(N_("analyst"), "analyst@aurora-home.example", "Analyst", "staff", place="analyst"),
    DemoAccount(N_("administrator"), "admin@aurora-home.example", "Administrator", "staff", place="administrator"),
)  # fmt: skip


def company_id(key: str) -> uuid.UUID:
    """The account of one of COMPANIES, for demo orders."""
    return _id(f"company:{key}")


def user_id(email: str) -> uuid.UUID:
    """The user of one of ACCOUNTS."""
    return _id(f"user:{email}")


def make_demo_accounts(session: Session) -> int:
    """Adds what is missing of the demo's companies and people. Returns how many people were added.

    What somebody changed in the meantime (a name, a password) stays as it is.
    """
    if get_settings().mode == "production":
        raise SettingsError("demo accounts are made in demo mode only")
    for company in COMPANIES:
        _make_company(session, company)
    held = {user.id for user in session.scalars(select(User).where(User.is_demo.is_(True)))}
    missing = [account for account in ACCOUNTS if user_id(account.email) not in held]
    # One hash for all: thirteen would cost a second at each first start, and the password is public anyway.
    password_hash = hash_password(DEMO_PASSWORD) if missing else None
    for account in missing:
        user = User(
            id=user_id(account.email),
            email=account.email,
            kind=account.kind,
            name=account.name,
            phone=account.phone,
            password_hash=password_hash,
            locale="en",
            timezone=get_settings().default_timezone,
            currency=get_settings().default_currency,
            email_verified_at=clock.now(),
            is_demo=True,
        )
        if account.kind == "staff":
            user.roles = [UserRole(role=account.place)]
        session.add(user)
        session.flush()
        if account.company:
            session.add(
                Contact(
                    account_id=company_id(account.company),
                    user_id=user.id,
                    role=account.place,
                    scope=account.scope,
                )
            )
    session.flush()
    return len(missing)


def _make_company(session: Session, company: DemoCompany) -> None:
    if session.get(Account, company_id(company.key)) is not None:
        return
    session.add(
        Account(
            id=company_id(company.key),
            number=next_account_number(session),
            kind=company.kind,
            name=company.name,
            country=company.country,
            currency=get_settings().default_currency,
            pays_on_account=company.pays_on_account,
            is_partner=company.is_partner,
            source="demo",
            external_id=company.key,
        )
    )
    session.flush()
    session.add(
        Address(
            account_id=company_id(company.key),
            recipient=company.name,
            line1=company.street,
            postal_code=company.postal_code,
            city=company.city,
            country=company.country,
            is_default=True,
        )
    )
    session.flush()


def fill() -> int:
    """The demo's people, in a transaction of its own."""
    with transaction() as session:
        return make_demo_accounts(session)


def list_demo_accounts() -> list[DemoAccount]:
    """Those of the demo's people that are in this database, in their written order."""
    with reading() as session:
        held = set(session.scalars(select(User.email).where(User.is_demo.is_(True))))
    return [account for account in ACCOUNTS if account.email in held]
