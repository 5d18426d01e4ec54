"""Editing a campaign: one form for times, conditions and texts, checked while one types."""

from __future__ import annotations

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.campaigns import words
from admin.campaigns.forms import LABELS, UNITS, CampaignForm
from admin.campaigns.views import blueprint
from campaigns import services, wording
from campaigns.catalogue import KINDS
from campaigns.models import Campaign
from core.errors import Conflict, Invalid
from core.i18n import LOCALES, NAMES, _, explain, gettext, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.forms import choices
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.queries import list_categories


def _form(session: Session, campaign: Campaign) -> CampaignForm:
    form = CampaignForm()
    form.unit.choices = choices(zip(UNITS, (_("minutes"), _("hours"), _("days")), strict=True))
    form.category.choices = choices(
        [("", _("Any category")), *((item.slug, pick(item.names)) for item in list_categories(session))]
    )
    hours = [("", _("no quiet hours")), *((str(hour), f"{hour}:00") for hour in range(24))]
    form.quiet_from.choices = form.quiet_to.choices = choices(hours)
    form.blocks.choices = choices((block, words.block(block)) for block in KINDS[campaign.kind].blocks)
    return form


def _show(session: Session, campaign: Campaign, form: CampaignForm) -> str:
    return render(
        "admin_campaigns/edit.html",
        campaign=campaign,
        latest=services.latest_version(session, campaign),
        definition=KINDS[campaign.kind],
        form=form,
        fields=[(field, gettext(LABELS[field])) for field in wording.FIELDS],
        limits=wording.LIMITS,
        field_name=services.field_name,
        languages=[(locale, NAMES[locale]) for locale in LOCALES],
        placeholders=_placeholders(campaign.kind),
        status=_status(campaign.kind, form),
        words=words,
    )


def _placeholders(kind: str) -> list[tuple[str, str]]:
    meanings = {
        "customer.name": _("Name of the person"),
        "shop.name": _("Name of our shop"),
        "cart.product": _("Dearest product in the cart"),
        "cart.count": _("Units in the cart"),
        "cart.total": _("What the cart costs"),
        "order.number": _("Number of the order"),
        "order.product": _("Dearest product of the order"),
        "order.date": _("Day of the delivery"),
    }
    return [("{{ " + name + " }}", meanings[name]) for name in wording.PLACEHOLDERS[kind]]


def _status(kind: str, form: CampaignForm) -> list[dict[str, object]]:
    """Per language: what is missing or wrong in what stands in the form just now."""
    texts = form.draft().texts
    return [
        {
            "name": NAMES[locale],
            "problems": [
                (
                    gettext(LABELS[problem.field]),
                    explain(problem.error),
                    services.field_name(problem.field, locale),
                )
                for problem in wording.check_texts(kind, locale, texts[locale], complete=True)
            ],
        }
        for locale in LOCALES
    ]


@blueprint.get("/<key>/edit")
@allow.staff("campaigns.manage")
def edit(key: str) -> str:
    with reading() as session:
        campaign = services.get_campaign(session, key)
        form = _form(session, campaign)
        form.fill(services.latest_version(session, campaign))
        return _show(session, campaign, form)


@blueprint.post("/<key>/edit")
@allow.staff("campaigns.manage")
def save(key: str) -> Response | tuple[str, int]:
    status = 422
    with reading() as session:
        form = _form(session, services.get_campaign(session, key))
    if form.validate():
        try:
            with transaction() as session:
                services.save_draft(session, actor(), key, form.draft(), revision=form.revision.data)
        except (Invalid, Conflict) as error:
            form.add_error(error)
            status = error.status
        else:
            flash(_("Saved. Look at it in the preview now."), "success")
            return redirect(url_for("admin_campaigns.preview", key=key), code=303)
    with reading() as session:
        return _show(session, services.get_campaign(session, key), form), status


@blueprint.post("/<key>/check")
@allow.staff("campaigns.manage")
def check(key: str) -> str:
    """The part beside the form, while one types. Nothing is stored."""
    with reading() as session:
        campaign = services.get_campaign(session, key)
        form = _form(session, campaign)
        return render("admin_campaigns/status.html", status=_status(campaign.kind, form), is_fresh=True)
