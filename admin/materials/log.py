"""The log of downloads: on a page, and as a file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from flask import Response, request
from sqlalchemy.orm import Session

from admin.materials.views import MOST_PARTNERS, blueprint
from core import clock
from core.i18n import _, current_locale, pick
from core.transaction import reading
from core.web.context import actor
from core.web.csvfile import send_csv
from core.web.pages import page_url, render
from core.web.policy import allow
from crm.brochures.desk import DeskFilter, list_for_staff
from crm.customers.queries import list_accounts
from crm.partners import words
from crm.partners.downloads import PAGE, LogFilter, list_downloads, stream_downloads


def _id(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get(name, ""))
    except ValueError:
        return None  # not chosen


def _wanted() -> LogFilter:
    return LogFilter(material_id=_id("material"), account_id=_id("dealer"))


def _names(session: Session) -> dict[uuid.UUID, str]:
    accounts = list_accounts(session, actor(), kind="partner", limit=MOST_PARTNERS)
    return {account.id: account.name for account in accounts}


@blueprint.get("/downloads")
@allow.staff("materials.manage")
def downloads() -> str:
    wanted = _wanted()
    with reading() as session:
        rows = list_downloads(session, actor(), wanted, before=_id("before"), limit=PAGE + 1)
        materials, _total = list_for_staff(session, actor(), DeskFilter())
        return render(
            "admin_materials/downloads.html",
            rows=rows[:PAGE],
            older_url=page_url(before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
            newer_url=page_url(before=None) if _id("before") else None,
            wanted=wanted,
            materials=[(str(material.id), pick(material.titles)) for material in materials],
            accounts=_names(session),
            words=words,
        )


@blueprint.get("/downloads.csv")
@allow.staff("materials.manage")
def export() -> Response:
    """Everything that the filters leave, newest first."""
    wanted, who, locale = _wanted(), actor(), current_locale()
    head = [
        _("Time (UTC)"),
        _("Dealer"),
        _("Person"),
        _("Material"),
        _("Version"),
        _("Language"),
        _("With logo"),
    ]
    yes, no = _("yes"), _("no")

    with reading() as session:
        names = _names(session)

    def rows() -> Iterator[list[object]]:
        with reading() as session:
            for line in stream_downloads(session, who, wanted):
                yield [
                    f"{line.at:%Y-%m-%d %H:%M:%S}", names.get(line.account_id, ""), line.person,
                    pick(line.material.titles, locale), line.number, line.language, yes if line.is_co_branded else no,
                ]  # fmt: skip

    return send_csv(f"downloads-{clock.now():%Y-%m-%d}.csv", head, rows())
