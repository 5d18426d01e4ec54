"""What waits at the material desk: drafts to be published, and what is over soon."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _, pick
from crm.brochures.desk import list_drafts, list_ending
from crm.partners import words


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    if not who.can("materials.manage"):
        return []
    drafts, waiting = list_drafts(session, who)
    ending, soon = list_ending(session, who)
    return [
        WorkItem(
            "material_drafts",
            _("Versions to be published"),
            waiting,
            "/staff/materials",
            icon="file",
            rows=[
                WorkRow(
                    pick(draft.material.titles),
                    f"/staff/materials/versions/{draft.id}",
                    _("Version %(number)s", number=draft.number) + " · " + words.language(draft.language),
                    draft.created_at,
                )
                for draft in drafts
            ],
        ),
        WorkItem(
            "material_ending",
            _("Materials that are over within a month"),
            soon,
            "/staff/materials?state=published",
            tone="warning",
            icon="calendar",
            rows=[
                WorkRow(pick(item.titles), f"/staff/materials/{item.id}", words.kind(item), item.expires_at)
                for item in ending
            ],
        ),
    ]
