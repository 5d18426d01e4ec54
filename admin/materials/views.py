"""The desk of material: what there is, what it is about, and when it is out."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.audit import words as audit_words
from admin.materials.forms import MaterialForm, filled
from core import clock
from core.audit import list_entries
from core.errors import Invalid, NotFound
from core.i18n import _, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.brochures import giving
from crm.brochures.desk import PAGE, STATES, DeskFilter, category_ids, find_products, list_for_staff, skus_of
from crm.catalogue.queries import list_categories
from crm.catalogue.services import slugify
from crm.customers.queries import list_accounts
from crm.partners import words
from crm.partners.downloads import LogFilter, count_by_material, list_downloads
from crm.partners.materials import MaterialValues, expire, save_material
from crm.partners.models import KINDS, Material
from crm.partners.queries import current_versions
from crm.partners.words import states

blueprint = Blueprint("admin_materials", __name__, template_folder="templates", url_prefix="/staff/materials")
MOST_PARTNERS = 500
LATELY = timedelta(days=90)


def _page() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), 2000) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@blueprint.get("")
@allow.staff("materials.manage")
def index() -> str:
    wanted = DeskFilter(
        text=request.args.get("q", "")[:200],
        kind=request.args.get("kind", "") if request.args.get("kind") in KINDS else "",
        state=request.args.get("state", "") if request.args.get("state") in STATES else "",
        page=_page(),
    )
    with reading() as session:
        materials, total = list_for_staff(session, actor(), wanted)
        ids = [material.id for material in materials]
        return render(
            "admin_materials/index.html",
            wanted=wanted,
            rows=[
                (material, material.state(clock.now()), current_versions(material)) for material in materials
            ],
            counts=count_by_material(session, actor(), clock.now() - LATELY, ids),
            total=total,
            newer_url=page_url(page=wanted.page - 1 if wanted.page > 2 else None)
            if wanted.page > 1
            else None,
            older_url=page_url(page=wanted.page + 1) if wanted.page * PAGE < total else None,
            states=states(),
            words=words,
        )


def get_for_staff(session: Session, material_id: uuid.UUID) -> Material:
    found = session.get(Material, material_id)
    if found is None or not actor().can("materials.manage"):
        raise NotFound
    return found


def _form(session: Session, material: Material | None, *, sent: bool) -> MaterialForm:
    categories = list_categories(session)
    if sent:
        form = MaterialForm()
    elif material is None:
        form = MaterialForm(formdata=None)
    else:
        linked = {link.category_id for link in material.links}
        slugs = [category.slug for category in categories if category.id in linked]
        form = MaterialForm(formdata=None, data=filled(material, skus_of(session, material), slugs))
    partners = list_accounts(session, actor(), kind="partner", limit=MOST_PARTNERS)
    form.offer(
        words.kinds(),
        [(category.slug, pick(category.names)) for category in categories],
        [(str(account.id), account.name) for account in partners],
    )
    return form


@blueprint.get("/new")
@allow.staff("materials.manage")
def new() -> str:
    with reading() as session:
        return render("admin_materials/new.html", form=_form(session, None, sent=False))


@blueprint.post("/new")
@allow.staff("materials.manage")
def create() -> Response | tuple[str, int]:
    with reading() as session:
        form = _form(session, None, sent=True)
    if saved := _saved(form, None):
        flash(_("Saved. Now make its first version."), "success")
        return redirect(url_for("admin_materials.show", material_id=saved), code=303)
    return render("admin_materials/new.html", form=form), 422


def _saved(form: MaterialForm, material_id: uuid.UUID | None) -> uuid.UUID | None:
    """Writes what was entered; None, with the errors in the form, when it cannot be."""
    if not form.validate_on_submit():
        return None
    try:
        with transaction() as session:
            material = get_for_staff(session, material_id) if material_id else None
            products, unknown = find_products(session, form.skus())
            if unknown:
                raise Invalid("material.unknown_products", field="products", skus=", ".join(unknown[:5]))
            out, over = form.dates(material)
            titles = form.texts("title")
            saved = save_material(
                session,
                actor(),
                MaterialValues(
                    kind=form.kind.data,
                    titles=titles,
                    summaries=form.texts("summary"),
                    audience=form.audience.data,
                    partners=form.chosen_partners(),
                    products=products,
                    categories=category_ids(session, form.categories.data or []),
                    published_at=out,
                    expires_at=over,
                ),
                slug=slugify(titles.get("en", "")),
                material_id=material_id,
            )
            return saved.id
    except Invalid as error:
        form.add_error(error)
        return None


@blueprint.get("/<uuid:material_id>")
@allow.staff("materials.manage")
def show(material_id: uuid.UUID) -> str:
    with reading() as session:
        material = get_for_staff(session, material_id)
        return _show(session, material, _form(session, material, sent=False))


def _show(session: Session, material: Material, form: MaterialForm) -> str:
    who = actor()
    log = list_downloads(session, who, LogFilter(material_id=material.id), limit=8)
    accounts = {
        account.id: account.name
        for account in list_accounts(session, who, kind="partner", limit=MOST_PARTNERS)
    }
    return render(
        "admin_materials/show.html",
        material=material,
        state=material.state(clock.now()),
        form=form,
        versions=material.versions,
        current={version.id for version in current_versions(material).values()},
        has_picture=giving.has_picture,
        log=log,
        accounts=accounts,
        entries=list_entries(session, object_kind="material", object_id=str(material.id), limit=6)
        if who.can("audit.read")
        else [],
        action_text=audit_words.action,
        states=states(),
        words=words,
    )


@blueprint.post("/<uuid:material_id>")
@allow.staff("materials.manage")
def change(material_id: uuid.UUID) -> Response | tuple[str, int]:
    with reading() as session:
        material = get_for_staff(session, material_id)
        form = _form(session, material, sent=True)
    if _saved(form, material_id):
        flash(_("Saved."), "success")
        return redirect(url_for("admin_materials.show", material_id=material_id), code=303)
    with reading() as session:
        return _show(session, get_for_staff(session, material_id), form), 422


@blueprint.post("/<uuid:material_id>/expire")
@allow.staff("materials.manage")
def take_back(material_id: uuid.UUID) -> Response:
    """Nobody gets it from now on; a later last day brings it back."""
    with transaction() as session:
        expire(session, actor(), material_id)
    flash(_("Taken back: nobody can fetch it any more. A later last day brings it back."), "success")
    return redirect(url_for("admin_materials.show", material_id=material_id), code=303)
