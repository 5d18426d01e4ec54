"""Mail: one decision and one Message-ID per key; nothing typed becomes a header; refusals and broken lines end well."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.errors import Invalid
from core.jobs.models import DONE, PENDING, Job
from core.jobs.runner import run_job
from core.mail import Mail, Suppression, clean_address, clean_header, queue_mail
from core.mail import transport as wire
from core.mail.message import build
from core.settings import get_settings
from core.transaction import reading, transaction
from tests.factories.durable import get_job, list_jobs
from tests.factories.smtp import HANG_UP, SILENT, Sink, smtp_sink

FROM = "Aurora Home <service@aurora-home.example>"


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A server that the settings name."""
    with smtp_sink() as made:
        monkeypatch.setenv("RAPPORT_SMTP_URL", made.url)
        get_settings.cache_clear()
        yield made
    monkeypatch.undo()
    get_settings.cache_clear()


def put(session: Session, **values: Any) -> uuid.UUID:
    given: dict[str, Any] = {
        "key": "order:1:confirmed", "to": "buyer@example.test", "subject": "Your order", "text": "Thank you.\n",
        "kind": "order.confirmed",
    }  # fmt: skip
    made = queue_mail(session, **{**given, **values})
    assert made is not None
    return made


def deliver(mail_id: uuid.UUID) -> str | None:
    """Runs the waiting delivery, as if its waiting time were over."""
    (waiting,) = [found for found in list_jobs("mail.deliver") if found.state == PENDING]
    assert waiting.payload == {"mail_id": str(mail_id)}
    with transaction() as session:
        session.execute(update(Job).where(Job.id == waiting.id).values(run_at=clock.now()))
    return run_job(waiting.id)


def read(mail_id: uuid.UUID) -> Mail:
    with reading() as session:
        return session.get_one(Mail, mail_id, populate_existing=True)


def test_deciding_twice_is_deciding_once(session: Session) -> None:
    put(session)
    assert (
        queue_mail(session, key="order:1:confirmed", to="other@example.test", subject="x", text="x", kind="x")
        is None
    )
    assert session.scalar(select(func.count()).select_from(Mail)) == 1
    assert len(list_jobs("mail.deliver")) == 1


def test_the_message_id_comes_from_the_key_alone(session: Session) -> None:
    first = read(put(session)).message_id
    session.execute(Mail.__table__.delete())
    session.execute(Job.__table__.delete())
    assert read(put(session, subject="Another text", to="b@example.test")).message_id == first
    assert read(put(session, key="order:2:confirmed")).message_id != first
    assert first.endswith("@127.0.0.1>")


@pytest.mark.parametrize(
    "typed",
    ["x\r\nBcc: evil@example.test", "x\nBcc: evil@example.test", "x\rBcc: evil@example.test",
     "x\u2028Bcc: evil@example.test", "x\u2029Bcc: evil@example.test", "x\x85Bcc: evil@example.test",
     "x\x0bBcc: evil@example.test", "x\x0cBcc: evil@example.test", "x\x1cBcc: evil@example.test",
     "x\r\n\r\n<script>body</script>", "x\x00\r\nBcc: evil@example.test"],
)  # fmt: skip
def test_what_is_typed_never_becomes_a_header(session: Session, sink: Sink, typed: str) -> None:
    made = put(session, subject=typed, headers={"X-Order": typed})
    assert deliver(made) == DONE
    (received,) = sink.received
    assert received.recipients == ("buyer@example.test",)
    assert sorted(received.message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
         "Content-Language", "X-Order", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    )  # fmt: skip
    assert received.message["Subject"] == clean_header(typed)
    assert received.message.get_content() == "Thank you.\r\n"
    assert [line for line in sink.commands if line.startswith("rcpt")] == ["rcpt TO:<buyer@example.test>"]


