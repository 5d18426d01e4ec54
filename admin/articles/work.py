"""What waits on the editors' desk, for the home page of the console."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from admin.home.item import WorkItem, WorkRow
from core.actor import Actor
from core.i18n import _, pick
from knowledge_base.desk import count_by_state, list_in_state
from knowledge_base.models import Article

SHOWN = 4


def work(session: Session, who: Actor) -> Sequence[WorkItem]:
    """Drafts that nobody published yet, articles that readers doubt, and those that are due for a look."""
    if not who.can("articles.manage"):
        return ()
    counts = count_by_state(session)
    drafts = [*list_in_state(session, "draft"), *list_in_state(session, "changed")]
    return [
        WorkItem(
            key="article_drafts",
            title=_("Drafts to be published"),
            count=counts["draft"] + counts["changed"],
            url="/staff/articles?state=changed"
            if counts["changed"] >= counts["draft"]
            else "/staff/articles?state=draft",
            icon="pencil",
            rows=[
                WorkRow(
                    _title(article),
                    _url(article),
                    when=article.updated_at,
                    badge=_state(article),
                    tone=_tone(article),
                )
                for article in drafts[:SHOWN]
            ],
            hint=_("Readers do not see these texts yet."),
        ),
        WorkItem(
            key="articles_doubted",
            title=_("Articles that do not help"),
            count=counts["doubted"],
            url="/staff/articles?state=doubted",
            tone="warning",
            icon="message",
            rows=[
                WorkRow(_title(article), _url(article), detail=_answers(article))
                for article in list_in_state(session, "doubted")[:SHOWN]
            ],
            hint=_("Readers said no more often than yes."),
        ),
        WorkItem(
            key="articles_review",
            title=_("Articles to look at again"),
            count=counts["review"],
            url="/staff/articles?state=review&sort=review",
            icon="calendar",
            hint=_("The day on which they were to be reviewed has passed."),
        ),
    ]


def _title(article: Article) -> str:
    return pick({text.locale: text.latest.title for text in article.texts})


def _url(article: Article) -> str:
    return f"/staff/articles/{article.id}"


def _state(article: Article) -> str:
    return _("Published, newer draft") if article.is_live else _("Draft")


def _tone(article: Article) -> str:
    return "progress" if article.is_live else "neutral"


def _answers(article: Article) -> str:
    return _("%(no)s no, %(yes)s yes", no=article.unhelpful_count, yes=article.helpful_count)
