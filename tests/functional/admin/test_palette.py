"""One box finds every kind of record, each only for those whose work it is."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories.articles import make_article
from tests.factories.campaigns import make_campaign
from tests.factories.partners import make_material
from tests.factories.people import make_account, make_staff, sign_in


def _kinds(client: FlaskClient, text: str) -> set[tuple[str, str]]:
    """(what is found, its kind)."""
    return {(entry["label"], entry["kind"]) for entry in client.get(f"/staff/palette?q={text}").json}


def test_articles_campaigns_and_materials_are_found_by_a_word(session: Session, client: FlaskClient) -> None:
    make_article(session, "Left for the holidays")
    make_material(session, titles={"en": "Left hand brochure"}, languages=("en",))
    make_campaign(session, state="on")
    make_account(session, name="Left Bank Bakery")
    sign_in(client, make_staff(session, "administrator"))
    kinds = {kind for _label, kind in _kinds(client, "left")}
    assert {"Article", "Campaign", "Material", "Customer"} <= kinds
    page = client.get("/staff/search?q=left").text
    for words in ("Left for the holidays", "Left hand brochure", "Cart left behind", "Left Bank Bakery"):
        assert words in page


def test_an_editor_finds_articles_and_no_campaign_or_customer(session: Session, client: FlaskClient) -> None:
    make_article(session, "Left for the holidays")
    make_material(session, titles={"en": "Left hand brochure"}, languages=("en",))
    make_campaign(session, state="on")
    make_account(session, name="Left Bank Bakery")
    sign_in(client, make_staff(session, "editor"))
    assert {kind for _label, kind in _kinds(client, "left")} == {"Article"}