@pytest.mark.parametrize("name", ["Bcc", "cc", "TO", "From", "Sender", "Message-ID"])
def test_callers_cannot_say_who_gets_the_mail(session: Session, name: str) -> None:
    with pytest.raises(ValueError, match=name.lower()):
        put(session, headers={name: "evil@example.test"})


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b.test", "a@b.test\r\nBcc: c@d.test", "a@b.test, c@d.test", "a@b.test\nc@d.test",
     "Name <a@b.test>", "a@b.test\u2028", "ä@b.test", "a@[127.0.0.1]", "a b@c.test", f"{'a' * 300}@b.test"],
)  # fmt: skip
def test_an_address_is_exactly_one_address(session: Session, address: str) -> None:
    if address.strip() == "a@b.test":
        assert clean_address(address) == "a@b.test"
        return
    with pytest.raises(Invalid) as told:
        put(session, to=address)
    assert told.value.code == "mail.address"
    assert session.scalar(select(func.count()).select_from(Mail)) == 0


def test_automatic_mail_says_so_and_is_readable(session: Session, sink: Sink) -> None:
    made = put(
        session, subject="您的訂單 №1", text="謝謝。\n.\n.hidden\n", html="<p>謝謝。</p>", locale="zh-Hant"
    )
    assert deliver(made) == DONE
    (received,) = sink.received
    message = received.message
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == read(made).message_id
    assert message["From"] == FROM
    assert message["Subject"] == "您的訂單 №1"
    assert message["Content-Language"] == "zh-Hant"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and text.get_content() == "謝謝。\r\n.\r\n.hidden\r\n"
    assert html is not None and html.get_content().strip() == "<p>謝謝。</p>"
    found = read(made)
    assert (found.state, found.reason) == ("sent", None)
    assert found.sent_at is not None


def test_a_temporary_refusal_is_tried_again_and_the_same_message_arrives(
    session: Session, sink: Sink
) -> None:
    sink.replies["RCPT"] = ["451 greylisted, come back later"]
    made = put(session)
    before = clock.now()
    assert deliver(made) == PENDING
    (job,) = list_jobs("mail.deliver")
    assert timedelta(seconds=8) <= job.run_at - before <= timedelta(seconds=14)
    assert "451 greylisted" in (job.error or "")
    assert (read(made).state, sink.received) == ("queued", [])
    assert deliver(made) == DONE
    assert sink.counts() == {read(made).message_id: 1}


def test_temporary_refusals_are_tried_for_about_four_days(session: Session, sink: Sink) -> None:
    sink.replies["CONTENT"] = "452 mailbox full"
    made = put(session)
    waited = timedelta(0)
    while True:
        with clock.frozen(clock.now()):
            state = deliver(made)
            if state != PENDING:
                break
            (job,) = list_jobs("mail.deliver")
            waited += job.run_at - clock.now()
    assert state == "dead"
    assert timedelta(days=3, hours=12) < waited < timedelta(days=5)


def test_a_dead_address_gets_no_more_mail(session: Session, sink: Sink) -> None:
    sink.replies["RCPT"] = "550 5.1.1 no such user"
    first = put(session)
    assert deliver(first) == DONE
    assert (read(first).state, read(first).reason) == ("failed", "550 5.1.1 no such user")
    assert session.get_one(Suppression, "buyer@example.test").reason == "550 5.1.1 no such user"
    sink.replies.clear()
    second = put(session, key="order:1:shipped")
    assert deliver(second) == DONE
    assert (read(second).state, read(second).reason) == ("suppressed", "mail.suppressed_address")
    assert sink.received == []


def test_a_refused_text_is_final_but_the_address_stays_good(session: Session, sink: Sink) -> None:
    sink.replies["CONTENT"] = "554 looks like spam"
    made = put(session)
    assert deliver(made) == DONE
    assert read(made).state == "failed"
    assert session.get(Suppression, "buyer@example.test") is None


@pytest.mark.parametrize(
    "replies",
    [{"CONNECT": "554 no service"}, {"CONNECT": "421 busy"}, {"AUTH": "535 wrong password"}, {"EHLO": HANG_UP},
     {"MAIL": HANG_UP}, {"RCPT": "421 shutting down"}, {"DATA": HANG_UP}, {"DATA": "451 not now"}],
)  # fmt: skip
def test_the_servers_trouble_costs_no_mail(
    session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch, replies: dict[str, str]
) -> None:
    monkeypatch.setenv("RAPPORT_SMTP_URL", f"smtp://user:pa%40ss@127.0.0.1:{sink.port}")
    get_settings.cache_clear()
    made = put(session)
    sink.replies.update(replies)
    assert deliver(made) == PENDING
    assert read(made).state == "queued"
    sink.replies.clear()
    assert deliver(made) == DONE
    assert sink.counts() == {read(made).message_id: 1}


