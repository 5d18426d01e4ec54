"""The list of campaigns, one campaign with its state, and switching it on and off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from admin.campaigns import words
from campaigns import reasons, services
from campaigns.catalogue import KINDS
from campaigns.models import Campaign, CampaignVersion
from campaigns.queries import (
    count_reasons,
    dry_run,
    list_campaigns,
    list_drafts,
    list_versions,
)
from core.audit import list_entries
from core.errors import Conflict
from core.i18n import LOCALES, NAMES, _, explain, gettext, pick
from core.transaction import reading, transaction
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow
from crm.catalogue.queries import list_categories

blueprint = Blueprint("admin_campaigns", __name__, template_folder="templates", url_prefix="/staff/campaigns")
SHOWN_CANDIDATES = 6


@blueprint.get("")
@allow.staff("campaigns.manage")
def index() -> str:
    with reading() as session:
        listed = list_campaigns(session)
        unfinished = {campaign.id for campaign in list_drafts(session)}
        is_unfinished = request.args.get("state") == "unfinished"
        if is_unfinished:
            listed = [pair for pair in listed if pair[0].id in unfinished]
        versions = {campaign.id: services.latest_version(session, campaign) for campaign, _figures in listed}
        return render(
            "admin_campaigns/index.html",
            listed=listed,
            views=[
                {"label": _("All"), "url": url_for("admin_campaigns.index"), "active": not is_unfinished},
                {
                    "label": _("To finish"),
                    "url": url_for("admin_campaigns.index", state="unfinished"),
                    "active": is_unfinished,
                    "count": len(unfinished),
                },
            ],
            is_unfinished=is_unfinished,
            versions=versions,
            words=words,
            kinds=KINDS,
            gettext=gettext,
        )


@blueprint.get("/<key>")
@allow.staff("campaigns.manage")
def show(key: str) -> str:
    with reading() as session:
        return _page(session, key)


def _page(session: Session, key: str, problem: str = "") -> str:
    campaign = services.get_campaign(session, key)
    latest = services.latest_version(session, campaign)
    figures = next(found for listed, found in list_campaigns(session) if listed.id == campaign.id)
    versions = list_versions(session, campaign.id)
    candidates = dry_run(session, campaign, latest)
    return render(
        "admin_campaigns/show.html",
        campaign=campaign,
        definition=KINDS[campaign.kind],
        latest=latest,
        running=next((version for version in versions if version.number == campaign.running), None),
        versions=versions,
        figures=figures,
        reasons=[(code, reasons.label(code), count) for code, count in count_reasons(session, campaign.id)],
        checklist=_checklist(campaign, latest),
        conditions=_conditions(session, latest),
        candidates=[
            (
                candidate,
                reasons.explain(candidate.reason, candidate.facts, to_staff=True) if candidate.reason else "",
            )
            for candidate in candidates[:SHOWN_CANDIDATES]
        ],
        would_get=sum(candidate.reason is None for candidate in candidates),
        candidate_count=len(candidates),
        entries=list_entries(session, object_kind="campaign", object_id=campaign.key, limit=8),
        problem=problem,
        words=words,
    )


def _checklist(campaign: Campaign, version: CampaignVersion) -> list[dict[str, object]]:
    """What must be done before the newest version can run: per language, complete and looked at."""
    incomplete = services.incomplete_locales(campaign, version)
    return [
        {
            "locale": locale,
            "name": NAMES[locale],
            "is_complete": locale not in incomplete,
            "approved": version.approved.get(locale),
        }
        for locale in LOCALES
    ]


def _conditions(session: Session, version: CampaignVersion) -> list[tuple[str, str | None]]:
    given = version.conditions
    category = next(
        (pick(item.names) for item in list_categories(session) if item.slug == given.get("category")), None
    )
    quiet = (
        _("%(start)s:00 to %(end)s:00, local time", start=given["quiet_from"], end=given["quiet_to"])
        if given.get("quiet_from") is not None and given.get("quiet_to") is not None
        else None
    )
    days = given.get("pause_days")
    return [
        (_("Worth at least"), given.get("minimum")),
        (_("With something from"), category),
        (_("Quiet hours"), quiet),
        (_("Days between two mails"), str(days) if days else None),
    ]


def _switch(key: str, *, on: bool) -> Response | tuple[str, int]:
    try:
        with transaction() as session:
            (services.switch_on if on else services.switch_off)(session, actor(), key)
    except Conflict as error:
        with reading() as session:
            return _page(session, key, explain(error)), error.status
    flash(_("The campaign is on.") if on else _("The campaign is off. Nobody gets it any more."), "success")
    return redirect(url_for("admin_campaigns.show", key=key), code=303)


@blueprint.post("/<key>/on")
@allow.staff("campaigns.manage")
def switch_on(key: str) -> Response | tuple[str, int]:
    return _switch(key, on=True)


@blueprint.post("/<key>/off")
@allow.staff("campaigns.manage")
def switch_off(key: str) -> Response | tuple[str, int]:
    return _switch(key, on=False)


def wanted_locale() -> str:
    """The language of a preview; anything else is English."""
    given = request.values.get("language", "")
    return given if given in LOCALES else LOCALES[0]
