"""What waits at the material desk: drafts to be published, and what is over soon."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _, pick
from crm.brochures.desk import list_ending, list_waiting
from crm.partners import words


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    if not who.can("materials.manage"):
        return []
    drafts, waiting = list_waiting(session, who)
    ending, soon = list_ending(session, who)
    return [
        WorkItem(
            "material_drafts",
            _("Materials with a version to publish"),
            waiting,
            "/staff/materials?state=waiting",
            icon="file",
            rows=[
                WorkRow(
                    pick(item.titles),
                    f"/staff/materials/{item.id}",
                    " · ".join(
                        words.language(draft.language) for draft in item.versions if not draft.published_at
                    ),
                    min(draft.created_at for draft in item.versions if not draft.published_at),
                )
                for item in drafts
            ],
        ),
        WorkItem(
            "material_ending",
            _("Materials that are over within a month"),
            soon,
            "/staff/materials?state=ending",
            tone="warning",
            icon="calendar",
            rows=[
                WorkRow(pick(item.titles), f"/staff/materials/{item.id}", words.kind(item), item.expires_at)
                for item in ending
            ],
        ),
    ]
