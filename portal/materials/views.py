"""Material as dealers find, see and fetch it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core import limits
from core.actor import Actor
from core.errors import AppError, NotFound
from core.i18n import LOCALES, _, current_locale, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.downloads import send_made, send_stored
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.brochures import giving
from crm.brochures.browsing import Wanted, browse, list_subjects
from crm.catalogue.pictures.addresses import picture_of
from crm.catalogue.queries import list_by_ids
from crm.partners import words
from crm.partners.materials import record_download
from crm.partners.models import KINDS, Material, MaterialVersion
from crm.partners.queries import current_versions, find_profile, get_material, last_fetched, list_news
from portal.materials.forms import DownloadForm

blueprint = Blueprint("materials", __name__, template_folder="templates")
MOST_PAGES = 100


def must_read_terms(session: Session, who: Actor) -> AnyResponse | None:
    """Where somebody goes first whose company has not accepted the terms."""
    profile = find_profile(session, who.account_id)
    if profile is None or not profile.has_accepted_terms:
        return redirect(url_for("partner_profile.terms"))
    return None


def _page() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _wanted() -> Wanted:
    kind, language = request.args.get("kind", ""), request.args.get("language", "")
    return Wanted(
        text=request.args.get("q", "")[:200],
        kind=kind if kind in KINDS else "",
        language=language if language in LOCALES else "",
        about=request.args.get("product", "")[:120],
        page=_page(),
        locale=current_locale(),
    )


def card(material: Material, language: str = "", fetched: dict[Any, int] | Any = None) -> dict[str, Any]:
    """What the card of a material shows."""
    versions = current_versions(material)
    version = chosen(versions, language)
    held = (fetched or {}).get((material.id, version.language))
    return {
        "material": material,
        "version": version,
        "languages": [code for code in LOCALES if code in versions],
        "url": url_for("materials.show", slug=material.slug, language=version.language),
        "picture": picture_url(version, 1, "s") if giving.has_picture(version) else None,
        "is_update": held is not None and held < version.number,
        "is_fetched": held == version.number,
    }


def chosen(versions: dict[str, MaterialVersion], language: str) -> MaterialVersion:
    """The version in the wanted language, else in the reader's, else in any."""
    for code in (language, current_locale(), *LOCALES):
        if code in versions:
            return versions[code]
    raise NotFound


def picture_url(version: MaterialVersion, page: int, size: str) -> str:
    return url_for(
        "materials.picture", slug=version.material.slug, language=version.language, page=page, size=size, v=version.number
    )  # fmt: skip


@blueprint.get("/materials")
@allow.partner
def index() -> str | AnyResponse:
    """Everything that the partner may have, with search and filters in the address."""
    who, wanted = actor(), _wanted()
    with reading() as session:
        if first := must_read_terms(session, who):
            return first
        found = browse(session, who, wanted)
        fetched = last_fetched(session, who, [material.id for material in found.materials])
        subjects = list_subjects(session, who)
        return render(
            "materials/list.html",
            wanted=wanted,
            found=found,
            cards=[card(material, wanted.language, fetched) for material in found.materials],
            news=list_news(session, who, 3) if wanted.is_empty and wanted.page == 1 else [],
            subjects=[("", _("Everything")), *((one.slug, pick(one.names)) for one in subjects)],
            profile=find_profile(session, who.account_id),
            chips=_chips(wanted, {one.slug: pick(one.names) for one in subjects}),
            words=words,
        )


def _chips(wanted: Wanted, subjects: dict[str, str]) -> list[dict[str, str]]:
    told = [
        ("kind", dict(words.kinds()).get(wanted.kind, "")),
        ("language", words.language(wanted.language) if wanted.language else ""),
        ("product", subjects.get(wanted.about, wanted.about)),
    ]
    return [
        {"label": label, "remove_url": page_url(**{key: None, "page": None})} for key, label in told if label
    ]


@blueprint.get("/materials/<slug>")
@allow.partner
def show(slug: str) -> str | AnyResponse:
    with reading() as session:
        if first := must_read_terms(session, actor()):
            return first
        return _show(session, slug, request.args.get("language", ""))


def _show(session: Session, slug: str, language: str) -> str:
    who = actor()
    material = get_material(session, who, slug)
    versions = current_versions(material)
    version = chosen(versions, language)
    profile = giving.accepted_profile(session, who)
    ready = giving.prepare_version(session, version, profile)
    products = list_by_ids(session, [link.product_id for link in material.links if link.product_id])
    held = last_fetched(session, who, [material.id]).get((material.id, version.language))
    return render(
        "materials/show.html",
        material=material,
        version=version,
        languages=[code for code in LOCALES if code in versions],
        pictures=[picture_url(version, page, "l") for page in range(1, giving.count_pictures(version) + 1)],
        is_wide=version.template == "picture"
        or (version.file is not None and not version.file.media_type.endswith("pdf")),
        is_co_branded=ready.sheet is not None and ready.sheet.is_co_branded,
        missing=ready.sheet.missing if ready.sheet else "",
        profile=profile,
        held=held,
        form=DownloadForm(formdata=None, language=version.language),
        products=[(product, picture_of(product)) for product in products],
        words=words,
    )


@blueprint.get("/materials/<slug>/<language>/<int:page>.png")
@allow.partner
def picture(slug: str, language: str, page: int) -> Response:
    """A page as it will be printed, with the partner's own logo."""
    with reading() as session:
        ready = giving.prepare(session, actor(), slug, language)
    content = giving.picture(ready, page, request.args.get("size", "l"))
    return send_made(content, media_type="image/png", name="page.png", inline=True)


@blueprint.get("/materials/<slug>/download")
@allow.partner
def download_page(slug: str) -> AnyResponse:
    """Fetching is a form's work, because it is logged; who opens the address sees the page with the form."""
    with reading() as session:
        material = get_material(session, actor(), slug)
    return redirect(url_for("materials.show", slug=material.slug), code=303)


@blueprint.post("/materials/<slug>/download")
@allow.partner
def download(slug: str) -> Response | AnyResponse | tuple[str, int]:
    """The file itself. It is logged, and the log is the last check: what expired meanwhile is not given out."""
    who = actor()
    limits.hit("60 per 10 minutes", "material_download", str(who.user_id))
    form = DownloadForm()
    language = form.language.data or ""
    with reading() as session:
        ready = giving.prepare(session, who, slug, language)
    if not form.validate_on_submit():
        with reading() as session:
            return _show(session, slug, language), 422
    try:
        content = giving.document(ready) if ready.sheet is not None else b""
    except AppError as error:
        if error.status != 503:
            raise
        flash(_("The document could not be made just now. Please try again in a minute."), "error")
        return redirect(url_for("materials.show", slug=slug, language=language), code=303)
    with transaction() as session:
        record_download(
            session, who, slug, language,
            version_id=ready.version.id, is_co_branded=ready.sheet is not None and ready.sheet.is_co_branded,
        )  # fmt: skip
    if ready.file is not None:
        return send_stored(ready.file, name=ready.name)
    assert ready.sheet is not None
    media_type = "image/png" if ready.sheet.output == "png" else "application/pdf"
    return send_made(content, media_type=media_type, name=ready.name)
