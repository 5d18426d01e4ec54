"""Versions of a material: the next one as a file or from a template, its preview, and publishing it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin.materials.forms import TEXTS, FileVersionForm, TemplateVersionForm
from admin.materials.views import blueprint, get_for_staff
from core import limits
from core.errors import AppError, Conflict, Invalid, NotFound
from core.files import Kept, keep
from core.files.kinds import DOCUMENTS, PICTURES
from core.i18n import LOCALES, _, current_locale, explain
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.downloads import send_made, send_stored
from core.web.pages import render
from core.web.policy import allow
from crm.brochures import giving
from crm.partners import words
from crm.partners.materials import add_version, change_version, publish_version
from crm.partners.models import Material, MaterialVersion
from crm.partners.queries import find_profile, get_version
from crm.partners.templates import TEMPLATES, points_as_lines

LARGEST = 10_000_000
TAKEN = DOCUMENTS | (PICTURES - {"image/gif"})


def _latest(material: Material, language: str) -> MaterialVersion | None:
    """The version whose texts the next one begins with: the newest in the language, else in any."""
    same = [version for version in material.versions if version.language == language]
    return next(iter(same or material.versions), None)


def _language() -> str:
    given = request.args.get("language", "")
    return given if given in LOCALES else current_locale()


def _new_page(
    material: Material,
    file_form: FileVersionForm | None = None,
    template_form: TemplateVersionForm | None = None,
) -> str:
    language = _language()
    begin = _latest(material, language)
    if template_form is None:
        template_form = TemplateVersionForm(formdata=None, data=_begin(begin, language))
    template_form.offer(material.kind)
    has_templates = bool(template_form.template.choices)
    wants_file = file_form is not None or request.args.get("from") == "file" or not has_templates
    return render(
        "admin_materials/new_version.html",
        material=material,
        file_form=file_form or FileVersionForm(formdata=None, language=language),
        template_form=template_form,
        from_file=wants_file,
        has_templates=has_templates,
        templates=TEMPLATES,
        words=words,
    )


def _begin(version: MaterialVersion | None, language: str) -> dict[str, Any]:
    texts = version.texts if version is not None else {}
    begin: dict[str, Any] = {name: texts.get(name, "") for name in TEXTS}
    begin["points"] = points_as_lines(texts)
    return {**begin, "language": language, "template": version.template if version is not None else None}


@blueprint.get("/<uuid:material_id>/versions/new")
@allow.staff("materials.manage")
def new_version(material_id: uuid.UUID) -> str:
    with reading() as session:
        return _new_page(get_for_staff(session, material_id))


@blueprint.post("/<uuid:material_id>/versions/file")
@allow.staff("materials.manage")
def upload(material_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """A finished file, told by its content: PDF, office document or picture."""
    limits.hit("120 per hour", "material_upload", str(actor().user_id))
    form = FileVersionForm()
    with reading() as session:
        get_for_staff(session, material_id)
    if form.validate_on_submit():
        try:
            kept = _kept(form)
            with transaction() as session:
                version = add_version(
                    session, actor(), material_id, language=form.language.data, file=kept, note=form.note.data or ""
                )  # fmt: skip
                target = version.id
        except AppError as error:
            if error.status not in {422, 409, 503}:
                raise
            form.add_error(error)
        else:
            flash(_("The version is a draft. Look at it, then publish it."), "success")
            return redirect(url_for("admin_materials.version", version_id=target), code=303)
    with reading() as session:
        return _new_page(get_for_staff(session, material_id), file_form=form), 422


def _kept(form: FileVersionForm) -> Kept:
    given = form.file.data
    if not given or not given.filename:
        raise Invalid("file.empty", field="file")
    return keep(given.stream, given.filename, kinds=TAKEN, largest=LARGEST)


@blueprint.post("/<uuid:material_id>/versions/template")
@allow.staff("materials.manage")
def write(material_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    """A template with texts: printed with each dealer's own logo."""
    form = TemplateVersionForm()
    with reading() as session:
        form.offer(get_for_staff(session, material_id).kind)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                version = add_version(
                    session,
                    actor(),
                    material_id,
                    language=form.language.data,
                    template=form.template.data,
                    texts=form.given(),
                    note=form.note.data or "",
                )
                target = version.id
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("The version is a draft. Look at it, then publish it."), "success")
            return redirect(url_for("admin_materials.version", version_id=target), code=303)
    with reading() as session:
        return _new_page(get_for_staff(session, material_id), template_form=form), 422


