"""From a version to what is seen or fetched of it, by a partner or by the staff who keep it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Forbidden, NotFound
from core.files import StoredFile
from core.files.names import clean_name
from core.i18n import pick
from crm.brochures.contents import sheet_of
from crm.brochures.printing import Sheet, print_document, print_first_page_of, print_page, print_picture_of
from crm.partners.models import MaterialVersion, PartnerProfile
from crm.partners.queries import find_profile, get_current
from crm.partners.templates import TEMPLATES

SIZES = {"s": 60, "l": 110}  # points per inch of a page's picture: on a card, and to read
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})


@dataclass(frozen=True)
class Ready:
    """What was read from the database, so that the setting can happen without it."""

    version: MaterialVersion
    sheet: Sheet | None
    file: StoredFile | None
    name: str


def accepted_profile(session: Session, who: Actor) -> PartnerProfile:
    """The profile of the actor's account. Raises Forbidden before the terms are accepted."""
    profile = find_profile(session, who.account_id)
    if profile is None or not profile.has_accepted_terms:
        raise Forbidden("partner.terms_first")
    return profile


def prepare(session: Session, who: Actor, slug: str, language: str) -> Ready:
    """Raises NotFound for what does not exist for the actor, Forbidden before the terms are accepted."""
    version = get_current(session, who, slug, language)
    return prepare_version(session, version, accepted_profile(session, who))


def prepare_version(session: Session, version: MaterialVersion, profile: PartnerProfile | None) -> Ready:
    """Any version, for a partner's profile, or neutral. Who may see it was decided before."""
    if version.file is not None:
        return Ready(version, None, version.file, _name(version, "", version.file.media_type))
    sheet = sheet_of(session, version, profile)
    media_type = "image/png" if sheet.output == "png" else "application/pdf"
    return Ready(version, sheet, None, _name(version, profile.public_name if profile else "", media_type))


def _name(version: MaterialVersion, partner: str, media_type: str) -> str:
    parts = [pick(version.material.titles, version.language), partner, f"v{version.number}"]
    return clean_name(" - ".join(part for part in parts if part), media_type)


def has_picture(version: MaterialVersion) -> bool:
    """A page of it can be shown."""
    if version.file is None:
        return True
    return version.file.media_type == "application/pdf" or version.file.media_type in PICTURES


def count_pictures(version: MaterialVersion) -> int:
    """How many pages the page of a material shows."""
    if version.template is not None and version.template in TEMPLATES:
        return TEMPLATES[version.template].pages
    return 1 if has_picture(version) else 0


def picture(ready: Ready, page: int, size: str) -> bytes:
    """A page as PNG. Raises NotFound where there is none. Not inside a transaction: it may be set now."""
    if size not in SIZES or not 1 <= page <= 9:
        raise NotFound
    if ready.sheet is not None:
        return print_page(ready.sheet, page, SIZES[size])
    if ready.file is None or page > 1 or not has_picture(ready.version):
        raise NotFound
    if ready.file.media_type in PICTURES:
        return print_picture_of(ready.file.digest, SIZES[size])
    return print_first_page_of(ready.file.digest, SIZES[size])


def document(ready: Ready) -> bytes:
    """The whole of a version that is set from a template."""
    assert ready.sheet is not None
    return print_document(ready.sheet)
