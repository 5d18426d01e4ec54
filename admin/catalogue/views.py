"""Products, prices, stock and categories for staff."""

from __future__ import annotations

import uuid
from decimal import Decimal

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from admin.audit import words as audit_words
from admin.catalogue.forms import FIELD_OF, CategoryForm, ProductForm, StockForm, texts_of
from core.audit import list_entries
from core.errors import AppError, Conflict, Invalid, NotFound
from core.i18n import _, current_locale, explain, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.models import Category, Product
from crm.catalogue.pictures.addresses import picture_of
from crm.catalogue.queries import list_categories
from crm.catalogue.services import (
    ProductValues,
    delete_category,
    save_category,
    save_product,
    set_stock,
)
from crm.catalogue.staff_queries import STATES, StaffFilter, list_products_for_staff

blueprint = Blueprint("admin_catalogue", __name__, template_folder="templates", url_prefix="/staff/catalogue")


def _page() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), 2000) if text.isascii() and text.isdigit() and len(text) < 6 else 1


@blueprint.get("/")
@allow.staff("catalogue.read")
def index() -> str:
    """Every product, with search, filters and sort."""
    wanted = StaffFilter(
        text=request.args.get("q", "")[:200],
        state=request.args.get("state", "") if request.args.get("state") in STATES else "",
        category=request.args.get("category", "")[:80],
        sort=request.args.get("sort", ""),
        page=_page(),
    )
    with reading() as session:
        products, total, pages = list_products_for_staff(session, wanted, current_locale())
        return render(
            "admin_catalogue/index.html",
            wanted=wanted,
            products=[(product, picture_of(product)) for product in products],
            total=total,
            pages=pages,
            category_options=[(item.slug, pick(item.names)) for item in list_categories(session)],
        )


def _choices(categories: list[Category]) -> list[tuple[str, str]]:
    return [("", "–"), *((str(category.id), pick(category.names)) for category in categories)]


def _product_form(product: Product | None, categories: list[Category]) -> ProductForm:
    form = ProductForm()
    form.category_id.choices = _choices(categories)
    if request.method == "GET":
        if product is not None:
            return _filled(form, product)
        form.tax_percent.data = Decimal(19)
        form.is_active.data = form.is_sellable.data = True
    return form


def _values(form: ProductForm) -> ProductValues:
    return ProductValues(
        sku=form.sku.data.strip(),
        texts={
            "names": texts_of(form, "name"),
            "taglines": texts_of(form, "tagline"),
            "descriptions": texts_of(form, "description"),
        },
        price=form.price.data,
        category_id=uuid.UUID(form.category_id.data) if form.category_id.data else None,
        tax_rate=int(form.tax_percent.data * 100),
        weight_g=form.weight_g.data or 0,
        warranty_months=form.warranty_months.data or 0,
        consumable_days=form.consumable_days.data,
        is_serialised=form.is_serialised.data,
        is_active=form.is_active.data,
        is_sellable=form.is_sellable.data,
    )


def _show(form: ProductForm, product: Product | None, stock_form: StockForm | None = None) -> str:
    with reading() as session:
        entries = (
            list_entries(session, object_kind="product", object_id=str(product.id), limit=10)
            if product
            else []
        )
        return render(
            "admin_catalogue/product.html",
            form=form,
            product=product,
            stock_form=stock_form or _stock_form(product),
            picture=picture_of(product) if product else None,
            entries=entries if actor().can("audit.read") else [],
            action_text=audit_words.action,
        )


def _stock_form(product: Product | None) -> StockForm | None:
    if product is None:
        return None
    form = StockForm(formdata=None)
    form.change.data = 0
    form.low_below.data = product.stock.low_below if product.stock else 5
    return form


def _saved(form: ProductForm, product: Product | None) -> Response | tuple[str, int]:
    """Saves what was entered, or shows the form again with what is wrong."""
    if form.validate_on_submit():
        try:
            with transaction() as session:
                saved = save_product(
                    session,
                    actor=actor(),
                    product_id=product.id if product else None,
                    values=_values(form),
                    version=form.version.data,
                )
                target = saved.id
        except (Invalid, Conflict) as error:
            form.add_error(error)
            return _show(form, product), error.status
        flash(_("The product is saved."), "success")
        return redirect(url_for("admin_catalogue.product", product_id=target), code=303)
    return _show(form, product), 422


@blueprint.get("/new")
@allow.staff("catalogue.manage")
def new() -> str:
    with reading() as session:
        form = _product_form(None, list(list_categories(session)))
        return _show(form, None)


@blueprint.post("/new")
@allow.staff("catalogue.manage")
def create() -> Response | tuple[str, int]:
    with reading() as session:
        form = _product_form(None, list(list_categories(session)))
        return _saved(form, None)


