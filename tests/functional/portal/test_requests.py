"""Requests as a customer meets them: filing, reading, answering, closing."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.files import StoredFile
from core.mail import Mail
from core.transaction import reading, transaction
from crm.customers.actors import load_actor
from crm.identity.models import User
from crm.service import work
from crm.service.models import Case, CaseAttachment, CaseContext, CaseEvent
from knowledge_base.models import ArticleCategory
from knowledge_base.services import Words, create_article, publish
from knowledge_base.settings import Settings
from tests.factories.cases import add_entry, make_case
from tests.factories.goods import make_product
from tests.factories.jobs import run_jobs
from tests.factories.orders import make_line, make_order
from tests.factories.people import make_account, make_staff, make_user, sign_in
from tests.factories.web import csrf_token, post

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "5e2fa4050000000049454e44ae426082"
)


def _customer(client: FlaskClient, **values: object) -> User:
    with transaction() as session:
        user = make_user(session, account=make_account(session), **values)  # type: ignore[arg-type]
    sign_in(client, user)
    return user


def _file(
    client: FlaskClient, data: dict[str, object], *files: tuple[bytes, str], url: str = "/requests/new"
) -> TestResponse:
    return client.post(
        url,
        data={
            "csrf_token": csrf_token(client),
            **data,
            "files": [(io.BytesIO(body), name) for body, name in files],
        },
        content_type="multipart/form-data",
    )


QUESTION = {
    "kind": "question",
    "subject": "Which grinder fits?",
    "text": "I have the small machine.",
    "offered": "1",
}


def test_a_question_is_filed_confirmed_and_shown(client: FlaskClient) -> None:
    user = _customer(client)
    answer = _file(client, QUESTION, (PNG, "../../<b>machine.png"))
    assert answer.status_code == 303
    with reading() as session:
        case = session.scalars(select(Case)).one()
        file = session.scalars(select(StoredFile)).one()
        assert (case.user_id, case.kind, case.state) == (user.id, "question", "new")
        assert (file.name, file.media_type) == ("bmachine.png", "image/png")
    assert answer.headers["Location"] == f"/requests/{case.reference}"
    page = client.get(answer.headers["Location"]).text
    assert "Which grinder fits?" in page and "I have the small machine." in page and "We reply by" in page
    assert "bmachine.png" in page
    run_jobs()
    with reading() as session:
        mail = session.scalars(select(Mail)).one()
    assert (mail.recipient, mail.kind) == (user.email, "request-received")
    assert case.reference in mail.subject and f"/requests/{case.reference}" in mail.text
    assert f"/requests/{case.reference}" in (mail.html or "")


def test_sending_the_same_form_twice_files_one_request(client: FlaskClient) -> None:
    _customer(client)
    page = client.get("/requests/new?kind=question").text
    found = re.search(r'name="key"[^>]* value="([0-9a-f]{32})"', page)
    assert found is not None
    first = _file(client, {**QUESTION, "key": found[1]})
    second = _file(client, {**QUESTION, "key": found[1]})
    assert first.headers["Location"] == second.headers["Location"]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_the_form_is_filled_in_from_an_order_line(client: FlaskClient) -> None:
    user = _customer(client)
    with transaction() as session:
        account_id = load_actor(session, user.id).account_id  # type: ignore[union-attr]
        product = make_product(session, names={"en": "Crema One"})
        order = make_order(
            session, user=user, account=None, account_id=account_id, lines=[make_line(product, 3)]
        )
    kinds = client.get(f"/requests/new?order={order.number}&line={order.lines[0].id}").text
    assert "Crema One" in kinds and f"line={order.lines[0].id}" in kinds
    page = client.get(f"/requests/new?kind=return&order={order.number}&line={order.lines[0].id}").text
    assert "Crema One" in page and order.number in page
    assert re.search(r'name="quantity"[^>]* value="3"', page)
    data = {
        "kind": "return", "subject": "Too big", "text": "It does not fit.", "reason": "changed_mind", "quantity": "3",
        "line": str(order.lines[0].id), "offered": "1",
    }  # fmt: skip
    assert _file(client, data).status_code == 303
    with reading() as session:
        case = session.scalars(select(Case)).one()
    assert (case.order_id, case.order_line_id, case.product_id) == (order.id, order.lines[0].id, product.id)
    assert case.fields == {"reason": "changed_mind", "quantity": 3}


def test_what_was_typed_and_handed_in_survives_a_mistake(client: FlaskClient) -> None:
    _customer(client)
    data = {
        "kind": "repair",
        "subject": "Drips",
        "text": "A small lake.",
        "serial_number": "EM-1",
        "symptom": "",
    }
    answer = _file(client, data, (PNG, "lake.png"), (b"<svg onload=alert(1)>", "bad.svg"))
    assert answer.status_code == 422
    for kept in ("Drips", "A small lake.", "EM-1", "lake.png", "bad.svg"):
        assert kept in answer.text, kept
    note = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert note is not None
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
    answer = _file(client, {**data, "symptom": "leaks", "kept": note[1], "offered": "1"})
    assert answer.status_code == 303
    with reading() as session:
        assert session.scalars(select(StoredFile.name)).all() == ["lake.png"]


def test_a_kept_file_can_be_left_out_and_its_note_is_worth_nothing_to_others(client: FlaskClient) -> None:
    _customer(client)
    wrong = {"kind": "question", "subject": "", "text": "x"}
    answer = _file(client, wrong, (PNG, "mine.png"))
    note = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert note is not None
    left = _file(client, {**wrong, "kept": note[1], "drop": note[1]})
    assert "mine.png" not in left.text
    stranger = client.application.test_client()
    _customer(stranger)
    theirs = _file(stranger, {**wrong, "kept": note[1]})
    assert theirs.status_code == 422 and "mine.png" not in theirs.text
    altered = _file(client, {**wrong, "kept": note[1][:-3] + "AAA"})
    assert "mine.png" not in altered.text


def test_the_conversation_goes_on_until_the_solution_is_accepted(client: FlaskClient) -> None:
    user = _customer(client)
    with transaction() as session:
        account_id = load_actor(session, user.id).account_id  # type: ignore[union-attr]
        agent = load_actor(session, make_staff(session, "agent", name="Agent Zero").id)
        assert agent is not None
        case = make_case(session, user=user, account_id=account_id)
        work.reply(session, actor=agent, case_id=case.id, text="Please try the other socket.", then="solved")
    url = f"/requests/{case.reference}"
    page = client.get(url).text
    assert "Please try the other socket." in page and "Solution proposed" in page and "Agent Zero" not in page
    version = _version(page)
    refused = post(client, f"{url}/reject", {"version": version, "text": ""})
    assert refused.status_code == 422
    assert post(client, f"{url}/reject", {"version": version, "text": "Same there."}).status_code == 303
    assert post(client, f"{url}/accept", {"version": version}).status_code == 409
    with transaction() as session:
        work.reply(session, actor=agent, case_id=case.id, text="A new cable comes.", then="solved")
    version = _version(client.get(url).text)
    assert post(client, f"{url}/accept", {"version": version, "rating": "9"}).status_code == 422
    assert post(client, f"{url}/accept", {"version": version, "rating": "4"}).status_code == 303
    page = client.get(url).text
    assert "Closed" in page and "Open it again" in page
    assert post(client, f"{url}/reopen", {"version": _version(page), "text": "It broke."}).status_code == 303
    with reading() as session:
        kinds = session.scalars(
            select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at)
        ).all()
        assert kinds == ["opened", "solution", "rejected", "solution", "accepted", "reopened"]


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]* value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_reply_with_a_wrong_file_keeps_the_text(client: FlaskClient) -> None:
    user = _customer(client)
    with transaction() as session:
        account_id = load_actor(session, user.id).account_id  # type: ignore[union-attr]
        case = make_case(session, user=user, account_id=account_id, state="waiting_customer")
    url = f"/requests/{case.reference}/replies"
    answer = _file(client, {"text": "Here is the film"}, (b"\x00\x01nonsense", "film.mov"), url=url)
    assert answer.status_code == 422 and "Here is the film" in answer.text
    answer = _file(client, {"text": "Here is the log"}, (b"all good", "log.txt"), url=url)
    assert answer.status_code == 303
    with reading() as session:
        attached = session.scalars(select(CaseAttachment)).one()
        assert session.get_one(Case, case.id).state == "open"
    served = client.get(f"/requests/{case.reference}/files/{attached.id}")
    assert (served.status_code, served.data) == (200, b"all good")
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    served.close()


@pytest.mark.parametrize(
    "state", ["?state=open", "?kind=repair", "?q=zebra", "?state=nonsense&kind=%27", "?after=xx"]
)
def test_the_list_is_filtered_by_its_address(client: FlaskClient, state: str) -> None:
    user = _customer(client)
    with transaction() as session:
        account_id = load_actor(session, user.id).account_id  # type: ignore[union-attr]
        make_case(session, user=user, account_id=account_id, subject="Zebra leaks", kind="repair")
        make_case(session, user=user, account_id=account_id, subject="Old giraffe", state="closed")
    answer = client.get(f"/requests{state}")
    if "after" in state:
        assert answer.status_code == 400
        return
    assert answer.status_code == 200
    assert "Zebra leaks" in answer.text
    assert ("Old giraffe" in answer.text) is (state.startswith("?state=nonsense"))


def test_a_company_sees_its_requests_and_may_choose_its_own(client: FlaskClient) -> None:
    with transaction() as session:
        account = make_account(session)
        manager = make_user(session, account=account, role="company_administrator", scope="company")
        barista = make_user(session, account=account, name="Head barista")
        make_case(session, user=manager, account=account, subject="From the office")
        make_case(session, user=barista, account=account, subject="From the bar")
    sign_in(client, manager)
    everybody = client.get("/requests").text
    assert "From the office" in everybody and "From the bar" in everybody and "Head barista" in everybody
    mine = client.get("/requests?person=me").text.partition('id="results"')[2]
    assert "From the office" in mine and "From the bar" not in mine


def test_what_was_read_before_asking_is_kept(client: FlaskClient) -> None:
    _customer(client)
    with transaction() as session:
        editor = load_actor(session, make_staff(session, "editor").id)
        assert editor is not None
        shelf = ArticleCategory(slug="grinders", names={"en": "Grinders"})
        session.add(shelf)
        session.flush()
        words = Words("Which grinder fits which machine", "A table of both.", "All of them do.")
        article = create_article(
            session,
            actor=editor,
            settings=Settings(shelf.id),
            locale="en",
            words=words,
            slug="find-the-grinder",
        )
        publish(session, actor=editor, article_id=article.id, locale="en", base=1)
    page = client.get("/requests/new?kind=question&article=find-the-grinder").text
    assert "Which grinder fits which machine" in page and "checked" in page
    answer = _file(client, {**QUESTION, "read": "find-the-grinder"})
    assert answer.status_code == 303
    with reading() as session:
        read = session.scalars(select(CaseContext)).one()
    assert (read.kind, read.object_id, read.title) == (
        "article",
        str(article.id),
        "Which grinder fits which machine",
    )


def test_entries_of_staff_do_not_show_where_they_are_internal(client: FlaskClient) -> None:
    user = _customer(client)
    with transaction() as session:
        account_id = load_actor(session, user.id).account_id  # type: ignore[union-attr]
        case = make_case(session, user=user, account_id=account_id)
        add_entry(session, case, "note", public=False, side="staff", text="ZEBRANOTE")
    assert "ZEBRANOTE" not in client.get(f"/requests/{case.reference}").text
