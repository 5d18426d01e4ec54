"""The audit log: who did what to which object, and whether the log itself is whole."""

from __future__ import annotations

import json
from datetime import date

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from admin.audit import words
from admin.audit.queries import AuditFilter, count_entries, list_page
from core.audit import AuditEntry, find_broken_link
from core.i18n import _, format_number
from core.transaction import reading
from core.web.context import actor
from core.web.pages import page_url, render
from core.web.policy import allow

blueprint = Blueprint("admin_audit", __name__, template_folder="templates", url_prefix="/staff/audit")


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, "")[:10])
    except ValueError:
        return None  # no day, no filter


def _seq(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(what, before, after), one line per value that the entry names."""
    before, after = entry.before or {}, entry.after or {}
    return [
        (key, _plain(before.get(key)), _plain(after.get(key)))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _plain(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@blueprint.get("")
@allow.staff("audit.read")
def index() -> str:
    wanted = AuditFilter(
        object_kind=request.args.get("kind", "").strip()[:60],
        object_id=request.args.get("id", "").strip()[:80],
        action=request.args.get("action", "").strip()[:80],
        who=request.args.get("who", "").strip()[:200],
        since=_day("since"),
        until=_day("until"),
        timezone=actor().timezone,
    )
    with reading() as session:
        page = list_page(session, wanted, before=_seq("before"), after=_seq("after"))
        return render(
            "admin_audit/index.html",
            wanted=wanted,
            words=words,
            rows=[(entry, _changes(entry)) for entry in page.entries],
            newer_url=page_url(after=page.newer, before=None) if page.newer else None,
            older_url=page_url(before=page.older, after=None) if page.older else None,
        )


@blueprint.post("/check")
@allow.staff("audit.read")
def check() -> Response:
    """Walks the whole chain of digests; the answer stands on the next page."""
    with reading() as session:
        broken = find_broken_link(session)
        count = count_entries(session)
    if broken is None:
        flash(_("All %(count)s entries are as they were written.", count=format_number(count)), "success")
    else:
        flash(
            _("The log was changed: entry %(number)s does not fit the one before it.", number=broken), "error"
        )
    return redirect(url_for("admin_audit.index"), code=303)