def _draft_form(version: MaterialVersion) -> TemplateVersionForm:
    form = TemplateVersionForm(
        formdata=None, data={**_begin(version, version.language), "note": version.note}
    )
    form.offer(version.material.kind)
    return form


def _version_page(session: Session, version: MaterialVersion, form: TemplateVersionForm | None) -> str:
    ready = giving.prepare_version(session, version, None)
    return render(
        "admin_materials/version.html",
        material=version.material,
        version=version,
        form=form,
        pictures=range(1, giving.count_pictures(version) + 1),
        missing=ready.sheet.missing if ready.sheet else "",
        template=TEMPLATES.get(version.template or ""),
        stamp=ready.sheet.digest[:12] if ready.sheet else version.number,
        words=words,
    )


@blueprint.get("/versions/<uuid:version_id>")
@allow.staff("materials.manage")
def version(version_id: uuid.UUID) -> str:
    with reading() as session:
        found = get_version(session, actor(), version_id)
        form = _draft_form(found) if found.published_at is None else None
        return _version_page(session, found, form)


@blueprint.post("/versions/<uuid:version_id>")
@allow.staff("materials.manage")
def change_draft(version_id: uuid.UUID) -> AnyResponse | tuple[str, int]:
    form = TemplateVersionForm()
    with reading() as session:
        found = get_version(session, actor(), version_id)
        form.offer(found.material.kind)
        # What a draft is made of does not change; only its texts and its note do.
        form.language.data, form.template.data = found.language, found.template
    if form.template.data is None:
        form.template.validators = ()
        form.template.choices = None
        form.template.validate_choice = False
    if form.validate_on_submit():
        try:
            with transaction() as session:
                change_version(session, actor(), version_id, texts=form.given(), note=form.note.data or "")
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("admin_materials.version", version_id=version_id), code=303)
    with reading() as session:
        found = get_version(session, actor(), version_id)
        return _version_page(session, found, form), 422


@blueprint.post("/versions/<uuid:version_id>/publish")
@allow.staff("materials.manage")
def publish(version_id: uuid.UUID) -> AnyResponse:
    """From now on dealers get this one."""
    try:
        with transaction() as session:
            material_id = publish_version(session, actor(), version_id).material_id
    except Conflict as error:
        flash(explain(error), "error")
        return redirect(url_for("admin_materials.version", version_id=version_id), code=303)
    flash(_("Published: dealers get this version from now on."), "success")
    return redirect(url_for("admin_materials.show", material_id=material_id), code=303)


def _ready(version_id: uuid.UUID) -> giving.Ready:
    """As it is printed without a partner, or with ?dealer= for one."""
    with reading() as session:
        found = get_version(session, actor(), version_id)
        profile = None
        try:
            profile = find_profile(session, uuid.UUID(request.args.get("dealer", "")))
        except ValueError:
            profile = None  # no dealer chosen: our own lines are printed
        return giving.prepare_version(session, found, profile)


@blueprint.get("/versions/<uuid:version_id>/<int:page>.png")
@allow.staff("materials.manage")
def picture(version_id: uuid.UUID, page: int) -> Response:
    content = giving.picture(_ready(version_id), page, request.args.get("size", "l"))
    return send_made(content, media_type="image/png", name="page.png", inline=True)


@blueprint.get("/versions/<uuid:version_id>/file")
@allow.staff("materials.manage")
def file(version_id: uuid.UUID) -> Response:
    """The whole, for proof-reading. Staff look at their own work: the log of downloads is about dealers."""
    ready = _ready(version_id)
    if ready.file is not None:
        return send_stored(ready.file, name=ready.name)
    if ready.sheet is None:
        raise NotFound
    media_type = "image/png" if ready.sheet.output == "png" else "application/pdf"
    return send_made(giving.document(ready), media_type=media_type, name=ready.name)