@pytest.mark.parametrize("end", [HANG_UP, SILENT])
@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_line_that_breaks_after_the_text_costs_one_repeat_at_most(
    session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch, end: str, times: int
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.2)
    sink.replies["CONTENT"] = [end] * times
    made = put(session)
    assert deliver(made) == DONE
    assert (read(made).state, read(made).reason) == ("queued", "mail.uncertain")
    assert deliver(made) == DONE
    assert not [found for found in list_jobs("mail.deliver") if found.state == PENDING]
    assert sink.counts() == {read(made).message_id: 2}
    assert read(made).state == "sent"
    assert read(made).reason == (None if times == 1 else "mail.uncertain")


def test_a_server_that_never_says_goodbye_has_still_taken_the_mail(
    session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.2)
    sink.replies["QUIT"] = SILENT
    made = put(session)
    assert deliver(made) == DONE
    assert read(made).state == "sent"


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_silent_server_is_left_after_the_time_out(
    session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    assert wire.TIMEOUT_SECONDS == 10.0
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.2)
    sink.replies[step] = SILENT
    made = put(session)
    assert deliver(made) == PENDING
    assert not sink.released.is_set()  # we went, the server did not let go
    (job,) = list_jobs("mail.deliver")
    assert job.error is not None and "Retry" in job.error


def test_no_server_at_all_means_later(session: Session, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_SMTP_URL", "smtp://127.0.0.1:1")
    get_settings.cache_clear()
    assert deliver(put(session)) == PENDING


def test_sensitive_text_is_wiped_once_it_went_out(session: Session, sink: Sink) -> None:
    secret = put(session, text="Your link: TOKEN-123", html="<a>TOKEN-123</a>", sensitive=True)
    plain = put(session, key="other", text="Your order")
    for waiting in list_jobs("mail.deliver"):
        assert run_job(waiting.id) == DONE
    assert b"TOKEN-123" in sink.received[0].content + sink.received[1].content
    found = read(secret)
    assert (found.text, found.html) == ("(text removed after delivery)", None)
    assert read(plain).text == "Your order"
    assert not [job for job in list_jobs("mail.deliver") if "TOKEN" in f"{job.payload}{job.error}"]


@pytest.mark.parametrize("step", ["RCPT", "CONTENT"])
def test_sensitive_text_is_wiped_when_it_was_refused_for_good(
    session: Session, sink: Sink, step: str
) -> None:
    sink.replies[step] = "550 never"
    secret = put(session, text="TOKEN-123", html="<a>TOKEN-123</a>", sensitive=True)
    assert deliver(secret) == DONE
    again = put(session, key="again", text="TOKEN-456", sensitive=True)
    deliver(again)
    assert "TOKEN" not in f"{read(secret).text}{read(secret).html}{read(again).text}"


def test_in_the_demo_the_ledger_is_the_mailbox(session: Session) -> None:
    assert get_settings().smtp_url == ""
    made = put(session, text="Your link: TOKEN-123", sensitive=True)
    assert deliver(made) == DONE
    assert (read(made).state, read(made).text) == ("sent", "Your link: TOKEN-123")


def test_a_crash_before_the_record_repeats_the_same_message(session: Session, sink: Sink) -> None:
    made = put(session)
    with reading() as looking:
        mail = looking.get_one(Mail, made)
        wire.get_transport().send(build(mail, FROM), mail.recipient)  # then the power went
    assert deliver(made) == DONE
    assert sink.counts() == {read(made).message_id: 2}
    assert sink.received[0].content.replace(b"\r\n", b"\n").split(b"\n\n")[0].count(b"Message-ID") == 1
    assert run_job(list_jobs("mail.deliver")[0].id) is None
    assert get_job(list_jobs("mail.deliver")[0].id).state == DONE
