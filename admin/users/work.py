"""What the members of staff ask of administrators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import Figure, WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _, format_number
from crm.identity.queries import count_users, list_awaited_staff


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    if not who.can("users.manage"):
        return ()
    found = list_awaited_staff(session, limit=51)
    return [
        WorkItem(
            key="users-invited",
            title=_("Invited colleagues who have not come yet"),
            count=len(found),
            url="/staff/users",
            icon="user",
            rows=[
                WorkRow(user.name, f"/staff/users/{user.id}", user.email, user.created_at)
                for user in found[:4]
            ],
        )
    ]


def figures(session: Session, who: Actor) -> Sequence[Figure]:
    if not who.can("users.manage"):
        return ()
    return [
        Figure(
            _("Members of staff"), format_number(count_users(session, kind="staff")), "/staff/users", "user"
        )
    ]
