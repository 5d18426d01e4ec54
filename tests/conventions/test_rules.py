"""The rules of the house that can be read off the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.models import metadata
from core.db import MoneyAmount, UTCDateTime
from core.i18n.catalogue import known_codes
from core.web.policy import policy_of
from tests.source import PACKAGES, ROOT, calls, files, name, tracked, tree

pytestmark = pytest.mark.no_database

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
# The embedded engine writes its own files; its library calls that by the same word.
MAY_COMMIT = {"core/transaction.py", "core/search/tantivy_engine.py"}
HTML_ROOMS = ("portal/", "admin/", "campaigns/", "core/web/")


def test_only_core_transaction_makes_durable() -> None:
    guilty = [
        name(path)
        for path in files(".py")
        if name(path) not in MAY_COMMIT and re.search(r"\bcommit\(", path.read_text("utf-8"))
    ]
    assert guilty == []


def test_celery_is_called_in_core_only() -> None:
    guilty = [
        name(path)
        for path in files(".py")
        if not name(path).startswith("core/")
        and any(
            isinstance(call.func, ast.Attribute) and call.func.attr in {"delay", "apply_async", "send_task"}
            for call in calls(path)
        )
    ]
    assert guilty == []


def test_time_comes_from_the_clock() -> None:
    allowed = {"core/clock.py"}
    guilty = []
    for path in files(".py"):
        if name(path) in allowed:
            continue
        for call in calls(path):
            if isinstance(call.func, ast.Attribute) and call.func.attr in {"now", "utcnow", "today"}:
                owner = ast.unparse(call.func.value)
                if owner in {"datetime", "date", "datetime.datetime", "datetime.date"}:
                    guilty.append(f"{name(path)}:{call.lineno}")
    assert guilty == []


def test_nothing_is_unpickled() -> None:
    pattern = re.compile(
        r"^\s*(import|from) (pickle|shelve|marshal|dill|joblib)\b|allow_pickle\s*=\s*True", re.M
    )
    assert [name(path) for path in files(".py") if pattern.search(path.read_text("utf-8"))] == []


def test_no_import_inside_a_function() -> None:
    guilty = [
        f"{name(path)}:{inner.lineno}"
        for path in files(".py")
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert guilty == []


def test_names_say_what_is_inside() -> None:
    guilty = [name(path) for path in files(".py") if FORBIDDEN_NAMES & {*path.parts, path.stem}]
    assert guilty == []


def test_columns_have_types_that_both_databases_keep() -> None:
    guilty = []
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, (sa.Numeric, sa.Float)) and not isinstance(column.type, MoneyAmount):
                guilty.append(str(column))
            if isinstance(column.type, sa.DateTime) and not isinstance(column.type, UTCDateTime):
                guilty.append(str(column))
    assert guilty == []


def test_every_foreign_key_that_deletes_or_joins_has_an_index_where_it_points_from() -> None:
    """A cascade without an index reads the whole child table."""
    guilty = []
    for table in metadata.tables.values():
        leading = {next(iter(index.columns)).name for index in table.indexes}
        leading |= {
            next(iter(c.columns)).name
            for c in table.constraints
            if isinstance(c, (sa.PrimaryKeyConstraint, sa.UniqueConstraint)) and len(c.columns)
        }
        for key in table.foreign_keys:
            if key.ondelete == "CASCADE" and key.parent.name not in leading:
                guilty.append(str(key.parent))
    assert guilty == []


def test_every_route_has_a_policy(flask_app: Flask) -> None:
    naked = sorted(
        {
            rule.endpoint
            for rule in flask_app.url_map.iter_rules()
            if policy_of(flask_app, rule.endpoint) is None
        }
    )
    assert naked == []


def test_staff_routes_are_for_staff(flask_app: Flask) -> None:
    wrong = []
    for rule in flask_app.url_map.iter_rules():
        policy = policy_of(flask_app, rule.endpoint)
        assert policy is not None
        if str(rule).startswith("/staff") and policy.audience != "staff":
            wrong.append(str(rule))
        if policy.audience == "staff" and not str(rule).startswith("/staff"):
            wrong.append(str(rule))
    assert wrong == []


def test_html_lives_in_its_rooms() -> None:
    guilty = [name(path) for path in files(".html") if not name(path).startswith(HTML_ROOMS)]
    assert guilty == []


def test_templates_hold_no_inline_script_or_style() -> None:
    pattern = re.compile(r"\son\w+\s*=\s*[\"']|\sstyle\s*=\s*[\"']|<style\b|<script(?![^>]*\bsrc=)", re.I)
    guilty = [
        name(path)
        for path in files(".html")
        if "mail" not in path.parts
        and pattern.search(re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S))
    ]
    assert guilty == []


def test_error_codes_have_sentences() -> None:
    """Every code that is raised or shown can be explained to a person."""
    known = known_codes()
    pattern = re.compile(
        r"\b(?:Invalid|Conflict|NotFound|Forbidden|BadRequest|Unavailable|Unauthenticated|TooLarge|RateLimited)\(\s*\"([a-z_]+\.[a-z_.]+)\""
    )
    missing = sorted(
        {
            code
            for path in files(".py")
            for code in pattern.findall(path.read_text("utf-8"))
            if code not in known
        }
    )
    assert missing == []


def test_files_stay_rooms() -> None:
    long = {
        name(path): lines
        for path in files(".py", ".html")
        if (lines := len(path.read_text("utf-8").splitlines())) > 450
    }
    assert long == {}


def test_what_is_tracked_speaks_of_the_product_only() -> None:
    words = re.compile(
        r"/work/|/root/|\bpypi\.org|registry\.npmjs|repo1?\.maven|files\.pythonhosted|deb\.debian", re.I
    )
    guilty = []
    for path in tracked():
        file = ROOT / path
        if (
            file.suffix
            in {".py", ".md", ".sh", ".html", ".toml", ".lock", ".json", ".yaml", ".js", ".css", ""}
            and file.is_file()
            and "static" not in file.parts
        ):
            if path == "tests/conventions/test_rules.py":
                continue
            if words.search(file.read_text("utf-8", errors="replace")):
                guilty.append(path)
    assert guilty == []


def test_imports_go_down_only() -> None:
    """Runs import-linter with .importlinter."""
    program = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


def test_packages_are_all_checked() -> None:
    linted = (ROOT / ".importlinter").read_text("utf-8")
    present = [package for package in PACKAGES if (ROOT / package / "__init__.py").exists()]
    assert [package for package in present if not re.search(rf"^    {package}$", linted, re.M)] == []
