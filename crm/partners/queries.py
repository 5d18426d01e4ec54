"""Reading partners' profiles and material. What a partner may not have does not exist for them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.actor import Actor
from core.errors import NotFound
from crm.partners.models import (
    Material,
    MaterialDownload,
    MaterialPartner,
    MaterialVersion,
    PartnerProfile,
)


def find_profile(session: Session, account_id: uuid.UUID | None) -> PartnerProfile | None:
    if account_id is None:
        return None
    return session.scalar(
        select(PartnerProfile)
        .where(PartnerProfile.account_id == account_id)
        .options(joinedload(PartnerProfile.logo))
    )


def list_profiles(session: Session, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PartnerProfile]:
    rows = session.scalars(
        select(PartnerProfile)
        .where(PartnerProfile.account_id.in_(account_ids))
        .options(joinedload(PartnerProfile.logo))
    )
    return {row.account_id: row for row in rows}


def published(moment: datetime) -> ColumnElement[bool]:
    """Out at `moment`, and not expired."""
    return and_(
        Material.published_at <= moment, or_(Material.expires_at.is_(None), Material.expires_at > moment)
    )


def materials_visible_to(actor: Actor) -> ColumnElement[bool]:
    """What exists for this actor: for staff who keep material everything; for partners what is out, in at least one
    language, and meant for them; for others nothing."""
    if actor.kind == "staff":
        return Material.id.is_not(None) if actor.can("materials.manage") else false()
    if actor.kind != "partner" or actor.account_id is None or not actor.can("materials.read"):
        return false()
    moment = clock.now()
    is_theirs = Material.chosen.any(MaterialPartner.account_id == actor.account_id)
    has_version = Material.versions.any(MaterialVersion.published_at <= moment)
    return and_(published(moment), has_version, or_(Material.audience == "all", is_theirs))


def get_material(session: Session, actor: Actor, slug: str) -> Material:
    """With its versions and links. Raises NotFound, also for what is not meant for the actor."""
    found = session.scalar(
        select(Material)
        .where(Material.slug == slug[:80], materials_visible_to(actor))
        .options(
            selectinload(Material.versions).joinedload(MaterialVersion.file),
            selectinload(Material.links),
            selectinload(Material.chosen),
        )
    )
    if found is None:
        raise NotFound
    return found


def current_versions(material: Material) -> dict[str, MaterialVersion]:
    """The newest published version of each language."""
    moment = clock.now()
    found: dict[str, MaterialVersion] = {}
    for version in material.versions:  # newest first
        if version.published_at is not None and version.published_at <= moment:
            found.setdefault(version.language, version)
    return found


def get_current(session: Session, actor: Actor, slug: str, language: str) -> MaterialVersion:
    """What a partner gets of a material in a language. Raises NotFound."""
    version = current_versions(get_material(session, actor, slug)).get(language)
    if version is None:
        raise NotFound
    return version


def get_version(session: Session, actor: Actor, version_id: uuid.UUID) -> MaterialVersion:
    """Any version, drafts too, for staff who keep material. Raises NotFound."""
    found = session.scalar(
        select(MaterialVersion)
        .join(MaterialVersion.material)
        .where(MaterialVersion.id == version_id, materials_visible_to(actor))
        .options(
            joinedload(MaterialVersion.file),
            joinedload(MaterialVersion.material).selectinload(Material.links),
        )
    )
    if found is None or actor.kind != "staff":
        raise NotFound
    return found


def list_by_ids(session: Session, ids: Sequence[uuid.UUID]) -> list[Material]:
    """In the order of `ids`, with versions and links. Who may see them was decided before."""
    rows = {
        row.id: row
        for row in session.scalars(
            select(Material)
            .where(Material.id.in_(ids))
            .options(
                selectinload(Material.versions).joinedload(MaterialVersion.file), selectinload(Material.links)
            )
        )
    }
    return [rows[key] for key in ids if key in rows]


@dataclass(frozen=True)
class News:
    """A version that came out lately; `is_update`: the partner has an older one in their folder."""

    material: Material
    version: MaterialVersion
    is_update: bool


def list_news(session: Session, actor: Actor, limit: int = 4) -> list[News]:
    """What came out last, one line per material, newest first. Of a material that exists in the reader's language
    only that language counts: a new version in another one is no news to them."""
    own_language = func.max(
        case((MaterialVersion.language == actor.locale, MaterialVersion.published_at), else_=None)
    )
    any_language = func.max(MaterialVersion.published_at)
    newest = (
        select(MaterialVersion.material_id, func.coalesce(own_language, any_language).label("at"))
        .join(Material)
        .where(MaterialVersion.published_at <= clock.now(), materials_visible_to(actor))
        .group_by(MaterialVersion.material_id)
        .subquery()
    )
    ids = session.scalars(
        select(newest.c.material_id).order_by(newest.c.at.desc(), newest.c.material_id).limit(limit)
    ).all()
    fetched = last_fetched(session, actor, ids)
    told = []
    for material in list_by_ids(session, ids):
        versions = current_versions(material)
        version = versions.get(actor.locale) or max(
            versions.values(), key=lambda one: one.published_at or one.created_at
        )
        held = fetched.get((material.id, version.language))
        told.append(News(material, version, held is not None and held < version.number))
    return told


def last_fetched(
    session: Session, actor: Actor, material_ids: Sequence[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, str], int]:
    """(material, language) -> the highest version number that the partner's account has fetched."""
    rows = session.execute(
        select(MaterialDownload.material_id, MaterialDownload.language, func.max(MaterialVersion.number))
        .join(MaterialVersion, MaterialVersion.id == MaterialDownload.version_id)
        .where(
            MaterialDownload.account_id == actor.account_id, MaterialDownload.material_id.in_(material_ids)
        )
        .group_by(MaterialDownload.material_id, MaterialDownload.language)
    )
    return {(material_id, language): number for material_id, language, number in rows}
