"""Changing material: what it is, its versions, when it is out, and the log of who fetched it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import audit, clock
from core.actor import Actor
from core.db import JSONMap
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.files import Kept, record
from core.i18n import LOCALES
from core.ids import new_id
from crm.partners.models import (
    AUDIENCES,
    KINDS,
    Material,
    MaterialDownload,
    MaterialLink,
    MaterialPartner,
    MaterialVersion,
)
from crm.partners.queries import get_current, get_version
from crm.partners.templates import get_template, texts_from

RESERVED = frozenset({"profile", "terms"})  # addresses of other pages


@dataclass(frozen=True)
class MaterialValues:
    """What staff enter of a material; `products` and `categories` in the order in which documents show them."""

    kind: str
    titles: Mapping[str, str]
    summaries: Mapping[str, str]
    audience: str = "all"
    partners: Sequence[uuid.UUID] = ()
    products: Sequence[uuid.UUID] = ()
    categories: Sequence[uuid.UUID] = ()
    published_at: datetime | None = None
    expires_at: datetime | None = None


def save_material(
    session: Session, actor: Actor, values: MaterialValues, *, slug: str, material_id: uuid.UUID | None = None
) -> Material:
    """Makes or changes a material; `slug` is used for a new one and made unique."""
    _may_manage(actor)
    _check(values)
    material = get_for_change(session, actor, material_id) if material_id else None
    before = _told(material) if material else None
    if material is None:
        material = Material(id=new_id(), slug=_free_slug(session, slug))
        session.add(material)
    material.kind, material.audience = values.kind, values.audience
    material.titles, material.summaries = dict(values.titles), dict(values.summaries)
    material.published_at, material.expires_at = values.published_at, values.expires_at
    wanted = [(product, None) for product in values.products] + [(None, one) for one in values.categories]
    if [(link.product_id, link.category_id) for link in material.links] != wanted:
        material.links.clear()
        session.flush()
        material.links.extend(
            MaterialLink(product_id=product, category_id=category, position=position)
            for position, (product, category) in enumerate(wanted)
        )
    chosen = set(values.partners) if values.audience == "chosen" else set()
    if {one.account_id for one in material.chosen} != chosen:
        material.chosen[:] = [one for one in material.chosen if one.account_id in chosen]
        held = {one.account_id for one in material.chosen}
        material.chosen.extend(MaterialPartner(account_id=each) for each in sorted(chosen - held))
    session.flush()
    after = _told(material)
    if before != after:
        changed = [key for key in after if before is None or before[key] != after[key]]
        audit.record(
            session, actor, "material.changed" if before else "material.created", "material", material.id,
            before={key: before[key] for key in changed} if before else None,
            after={key: after[key] for key in changed},
        )  # fmt: skip
    return material


def get_for_change(session: Session, actor: Actor, material_id: uuid.UUID) -> Material:
    """Locks a material for staff who keep it. Raises NotFound."""
    _may_manage(actor)
    found = session.get(Material, material_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


def add_version(
    session: Session,
    actor: Actor,
    material_id: uuid.UUID,
    *,
    language: str,
    template: str | None = None,
    texts: Mapping[str, str] | None = None,
    file: Kept | None = None,
    note: str = "",
) -> MaterialVersion:
    """The next version in a language, as a draft: from a template with texts, or a file that was handed in."""
    material = get_for_change(session, actor, material_id)
    if language not in LOCALES:
        raise Invalid("material.language", field="language")
    if (template is None) == (file is None):
        raise Invalid("material.one_source", field="file")
    checked: JSONMap = texts_from(get_template(template), texts or {}) if template else {}
    last = session.scalar(
        select(func.max(MaterialVersion.number)).where(
            MaterialVersion.material_id == material.id, MaterialVersion.language == language
        )
    )
    version = MaterialVersion(
        id=new_id(),
        material=material,
        language=language,
        number=(last or 0) + 1,
        template=template,
        texts=checked,
        file=record(session, file) if file is not None else None,
        note=note.strip(),
        uploaded_by=actor.user_id,
    )
    session.add(version)
    session.flush()
    _record(session, actor, "material.version_added", version)
    return version


def change_version(
    session: Session, actor: Actor, version_id: uuid.UUID, *, texts: Mapping[str, str], note: str
) -> MaterialVersion:
    """Writes the texts of a draft. Raises Conflict when it is published already."""
    version = _draft(session, actor, version_id)
    if version.template is not None:
        version.texts = texts_from(get_template(version.template), texts)
    version.note = note.strip()
    session.flush()
    _record(session, actor, "material.version_changed", version)
    return version


def publish_version(session: Session, actor: Actor, version_id: uuid.UUID) -> MaterialVersion:
    """From now on partners get this version; the material comes out with it when it was a draft."""
    version = _draft(session, actor, version_id)
    version.published_at = clock.now()
    if version.material.published_at is None:
        version.material.published_at = version.published_at
    session.flush()
    _record(session, actor, "material.version_published", version)
    return version


def expire(session: Session, actor: Actor, material_id: uuid.UUID) -> Material:
    """Takes a material back at once: nobody can fetch it from now on."""
    material = get_for_change(session, actor, material_id)
    moment = clock.now()
    if material.state(moment) != "expired":
        before = _told(material)["expires_at"]
        material.expires_at = moment
        session.flush()
        audit.record(
            session, actor, "material.expired", "material", material.id,
            before={"expires_at": before}, after={"expires_at": moment.isoformat()},
        )  # fmt: skip
    return material


def record_download(
    session: Session, actor: Actor, slug: str, language: str, *, version_id: uuid.UUID, is_co_branded: bool
) -> MaterialDownload:
    """Logs that a partner fetched a version, and is the last word on whether they may: raises NotFound when it is
    gone since it was printed."""
    version = get_current(session, actor, slug, language)
    if version.id != version_id or actor.account_id is None:
        raise NotFound
    row = MaterialDownload(
        material_id=version.material_id,
        version_id=version.id,
        account_id=actor.account_id,
        user_id=actor.user_id,
        language=language,
        is_co_branded=is_co_branded,
    )
    session.add(row)
    session.flush()
    return row


def _draft(session: Session, actor: Actor, version_id: uuid.UUID) -> MaterialVersion:
    _may_manage(actor)
    version = get_version(session, actor, version_id)
    get_for_change(session, actor, version.material_id)
    session.refresh(version, ["published_at"])
    if version.published_at is not None:
        raise Conflict("material.published")
    return version


def _may_manage(actor: Actor) -> None:
    if not actor.can("materials.manage"):
        raise Forbidden


def _check(values: MaterialValues) -> None:
    if not any(text.strip() for text in values.titles.values()):
        raise Invalid("material.title_needed", field="title_en")
    if values.kind not in KINDS:
        raise Invalid("material.kind", field="kind")
    if values.audience not in AUDIENCES:
        raise Invalid("material.kind", field="audience")
    if values.published_at and values.expires_at and values.expires_at <= values.published_at:
        raise Invalid("material.dates", field="expires_on")


def _free_slug(session: Session, wanted: str) -> str:
    base = wanted[:70].strip("-") or "material"
    if base in RESERVED:
        base = f"{base}-material"
    slug, count = base, 1
    while session.scalar(select(Material.id).where(Material.slug == slug)) is not None:
        count += 1
        slug = f"{base}-{count}"
    return slug


def _record(session: Session, actor: Actor, action: str, version: MaterialVersion) -> None:
    audit.record(
        session, actor, action, "material", version.material_id,
        after={"language": version.language, "number": version.number, "template": version.template or "",
               "file": str(version.file_id or ""), "note": version.note},
    )  # fmt: skip


def _told(material: Material) -> dict[str, object]:
    return {
        "kind": material.kind,
        "titles": material.titles,
        "summaries": material.summaries,
        "audience": material.audience,
        "partners": sorted(str(one.account_id) for one in material.chosen),
        "links": [str(link.product_id or link.category_id) for link in material.links],
        "published_at": material.published_at.isoformat() if material.published_at else None,
        "expires_at": material.expires_at.isoformat() if material.expires_at else None,
    }
