"""Where staff start: what waits for them by what they may do, and a few numbers that are true."""

from __future__ import annotations

from flask import Blueprint

from admin.home.figures import list_figures
from admin.home.work import list_work
from core.i18n import N_, _, ngettext
from core.transaction import reading
from core.web.context import actor
from core.web.pages import render
from core.web.policy import allow

blueprint = Blueprint("staff_home", __name__, template_folder="templates")

ROLES = {
    "agent": N_("Service"),
    "supervisor": N_("Service, supervision"),
    "editor": N_("Content"),
    "marketer": N_("Marketing"),
    "partner_manager": N_("Dealers"),
    "analyst": N_("Analysis"),
    "administrator": N_("Administration"),
}


@blueprint.get("/staff")
@allow.staff()
def home() -> str:
    who = actor()
    with reading() as session:
        board = list_work(session, who)
        urgent = sum(item.count for item in board.waiting if item.tone == "error")
        return render(
            "admin_home/home.html",
            board=board,
            figures=list_figures(session, who),
            roles=[_(ROLES[role]) for role in ROLES if role in who.roles],
            summary=ngettext("%(num)s thing cannot wait.", "%(num)s things cannot wait.", urgent)
            if urgent
            else "",
        )
