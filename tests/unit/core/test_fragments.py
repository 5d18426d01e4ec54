"""Fragments are found by all they are drawn from, hold nobody's secrets, and are not kept without end."""

from __future__ import annotations

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

import core.shared
from core.i18n import speaking
from core.shared import for_a_moment
from core.shelf import Shelf
from core.web import fragments
from core.web.fragments import csrf_token, fill, kept, marked, remembered

pytestmark = pytest.mark.no_database


@pytest.fixture(autouse=True)
def _empty_shelf() -> None:
    fragments.shelf.clear()


def test_a_shelf_holds_the_most_recently_used() -> None:
    shelf = Shelf(2)
    shelf.put("a", "1")
    shelf.put("b", "2")
    assert shelf.find("a") == "1"
    shelf.put("c", "3")
    assert [shelf.find(key) for key in "abc"] == ["1", None, "3"]
    assert len(shelf) == 2


def test_a_fragment_is_drawn_once_for_each_key_language_and_time_zone() -> None:
    drawn: list[int] = []

    def draw() -> str:
        drawn.append(1)
        return f"<b>{len(drawn)}</b>"

    with speaking("en"):
        assert kept("menu", 1, caller=draw) == kept("menu", 1, caller=draw) == "<b>1</b>"
        assert kept("menu", 2, caller=draw) == "<b>2</b>"
    with speaking("zh-Hant"):
        assert kept("menu", 1, caller=draw) == "<b>3</b>"
    with speaking("en", "Asia/Taipei"):
        assert kept("menu", 1, caller=draw) == "<b>4</b>"
    with speaking("en"):
        assert kept("other", 1, caller=draw) == "<b>5</b>"
        assert kept("menu", 1, caller=draw) == "<b>1</b>"


def test_tokens_and_nonces_are_filled_in_anew(flask_app: Flask) -> None:
    key = ("form",)
    seen = []
    for token, nonce in (("token-one", "nonce-one"), ("token-two", "nonce-two")):
        with flask_app.test_request_context("/"):
            g.csrf_token, g.nonce = token, nonce
            text = fill(marked(key, lambda: f"{csrf_token()} {fragments.NONCE_MARK}"))
        seen.append(str(text))
    assert seen == ["token-one nonce-one", "token-two nonce-two"]


def test_a_fragment_inside_a_fragment_keeps_its_marks(flask_app: Flask) -> None:
    def inner() -> str:
        return csrf_token()

    def outer() -> str:
        return f"[{kept('inner', caller=inner)}]"

    for token in ("token-one", "token-two"):
        with flask_app.test_request_context("/"):
            g.csrf_token, g.nonce = token, "nonce"
            assert kept("outer", caller=outer) == f"[{token}]"


@pytest.mark.parametrize("name", ["csrf_token", "nonce"])
def test_what_belongs_to_one_browser_is_never_kept(flask_app: Flask, name: str) -> None:
    with flask_app.test_request_context("/"):
        setattr(g, name, "s3cret-of-one-browser")
        with pytest.raises(RuntimeError, match=name):
            marked(("leak",), lambda: "<p>s3cret-of-one-browser</p>")
    assert fragments.shelf.find(("leak",)) is None


def test_a_drawing_that_fails_is_not_kept_and_leaves_no_marks_behind(flask_app: Flask) -> None:
    def fail() -> str:
        raise ValueError("broken")

    with flask_app.test_request_context("/"):
        g.csrf_token = "token-one"
        with pytest.raises(ValueError, match="broken"):
            marked(("broken",), fail)
        assert csrf_token() == "token-one"
    assert marked(("broken",), lambda: "well") == "well"


def test_remembered_macros_are_drawn_once_for_each_argument_and_language() -> None:
    calls: list[tuple[object, ...]] = []

    def badge(kind: str, label: str = "", size: str = "") -> str:
        calls.append((kind, label, size))
        return f"<i>{kind}{label}{size}</i>"

    draw = remembered(badge, most=3)
    with speaking("en"):
        assert draw("a", "b") == draw("a", "b") == "<i>ab</i>"
        assert draw("a", size="b") == "<i>ab</i>"
    with speaking("zh-Hans"):
        draw("a", "b")
    assert calls == [("a", "b", ""), ("a", "", "b"), ("a", "b", "")]
    with speaking("en"):
        draw("new")
        draw("a", "b")
    assert len(calls) == 5  # the fourth new one made room


class _Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


def test_what_everybody_shares_lasts_a_moment_or_until_something_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, writes, asked = _Clock(), [0], []
    monkeypatch.setattr(core.shared, "time", clock)
    monkeypatch.setattr(core.shared, "count_of_writes", lambda: writes[0])
    monkeypatch.setattr(core.shared, "is_bound_for_tests", lambda: False)
    monkeypatch.setattr(core.shared, "current_write_session", lambda: None)

    @for_a_moment(2.0)
    def count(_session: Session, what: str, *, bound: int = 0) -> int:
        asked.append((what, bound))
        return len(asked)

    session = Session()
    assert [count(session, "a"), count(session, "a"), count(session, "b"), count(session, "a", bound=1)] == [
        1, 1, 2, 3,
    ]  # fmt: skip
    clock.now = 1.9
    assert count(session, "a") == 1
    clock.now = 2.1
    assert count(session, "a") == 4
    writes[0] += 1
    assert count(session, "a") == 5
    monkeypatch.setattr(core.shared, "current_write_session", lambda: session)
    assert [count(session, "a"), count(session, "a")] == [6, 7]
