"""Changing partners' profiles: the terms, the name, the contact lines and the logo."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.files import Kept, record
from core.i18n import LOCALES
from core.mail import clean_address
from crm.partners.models import TERMS_VERSION, PartnerProfile

MOST_LINES, LONGEST_LINE = 4, 60
_WEB = re.compile(r"(?:https?://)?[^\s/@.]+(?:\.[^\s/@.]+)+(?:/[^\s]*)?", re.I)


@dataclass(frozen=True)
class ProfileValues:
    """What is printed beside the logo. `address` holds the lines as they are printed."""

    public_name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    web: str = ""
    languages: Sequence[str] = ()


def accept_terms(session: Session, actor: Actor, version: str) -> PartnerProfile:
    """Somebody of the partner agrees for the whole account. Raises Conflict when other terms were shown."""
    profile = _own_profile(session, actor)
    if version != TERMS_VERSION:
        raise Conflict("partner.terms_changed")
    if not profile.has_accepted_terms:
        profile.terms_version = version
        profile.terms_accepted_at = clock.now()
        profile.terms_accepted_by = actor.user_id
        session.flush()
        audit.record(
            session, actor, "partner.terms_accepted", "account", profile.account_id, after={"version": version}
        )  # fmt: skip
    return profile


def save_profile(
    session: Session,
    actor: Actor,
    values: ProfileValues,
    *,
    logo: Kept | None = None,
    without_logo: bool = False,
) -> PartnerProfile:
    """Writes the profile of the actor's own account.

    `logo` comes from logos.keep_logo. Raises Invalid with every wrong field at once.
    """
    profile = _own_profile(session, actor)
    if not profile.has_accepted_terms:
        raise Forbidden("partner.terms_first")
    checked = _checked(values)
    before = _told(profile)
    profile.public_name, profile.address = checked.public_name, checked.address
    profile.phone, profile.email, profile.web = checked.phone, checked.email, checked.web
    profile.languages = list(checked.languages)
    if logo is not None:
        profile.logo_id = record(session, logo).id
    elif without_logo:
        profile.logo_id = None
    session.flush()
    session.refresh(profile, ["logo"])
    after = _told(profile)
    if before != after:
        changed = [key for key in after if before[key] != after[key]]
        audit.record(
            session, actor, "partner.profile_changed", "account", profile.account_id,
            before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
        )  # fmt: skip
    return profile


def remove_logo(session: Session, actor: Actor, account_id: uuid.UUID) -> PartnerProfile:
    """Staff who look after partners take a logo off that breaks the rules; the name is printed in its place."""
    if not actor.can("partners.manage"):
        raise Forbidden
    profile = session.get(PartnerProfile, account_id, with_for_update=True)
    if profile is None:
        raise NotFound
    if profile.logo_id is not None:
        before, profile.logo = profile.logo_id, None
        session.flush()
        audit.record(
            session, actor, "partner.logo_removed", "account", account_id, before={"logo_id": str(before)}
        )  # fmt: skip
    return profile


def _own_profile(session: Session, actor: Actor) -> PartnerProfile:
    if actor.kind != "partner" or actor.account_id is None or not actor.can("materials.read"):
        raise Forbidden
    profile = session.get(PartnerProfile, actor.account_id, with_for_update=True)
    if profile is None:
        profile = PartnerProfile(account_id=actor.account_id)
        session.add(profile)
        session.flush()
    return profile


def _checked(values: ProfileValues) -> ProfileValues:
    wrong: list[Invalid] = []
    name = " ".join(values.public_name.split())
    if not name:
        wrong.append(Invalid("partner.name_needed", field="public_name"))
    lines = [" ".join(line.split()) for line in values.address.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        wrong.append(Invalid("partner.lines", field="address", most=MOST_LINES, length=LONGEST_LINE))
    email = values.email.strip()
    if email:
        try:
            email = clean_address(email)
        except Invalid as error:
            wrong.append(Invalid(error.code, field="email", **error.params))
    web = values.web.strip()
    if web and not _WEB.fullmatch(web):
        wrong.append(Invalid("partner.web", field="web"))
    if wrong:
        raise Invalid(errors=wrong)
    return ProfileValues(
        public_name=name,
        address="\n".join(lines),
        phone=" ".join(values.phone.split()),
        email=email,
        web=web,
        languages=[locale for locale in LOCALES if locale in values.languages],
    )


def _told(profile: PartnerProfile) -> dict[str, object]:
    return {
        "public_name": profile.public_name,
        "address": profile.address,
        "phone": profile.phone,
        "email": profile.email,
        "web": profile.web,
        "languages": list(profile.languages or []),
        "logo_id": str(profile.logo_id) if profile.logo_id else None,
    }