def _get(product_id: uuid.UUID) -> Product:
    with reading() as session:
        found = session.get(Product, product_id)
        if found is None:
            raise NotFound
        return found


@blueprint.get("/products/<uuid:product_id>")
@allow.staff("catalogue.read")
def product(product_id: uuid.UUID) -> str:
    with reading() as session:
        found = _get(product_id)
        return _show(_product_form(found, list(list_categories(session))), found)


@blueprint.post("/products/<uuid:product_id>")
@allow.staff("catalogue.manage")
def change(product_id: uuid.UUID) -> Response | tuple[str, int]:
    with reading() as session:
        found = _get(product_id)
        return _saved(_product_form(found, list(list_categories(session))), found)


@blueprint.post("/products/<uuid:product_id>/stock")
@allow.staff("catalogue.manage")
def stock(product_id: uuid.UUID) -> Response | tuple[str, int]:
    """Adds or takes away units: a difference, so that two people at once both count."""
    form = StockForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                set_stock(
                    session,
                    actor=actor(),
                    product_id=product_id,
                    change=form.change.data,
                    low_below=form.low_below.data,
                )
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("The stock is changed."), "success")
            return redirect(url_for("admin_catalogue.product", product_id=product_id), code=303)
    with reading() as session:
        found = _get(product_id)
        page = ProductForm(formdata=None)
        page.category_id.choices = _choices(list(list_categories(session)))
        fresh = _filled(page, found)
        return _show(fresh, found, form), 422


def _filled(form: ProductForm, product: Product) -> ProductForm:
    form.sku.data, form.price.data, form.version.data = product.sku, product.price, product.revision
    form.tax_percent.data = Decimal(product.tax_rate) / 100
    for name, texts in (
        ("name", product.names),
        ("tagline", product.taglines),
        ("description", product.descriptions),
    ):
        for locale, suffix in FIELD_OF.items():
            form[f"{name}_{suffix}"].data = texts.get(locale, "")
    for name in (
        "weight_g",
        "warranty_months",
        "consumable_days",
        "is_serialised",
        "is_active",
        "is_sellable",
    ):
        form[name].data = getattr(product, name)
    form.category_id.data = str(product.category_id or "")
    return form


@blueprint.get("/categories")
@allow.staff("catalogue.read")
def categories() -> str:
    with reading() as session:
        return render("admin_catalogue/categories.html", categories=list_categories(session))


@blueprint.get("/categories/new")
@allow.staff("catalogue.manage")
def new_category() -> str:
    form = CategoryForm()
    form.position.data = 10
    return render("admin_catalogue/category.html", form=form, category=None)


@blueprint.get("/categories/<uuid:category_id>")
@allow.staff("catalogue.manage")
def category(category_id: uuid.UUID) -> str:
    with reading() as session:
        found = session.get(Category, category_id)
        if found is None:
            raise NotFound
        form = CategoryForm()
        for name, texts in (("name", found.names), ("description", found.descriptions)):
            for locale, suffix in FIELD_OF.items():
                form[f"{name}_{suffix}"].data = texts.get(locale, "")
        form.position.data = found.position
        return render("admin_catalogue/category.html", form=form, category=found)


@blueprint.post("/categories/new")
@allow.staff("catalogue.manage")
def create_category() -> Response | tuple[str, int]:
    return _save_category(None)


@blueprint.post("/categories/<uuid:category_id>")
@allow.staff("catalogue.manage")
def change_category(category_id: uuid.UUID) -> Response | tuple[str, int]:
    return _save_category(category_id)


def _save_category(category_id: uuid.UUID | None) -> Response | tuple[str, int]:
    form = CategoryForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                save_category(
                    session,
                    actor=actor(),
                    category_id=category_id,
                    names=texts_of(form, "name"),
                    descriptions=texts_of(form, "description"),
                    position=form.position.data,
                )
        except Invalid as error:
            form.add_error(error)
        else:
            flash(_("The category is saved."), "success")
            return redirect(url_for("admin_catalogue.categories"), code=303)
    with reading() as session:
        found = session.get(Category, category_id) if category_id else None
        return render("admin_catalogue/category.html", form=form, category=found), 422


@blueprint.post("/categories/<uuid:category_id>/delete")
@allow.staff("catalogue.manage")
def remove_category(category_id: uuid.UUID) -> Response:
    try:
        with transaction() as session:
            delete_category(session, actor=actor(), category_id=category_id)
    except AppError as error:
        if error.status != 409:
            raise
        flash(explain(error), "error")
    else:
        flash(_("The category is gone."), "success")
    return redirect(url_for("admin_catalogue.categories"), code=303)
