"""Actions and objects of the audit log have words, read off the source: a new action without them fails here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin.audit import words
from core import audit
from core.actor import SYSTEM
from core.transaction import transaction
from crm.service.lifecycle import TARGETS
from tests.factories.people import make_staff, sign_in
from tests.source import files, name, tree

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Functions whose action comes from a form, with what they let through.
CHOSEN = {("crm.service.work.change_state", "action"): {*TARGETS, "close", "reopen"}}


@dataclass(frozen=True)
class Written:
    """A call that ends in the audit log, inside `function` of `module`; `called` is the full name."""

    module: str
    function: Function | None
    called: str
    call: ast.Call


def _module(path: Path) -> str:
    return name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _names(path: Path) -> dict[str, str]:
    """What the names of a module stand for: its own functions, and what it imports."""
    found = {}
    for node in tree(path).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, Function):
            found[node.name] = f"{_module(path)}.{node.name}"
    return found


def _inside(node: ast.AST, function: Function | None = None) -> Iterator[tuple[ast.Call, Function | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, function
        yield from _inside(child, child if isinstance(child, Function) else function)


def _calls() -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = {}
    for path in files(".py"):
        names = _names(path)
        for call, function in _inside(tree(path)):
            first, _, rest = ast.unparse(call.func).partition(".")
            if first in names:
                called = f"{names[first]}.{rest}".rstrip(".")
                found.setdefault(called, []).append(Written(_module(path), function, called, call))
    return found


def _parameters(function: Function) -> list[str]:
    return [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]


class Source:
    """Follows a parameter of core.audit.record back through its callers to the words that they give."""

    def __init__(self) -> None:
        self.calls = _calls()
        self.functions = {
            f"{_module(path)}.{node.name}": node
            for path in files(".py")
            for node in tree(path).body
            if isinstance(node, Function)
        }
        self.unknown: list[str] = []

    def given(self, function: str, parameter: str) -> set[str]:
        place = _parameters(self.functions[function]).index(parameter)
        found: set[str] = set(CHOSEN.get((function, parameter), ()))
        if found:
            return found
        for one in self.calls.get(function, []):
            named = {keyword.arg: keyword.value for keyword in one.call.keywords}
            value = one.call.args[place] if len(one.call.args) > place else named[parameter]
            found |= self.values(one, value)
        return found

    def values(self, one: Written, value: ast.expr) -> set[str]:
        match value:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp(body=yes, orelse=no):
                return self.values(one, yes) | self.values(one, no)
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(value=rest)]):
                return {start + end for end in self.values(one, rest)}
            case ast.Name(id=parameter) if one.function and parameter in _parameters(one.function):
                return self.given(f"{one.module}.{one.function.name}", parameter)
        self.unknown.append(f"{one.module}:{value.lineno}: {ast.unparse(value)}")
        return set()


@pytest.mark.no_database
@pytest.mark.parametrize(
    "parameter, known, some",
    [
        (
            "action",
            words.ACTIONS,
            {
                "order.mark_shipped", "order.confirm", "order.undo_returned", "case.reject", "case.wait_internal",
                "case.close", "staff.deactivated", "material.version_published", "job.replay", "sign_out",
            },
        ),
        ("object_kind", words.OBJECTS, {"order", "case", "owned_product", "user", "recommender"}),
    ],
)  # fmt: skip
def test_every_code_that_is_written_has_words(parameter: str, known: dict[str, str], some: set[str]) -> None:
    source = Source()
    written = source.given("core.audit.record", parameter)
    assert source.unknown == []  # a code that is put together in a new way must be followed here, too
    assert some <= written
    assert written - set(known) == set()


@pytest.mark.parametrize(
    "locale, action, kind",
    [
        ("en", "Parcel handed over", "Order"),
        ("zh-Hant", "包裹已交寄", "訂單"),
        ("zh-Hans", "包裹已交运", "订单"),
    ],
)
def test_page_says_what_was_done_in_words(client: FlaskClient, locale: str, action: str, kind: str) -> None:
    with transaction() as session:
        sign_in(client, make_staff(session, locale=locale))
        seq = audit.record(session, SYSTEM, "order.mark_shipped", "order", "0123456789abcdef").seq
    page = client.get("/staff/audit?action=order.mark_shipped").text
    row = page.partition(f'id="entry-{seq}"')[2].partition("</tr>")[0]
    link = r'<a [^>]*href="/staff/audit\?action=order\.mark_shipped">(.*?)</a>'
    assert re.findall(link, row) == [
        f'{action}<code class="block text-xs text-muted font-mono">order.mark_shipped</code>'
    ]
    assert re.findall(r"kind=order&amp;id=0123456789abcdef\">([^<]*)<", row) == [kind]
    assert f'<option value="order">{kind}</option>' in page
    assert f'<option value="order.mark_shipped">{action}</option>' in page


def test_unknown_codes_are_shown_as_they_are(client: FlaskClient) -> None:
    with transaction() as session:
        sign_in(client, make_staff(session))
        seq = audit.record(session, SYSTEM, "thing.made", "thing", "1").seq
    page = client.get("/staff/audit?kind=thing").text
    row = page.partition(f'id="entry-{seq}"')[2].partition("</tr>")[0]
    assert row.count(">thing.made<") == 1 and row.count(">thing<") == 1
    assert '<option value="thing" selected>thing</option>' in page  # the filter in force is not lost
