"""Staff make versions, publish and take back, and read the log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit import AuditEntry
from core.db.engine import new_session
from core.web.csvfile import plain
from crm.partners.models import Material, MaterialDownload, MaterialVersion
from tests.factories.goods import make_category, make_product
from tests.factories.partners import account_of, make_material, make_partner, png
from tests.factories.people import make_staff, sign_in
from tests.factories.web import post

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
FIELDS = {
    "kind": "brochure",
    "audience": "all",
    "title_en": "Coffee for offices",
    "title_zh_hant": "辦公室咖啡",
}
TEXTS = {
    "template": "range", "language": "en", "headline": "The place where teams meet", "lead": "For ten to one hundred people.",
    "points": "Eighty cups: Large tanks.\nMilk：Fresh.", "closing": "Ask us.", "note": "First one",
}  # fmt: skip


@pytest.fixture
def session() -> Iterator[Session]:
    """For preparing and looking: it holds no transaction around the requests, some of which are refused."""
    found = new_session(write=True)
    yield found
    found.close()


def _manager(session: Session, client: FlaskClient) -> FlaskClient:
    return sign_in(client, make_staff(session, "partner_manager"))


def test_from_a_new_material_to_what_a_dealer_gets(session: Session, flask_app: Flask) -> None:
    staff, dealer = _manager(session, flask_app.test_client()), flask_app.test_client()
    sign_in(dealer, make_partner(session))
    category = make_category(session, slug="coffee")
    product = make_product(session, category=category, sku="AH-CM-410")
    answer = post(
        staff, "/staff/materials/new", {**FIELDS, "categories": ["coffee"], "products": "ah-cm-410"}
    )
    assert answer.status_code == 303
    material = session.scalars(select(Material)).one()
    assert (material.slug, material.state(clock.now())) == ("coffee-for-offices", "draft")
    assert [link.product_id for link in material.links if link.product_id] == [product.id]
    made = post(staff, f"/staff/materials/{material.id}/versions/template", TEXTS)
    version = session.scalars(select(MaterialVersion)).one()
    assert made.headers["Location"] == f"/staff/materials/versions/{version.id}"
    assert version.texts["points"] == [
        {"title": "Eighty cups", "text": "Large tanks."}, {"title": "Milk", "text": "Fresh."},
    ]  # fmt: skip
    assert "Coffee for offices" not in dealer.get("/materials").text
    assert staff.get(f"/staff/materials/versions/{version.id}/1.png?size=s").data.startswith(b"\x89PNG")
    assert (
        post(staff, f"/staff/materials/versions/{version.id}", {**TEXTS, "headline": "Better"}).status_code
        == 303
    )
    assert post(staff, f"/staff/materials/versions/{version.id}/publish").status_code == 303
    assert "Coffee for offices" in dealer.get("/materials").text
    again = post(staff, f"/staff/materials/versions/{version.id}/publish")
    assert again.status_code == 303
    late = post(staff, f"/staff/materials/versions/{version.id}", {**TEXTS, "headline": "Too late"})
    assert late.status_code == 409
    session.expire_all()
    assert version.texts["headline"] == "Better"
    assert post(staff, f"/staff/materials/{material.id}/expire").status_code == 303
    assert "Coffee for offices" not in dealer.get("/materials").text
    assert dealer.get(f"/materials/{material.slug}").status_code == 404
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {
        "material.created",
        "material.version_added",
        "material.version_published",
        "material.expired",
    } <= actions


def test_an_uploaded_file_is_the_next_version_and_comes_unchanged(session: Session, flask_app: Flask) -> None:
    staff, dealer = _manager(session, flask_app.test_client()), flask_app.test_client()
    sign_in(dealer, make_partner(session, logo=True))
    material = make_material(session, languages=("en",))
    answer = post(
        staff,
        f"/staff/materials/{material.id}/versions/file",
        {"language": "en", "note": "From the agency", "file": (io.BytesIO(PDF), "../../Brochure 2.exe")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    version = session.scalars(select(MaterialVersion).where(MaterialVersion.number == 2)).one()
    assert version.file is not None
    assert version.file.name == "Brochure 2.exe.pdf"
    post(staff, f"/staff/materials/versions/{version.id}/publish")
    session.expire_all()
    got = post(dealer, f"/materials/{material.slug}/download", {"language": "en"}, buffered=True)
    assert got.data == PDF
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert session.scalars(select(MaterialDownload)).one().is_co_branded is False


def test_what_is_missing_or_wrong_is_said_at_its_field(session: Session, client: FlaskClient) -> None:
    _manager(session, client)
    material = make_material(session)
    assert (
        "give a title"
        in post(client, "/staff/materials/new", {**FIELDS, "title_en": "", "title_zh_hant": ""}).text
    )
    unknown = post(client, "/staff/materials/new", {**FIELDS, "products": "NO-SUCH-1"})
    assert unknown.status_code == 422
    assert "NO-SUCH-1" in unknown.text
    dates = post(
        client, "/staff/materials/new", {**FIELDS, "published_on": "2030-05-02", "expires_on": "2030-05-01"}
    )
    assert dates.status_code == 422
    assert "The last day lies before the first one" in dates.text
    long = post(client, f"/staff/materials/{material.id}/versions/template", {**TEXTS, "headline": "字" * 40})
    assert long.status_code == 422
    assert "48 characters fit" in long.text
    points = post(
        client, f"/staff/materials/{material.id}/versions/template", {**TEXTS, "points": "no colon here"}
    )
    assert "At most 3 lines" in points.text
    empty = post(client, f"/staff/materials/{material.id}/versions/file", {"language": "en"})
    assert empty.status_code == 422
    assert session.scalars(select(MaterialVersion).where(MaterialVersion.number == 2)).all() == []


def test_days_of_the_form_are_whole_days_and_stay_as_they_are(session: Session, client: FlaskClient) -> None:
    staff = make_staff(session, "partner_manager")
    staff.timezone = "Asia/Taipei"
    session.flush()
    sign_in(client, staff)
    material = make_material(session)
    held = material.published_at
    assert held is not None
    form = {
        **FIELDS,
        "published_on": (held + timedelta(hours=8)).date().isoformat(),
        "expires_on": "2031-03-05",
    }
    assert post(client, f"/staff/materials/{material.id}", form).status_code == 303
    session.expire_all()
    assert material.published_at == held
    assert material.expires_at is not None
    assert material.expires_at.isoformat() == "2031-03-05T16:00:00+00:00"
    assert 'value="2031-03-05"' in client.get(f"/staff/materials/{material.id}").text


def test_the_log_and_its_csv_name_who_fetched_what(session: Session, client: FlaskClient) -> None:
    user = make_partner(session, name="=HYPERLINK(1)")
    user.name = "@SUM(A1)"
    material = make_material(session, titles={"en": "+49 prices"}, languages=("en",))
    session.add(
        MaterialDownload(
            material_id=material.id, version_id=material.versions[0].id, language="en",
            account_id=account_of(session, user).id, user_id=user.id, is_co_branded=True,
        )
    )  # fmt: skip
    session.flush()
    _manager(session, client)
    assert "@SUM(A1)" in client.get("/staff/materials/downloads").text
    answer = client.get("/staff/materials/downloads.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[1][1:] == ["'=HYPERLINK(1)", "'@SUM(A1)", "'+49 prices", "1", "en", "yes"]
    other = make_partner(session, name="Other")
    assert (
        len(
            client.get(
                f"/staff/materials/downloads.csv?dealer={account_of(session, other).id}"
            ).text.splitlines()
        )
        == 1
    )


def test_cells_that_could_be_formulas_become_text() -> None:
    for cell in ("=1", "+1", "-1", "@A", "\t=1", ' "=1', ";=1", "＝1", "|calc", "%0A"):
        assert plain(cell).startswith("'"), cell
    assert plain("two\r\n=lines") == "two =lines"
    assert plain("Café 12 - 3") == "Café 12 - 3"
    assert plain(None) == ""


def test_dealers_have_a_page_with_their_logo_and_what_they_fetched(
    session: Session, client: FlaskClient
) -> None:
    user = make_partner(session, name="Dawn", logo=True)
    waiting = make_partner(session, name="Waiting", accepted=False)
    account = account_of(session, user)
    _manager(session, client)
    listed = client.get("/staff/partners").text
    assert "Dawn" in listed
    assert "Not yet" in listed
    page = client.get(f"/staff/partners/{account.id}")
    assert "20457 Hamburg" in page.text
    assert client.get(f"/staff/partners/{account.id}/logo.png", buffered=True).data.startswith(b"\x89PNG")
    assert post(client, f"/staff/partners/{account.id}/logo/remove").status_code == 303
    assert client.get(f"/staff/partners/{account.id}/logo.png").status_code == 404
    assert client.get(f"/staff/partners/{account_of(session, waiting).id}").status_code == 200


def test_the_home_page_tells_what_waits_at_the_desk(session: Session, client: FlaskClient) -> None:
    material = make_material(session, versions_out=False, languages=("en",), titles={"en": "A draft of mine"})
    make_material(session, expires_at=clock.now() + timedelta(days=5), titles={"en": "Ends soon"})
    _manager(session, client)
    page = client.get("/staff").text
    assert "A draft of mine" in page
    assert f'href="/staff/materials/{material.id}"' in page
    waiting = client.get("/staff/materials?state=waiting").text
    assert "A draft of mine" in waiting and "Ends soon" not in waiting
    ending = client.get("/staff/materials?state=ending").text
    assert "Ends soon" in ending and "A draft of mine" not in ending
    assert "Ends soon" in page


def test_a_picture_that_was_uploaded_is_shown_small(session: Session, client: FlaskClient) -> None:
    _manager(session, client)
    material = make_material(session, kind="picture", template="picture", languages=("en",))
    post(
        client,
        f"/staff/materials/{material.id}/versions/file",
        {"language": "en", "file": (io.BytesIO(png(2000, 1000)), "photo.png")},
        content_type="multipart/form-data",
    )
    version = session.scalars(select(MaterialVersion).where(MaterialVersion.number == 2)).one()
    shown = client.get(f"/staff/materials/versions/{version.id}/1.png?size=s")
    assert shown.status_code == 200
    assert shown.data.startswith(b"\x89PNG")
