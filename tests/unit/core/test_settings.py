"""Settings: every wrong one is named, and an unsafe server does not start."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings, SettingsError, get_settings

SAFE = {
    "MODE": "production",
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "BASE_URL": "https://shop.example",
    "SMTP_URL": "smtp://mail.example:587",
    "PAYMENT_GATEWAY": "none",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("RAPPORT_")]:
        monkeypatch.delenv(name)
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def read(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"RAPPORT_{name}", value)
    get_settings.cache_clear()
    return get_settings()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MODE", "prod", "RAPPORT_MODE: "),
        ("BIND", "8000", "RAPPORT_BIND: must be ADDRESS:PORT"),
        ("BIND", "127.0.0.1:0", "RAPPORT_BIND: "),
        ("BIND", "127.0.0.1:99999", "RAPPORT_BIND: "),
        ("SEARCH_URL", "elastic", "RAPPORT_SEARCH_URL: must be embedded:"),
        ("SEARCH_PREFIX", "Ü", "RAPPORT_SEARCH_PREFIX: "),
        ("BROKER_URL", "kafka://x", "RAPPORT_BROKER_URL: must start with"),
        ("BROKER_QUEUE", "a/b", "RAPPORT_BROKER_QUEUE: "),
        ("SMTP_URL", "mail.example", "RAPPORT_SMTP_URL: must start with"),
        ("DEFAULT_LOCALE", "de", "RAPPORT_DEFAULT_LOCALE: "),
        ("DEFAULT_CURRENCY", "euro", "RAPPORT_DEFAULT_CURRENCY: "),
        ("WEB_PROCESSES", "many", "RAPPORT_WEB_PROCESSES: "),
        ("WORKER_THREADS", "0", "RAPPORT_WORKER_THREADS: "),
        ("DATABASE_POOL_SIZE", "-1", "RAPPORT_DATABASE_POOL_SIZE: "),
        ("SESSION_DAYS", "365", "RAPPORT_SESSION_DAYS: "),
        ("DEBUG", "perhaps", "RAPPORT_DEBUG: "),
        ("LOG_LEVEL", "chatty", "RAPPORT_LOG_LEVEL: "),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read(monkeypatch, **{name: value})
    assert told in str(error.value)
    assert str(error.value).count("RAPPORT_") == 1


def test_all_wrong_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as error:
        read(monkeypatch, BIND="x", WEB_THREADS="1", BROKER_URL="x")
    assert all(
        name in str(error.value) for name in ("RAPPORT_BIND", "RAPPORT_WEB_THREADS", "RAPPORT_BROKER_URL")
    )


def test_secrets_are_told_by_no_error_and_no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **SAFE, METRICS_TOKEN="metrics-marker")
    assert SAFE["SECRET_KEY"] not in repr(settings) and "metrics-marker" not in f"{settings!r}{settings}"
    with pytest.raises(SettingsError) as error:
        read(monkeypatch, SMTP_URL="user:smtp-marker@mail.example")
    assert "smtp-marker" not in str(error.value)


def test_a_safe_production_server_may_start(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **SAFE)
    assert settings.unsafe() == []
    settings.refuse_if_unsafe()
    assert settings.hosts == ["shop.example"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"SECRET_KEY": ""}, "RAPPORT_SECRET_KEY is missing"),
        ({"SECRET_KEY": "dev"}, "RAPPORT_SECRET_KEY is shorter than 32 bytes or well known"),
        ({"SECRET_KEY": "CHANGEME"}, "RAPPORT_SECRET_KEY is shorter than 32 bytes or well known"),
        ({"SECRET_KEY": "x" * 31}, "RAPPORT_SECRET_KEY is shorter than 32 bytes or well known"),
        ({"SECRET_KEY": "x" * 40}, "RAPPORT_SECRET_KEY is too regular to be a secret"),
        ({"DEBUG": "true"}, "RAPPORT_DEBUG is on"),
        ({"BASE_URL": ""}, "RAPPORT_BASE_URL is missing"),
        ({"BASE_URL": "http://shop.example"}, "RAPPORT_BASE_URL is not https"),
        ({"SMTP_URL": ""}, "RAPPORT_SMTP_URL is missing"),
        ({"PAYMENT_GATEWAY": "demo"}, "RAPPORT_PAYMENT_GATEWAY is the demo gateway"),
    ],
)
def test_what_makes_a_production_server_unsafe_is_refused(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], told: str
) -> None:
    settings = read(monkeypatch, **{**SAFE, **values})
    with pytest.raises(SettingsError) as error:
        settings.refuse_if_unsafe()
    assert told in str(error.value)
    assert len(settings.unsafe()) == 1


@pytest.mark.parametrize("bind", ["0.0.0.0:8000", "192.168.1.5:8000", "[::]:8000", "shop.example:8000"])
def test_the_demo_listens_on_loopback_only(monkeypatch: pytest.MonkeyPatch, bind: str) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        read(monkeypatch, BIND=bind).refuse_if_unsafe()


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.2:80"])
def test_the_demo_may_listen_on_any_loopback_address(monkeypatch: pytest.MonkeyPatch, bind: str) -> None:
    read(monkeypatch, BIND=bind).refuse_if_unsafe()


def test_the_demos_own_secret_is_made_once_and_readable_by_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = read(monkeypatch, HOME=str(tmp_path / "home"))
    first = settings.secret
    assert len(first) >= 48
    assert Settings().secret == first
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret"]


def test_a_misspelt_variable_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, DATABASE_ULR="sqlite://", TEST_POSTGRES_URL="x", HOME="/nowhere")
    assert settings.unknown() == ["RAPPORT_DATABASE_ULR"]
