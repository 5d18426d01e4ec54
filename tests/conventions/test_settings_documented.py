"""docs/settings.md and the settings object say the same."""

from __future__ import annotations

import re

import pytest

from app.settings_page import render
from core.settings import Settings
from tests.source import ROOT

pytestmark = pytest.mark.no_database

NAMED = re.compile(r"\bRAPPORT_[A-Z_]+\b")


def _known() -> set[str]:
    return {f"RAPPORT_{name.upper()}" for name in Settings.model_fields}


def test_settings_page_is_the_one_made_from_the_settings() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == render()


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md", "docs/architecture.md"])
def test_pages_name_only_settings_that_exist(page: str) -> None:
    named = {
        name
        for name in NAMED.findall((ROOT / page).read_text("utf-8"))
        if not name.startswith("RAPPORT_TEST_")
    }
    assert named <= _known()


def test_operations_names_every_setting_of_a_larger_installation() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    needed = {
        "RAPPORT_MODE", "RAPPORT_BASE_URL", "RAPPORT_SECRET_KEY", "RAPPORT_DATABASE_URL", "RAPPORT_SEARCH_URL",
        "RAPPORT_BROKER_URL", "RAPPORT_SMTP_URL", "RAPPORT_WEB_PROCESSES", "RAPPORT_WORKER_PROCESSES",
    }  # fmt: skip
    assert needed <= set(NAMED.findall(text))
