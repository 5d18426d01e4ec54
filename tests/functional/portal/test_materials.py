"""Dealers find material, see it with their own logo and fetch it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit import AuditEntry
from core.db.engine import new_session
from core.files import keep, record
from core.files.kinds import DOCUMENTS
from crm.partners.models import TERMS_VERSION, MaterialDownload, MaterialVersion, PartnerProfile
from tests.factories.goods import make_category, make_product
from tests.factories.partners import account_of, make_material, make_partner, png
from tests.factories.people import make_customer, sign_in
from tests.factories.web import post


@pytest.fixture
def session() -> Iterator[Session]:
    """For preparing and looking: it holds no transaction around the requests, some of which are refused."""
    found = new_session(write=True)
    yield found
    found.close()


def _titles(page: str) -> list[str]:
    return [
        part.split("<")[0]
        for part in page.split('class="material-name"><a href="')[1:]
        for part in [part.split(">", 1)[1]]
    ]


def test_filters_in_the_address_narrow_the_list(session: Session, client: FlaskClient) -> None:
    coffee, air = make_category(session, slug="coffee"), make_category(session, slug="air")
    machine = make_product(session, category=coffee, slug="machine-one")
    purifier = make_product(session, category=air)
    make_material(session, titles={"en": "Coffee brochure", "zh-Hant": "咖啡型錄"}, products=(machine,))
    make_material(session, titles={"en": "Air brochure"}, products=(purifier,), languages=("en",))
    make_material(
        session,
        titles={"en": "All prices"},
        kind="price_list",
        template="prices",
        products=(machine, purifier),
    )
    sign_in(client, make_partner(session))
    assert sorted(_titles(client.get("/materials").text)) == ["Air brochure", "All prices", "Coffee brochure"]
    assert _titles(client.get("/materials?kind=price_list").text) == ["All prices"]
    assert sorted(_titles(client.get("/materials?language=zh-Hant").text)) == [
        "All prices",
        "Coffee brochure",
    ]
    assert sorted(_titles(client.get("/materials?product=air").text)) == ["Air brochure", "All prices"]
    assert _titles(client.get("/materials?product=machine-one&language=zh-Hant&kind=brochure").text) == [
        "Coffee brochure"
    ]
    assert _titles(client.get("/materials?q=coffee").text) == ["Coffee brochure"]
    assert _titles(client.get("/materials?q=咖啡").text) == ["Coffee brochure"]
    nothing = client.get("/materials?q=zzzz")
    assert nothing.status_code == 200
    assert "Nothing fits" in nothing.text


@pytest.mark.parametrize(
    "address", ["?kind=nonsense", "?page=-1", "?page=99999", "?product=%F0%9F%92%A9", "?q=%25%27%22%28"]
)
def test_odd_addresses_are_no_error(session: Session, client: FlaskClient, address: str) -> None:
    sign_in(client, make_partner(session))
    assert client.get(f"/materials{address}").status_code == 200


def test_the_page_shows_version_language_and_the_partners_own_logo(
    session: Session, client: FlaskClient
) -> None:
    product = make_product(session, names={"en": "Concert 310"})
    material = make_material(session, products=(product,), expires_at=clock.now() + timedelta(days=30))
    sign_in(client, make_partner(session, logo=True))
    page = client.get(f"/materials/{material.slug}?language=zh-Hans").text
    assert 'aria-current="true">简体中文' in page
    assert "With your logo and contact lines." in page
    assert "Concert 310" in page
    picture = client.get(f"/materials/{material.slug}/zh-Hans/1.png?size=s")
    assert picture.mimetype == "image/png"
    assert picture.headers["Content-Disposition"].startswith("inline")
    shown = Image.open(io.BytesIO(picture.data)).convert("RGB")
    band = shown.crop((0, round(shown.height * 0.9), shown.width // 2, shown.height))
    assert (200, 80, 50) in {color for _count, color in band.getcolors(1 << 20) or []}
    assert client.get(f"/materials/{material.slug}/zh-Hans/9.png").status_code == 404
    assert client.get(f"/materials/{material.slug}/zh-Hans/1.png?size=xxl").status_code == 404
    assert client.get(f"/materials/{material.slug}/fr/1.png").status_code == 404


def test_a_download_is_a_named_file_and_stands_in_the_log(session: Session, client: FlaskClient) -> None:
    material = make_material(
        session, titles={"en": "Coffee", "zh-Hant": "咖啡機系列"}, products=(make_product(session),)
    )
    user = make_partner(session, name="Dawn & Sons")
    sign_in(client, user)
    answer = post(client, f"/materials/{material.slug}/download", {"language": "zh-Hant"})
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    name = answer.headers["Content-Disposition"]
    assert name.startswith("attachment;")
    assert "filename*=UTF-8''%E5%92%96%E5%95%A1" in name
    assert "v1.pdf" in name
    assert "Dawn&Sons" in "".join(PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().split())
    row = session.scalars(select(MaterialDownload)).one()
    assert (row.user_id, row.language, row.is_co_branded) == (user.id, "zh-Hant", True)
    assert row.account_id == account_of(session, user).id
    assert row.version_id == next(one.id for one in material.versions if one.language == "zh-Hant")
    assert "You have it" in client.get("/materials?language=zh-Hant").text
    assert client.get(f"/materials/{material.slug}/download").status_code == 303


def test_the_newest_published_version_is_given_and_marked_as_new(
    session: Session, client: FlaskClient
) -> None:
    material = make_material(session, languages=("en",))
    user = make_partner(session)
    sign_in(client, user)
    post(client, f"/materials/{material.slug}/download", {"language": "en"})
    draft = MaterialVersion(
        material=material, language="en", number=2, template="range", texts=material.versions[0].texts
    )
    session.add(draft)
    session.flush()
    assert "New version" not in client.get("/materials").text
    draft.published_at = clock.now()
    draft.note = "Two more machines"
    session.flush()
    assert "New version" in client.get("/materials").text
    assert "Two more machines" in client.get(f"/materials/{material.slug}").text
    assert "Two more machines" in client.get("/").text
    post(client, f"/materials/{material.slug}/download", {"language": "en"})
    assert [
        row.version_id for row in session.scalars(select(MaterialDownload).order_by(MaterialDownload.at))
    ][-1] == draft.id


def test_news_is_what_came_out_in_the_readers_language(session: Session, client: FlaskClient) -> None:
    early, late = (
        make_material(session, titles={"en": name, "zh-Hant": name}, languages=("en", "zh-Hant"))
        for name in ("Early", "Late")
    )
    for material, days in ((early, 20), (late, 10)):
        for version in material.versions:
            version.published_at = clock.now() - timedelta(days=days)
    foreign = MaterialVersion(
        material=early, language="zh-Hant", number=2, template="range", texts=early.versions[0].texts,
        published_at=clock.now() - timedelta(days=1), note="Nur für andere",
    )  # fmt: skip
    session.add(foreign)
    session.flush()
    user = make_partner(session)
    sign_in(client, user)
    page = client.get("/").text
    assert "Nur für andere" not in page
    assert page.index("Late") < page.index("Early")
    user.locale = "zh-Hant"
    session.flush()
    page = client.get("/").text
    assert page.index("Early") < page.index("Late")


def test_a_finished_file_is_saved_under_the_title_and_version(session: Session, client: FlaskClient) -> None:
    material = make_material(session, titles={"en": "Coffee"}, languages=())
    kept = keep(io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "final_FINAL3.pdf", kinds=DOCUMENTS, largest=1000)
    session.add(
        MaterialVersion(
            material=material, language="en", number=4, texts={}, file=record(session, kept),
            published_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()
    sign_in(client, make_partner(session))
    with post(client, f"/materials/{material.slug}/download", {"language": "en"}) as answer:
        assert answer.headers["Content-Disposition"] == 'attachment; filename="Coffee - v4.pdf"'


def test_terms_come_first(session: Session, client: FlaskClient) -> None:
    material = make_material(session)
    user = make_partner(session, accepted=False)
    sign_in(client, user)
    for path in ("/materials", f"/materials/{material.slug}", "/materials/profile"):
        assert client.get(path).headers["Location"] == "/materials/terms"
    assert client.get(f"/materials/{material.slug}/en/1.png").status_code == 403
    assert post(client, f"/materials/{material.slug}/download", {"language": "en"}).status_code == 403
    assert post(client, "/materials/profile", {"public_name": "X"}).status_code == 403
    assert post(client, "/materials/terms", {"version": TERMS_VERSION}).status_code == 422
    changed = post(client, "/materials/terms", {"version": "1999-01", "agreed": "y"})
    assert changed.status_code == 409
    assert "The terms have changed in the meantime" in changed.text
    assert post(client, "/materials/terms", {"version": TERMS_VERSION, "agreed": "y"}).status_code == 303
    assert client.get("/materials").status_code == 200
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "partner.terms_accepted")).one()
    assert entry.after == {"version": TERMS_VERSION}


def test_the_profile_keeps_what_was_typed_and_says_what_is_wrong(
    session: Session, client: FlaskClient
) -> None:
    user = make_partner(session)
    sign_in(client, user)
    wrong = post(
        client,
        "/materials/profile",
        {
            "public_name": "Dawn",
            "address": "a\nb\nc\nd\ne",
            "email": "no address",
            "web": "not a web address",
        },
    )
    assert wrong.status_code == 422
    for text in ("At most 4 lines", "An address such as www.example.com", "not a web address"):
        assert text in wrong.text
    fine = post(
        client,
        "/materials/profile",
        {
            "public_name": " Dawn  Coffee ", "address": "Quay 3\r\n\r\n20457 Hamburg", "email": "Hello@Dawn.example",
            "web": "www.dawn.example", "languages": ["zh-Hans", "en"], "logo": (io.BytesIO(png()), "logo.svg"),
        },
        content_type="multipart/form-data",
    )  # fmt: skip
    assert fine.status_code == 303
    session.expire_all()
    profile = session.get(PartnerProfile, account_of(session, user).id)
    assert profile is not None
    assert (profile.public_name, profile.address, profile.languages) == (
        "Dawn Coffee",
        "Quay 3\n20457 Hamburg",
        ["en", "zh-Hans"],
    )
    assert profile.logo is not None
    assert profile.logo.media_type == "image/png"
    logo = client.get("/materials/profile/logo.png", buffered=True)
    assert logo.data.startswith(b"\x89PNG")
    assert post(client, "/materials/profile", {"public_name": "Dawn", "without_logo": "y"}).status_code == 303
    session.expire_all()
    assert session.get(PartnerProfile, profile.account_id).logo_id is None  # type: ignore[union-attr]
    assert client.get("/materials/profile/logo.png").status_code == 404


def test_menus_show_material_to_dealers_alone(session: Session, flask_app: Flask) -> None:
    dealer, customer, visitor = flask_app.test_client(), flask_app.test_client(), flask_app.test_client()
    sign_in(dealer, make_partner(session))
    sign_in(customer, make_customer(session))
    assert 'href="/materials"' in dealer.get("/shop").text
    for client in (customer, visitor):
        assert 'href="/materials"' not in client.get("/shop").text
        assert "/partners" in client.get("/shop").text
        assert client.get("/partners").status_code == 200


@pytest.mark.parametrize(
    ("locale", "word"), [("en", "Materials"), ("zh-Hant", "行銷素材"), ("zh-Hans", "营销素材")]
)
def test_pages_speak_three_languages(session: Session, client: FlaskClient, locale: str, word: str) -> None:
    make_material(session)
    user = make_partner(session)
    user.locale = locale
    session.flush()
    sign_in(client, user)
    assert f">{word}</h1>" in client.get("/materials").text.replace("\n", "")
