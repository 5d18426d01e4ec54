"""Every setting of an installation: one typed object, read once from environment variables RAPPORT_…"""

from __future__ import annotations

import ipaddress
import os
import secrets
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

WEAK_SECRETS = {"dev", "development", "secret", "changeme", "change-me", "password"}


class SettingsError(Exception):
    """The installation may not start with these settings; the text says which and why."""


class Settings(BaseSettings):
    """Read from the environment; each field's description is its documentation (docs/settings.md)."""

    model_config = SettingsConfigDict(
        env_prefix="RAPPORT_", extra="ignore", frozen=True, validate_default=True
    )

    mode: Literal["demo", "production"] = Field(
        "demo",
        description="demo: loopback only, makes its own secret, mail goes to the mailbox page. "
        "production: refuses to start with unsafe settings or while a demo account exists.",
    )
    home: Path = Field(Path("var"), description="Folder of all local state.")
    files: Path = Field(
        Path("files"),
        description="Folder of files that people hand in (attachments, logos, brochures), seen from RAPPORT_HOME. "
        "Several machines must share it.",
    )
    bind: str = Field("127.0.0.1:8000", description="Address and port that the web server listens on.")
    base_url: str = Field(
        "",
        description="Public address of the installation, used in every mailed link. Default: http:// and RAPPORT_BIND.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs cookies and links; at least 32 bytes. Made and kept by itself in demo mode.",
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy address; default SQLite in RAPPORT_HOME. Example: postgresql+psycopg://user:pass@host/name",
    )
    database_pool_size: int = Field(10, ge=1, le=200, description="Most database connections per process.")
    search_url: str = Field("embedded:", description="embedded: or the http(s) address of Elasticsearch.")
    search_prefix: str = Field(
        "rapport",
        pattern=r"^[a-z][a-z0-9-]{0,30}$",
        description="Prefix of index names in a shared Elasticsearch.",
    )
    broker_url: str = Field(
        "filesystem:", description="filesystem: (in RAPPORT_HOME), amqp://… (RabbitMQ) or redis://…"
    )
    broker_queue: str = Field(
        "rapport",
        pattern=r"^[a-z][a-z0-9-]{0,30}$",
        description="Name of the queue; of several installations on one broker each needs its own.",
    )
    smtp_url: str = Field(
        "",
        description="smtp://user:pass@host:587 (STARTTLS when offered) or smtps://host:465; empty: mailbox page (demo only).",
    )
    mail_from: str = Field("Aurora Home <service@aurora-home.example>", description="Sender of all mail.")
    default_locale: Literal["en", "zh-Hant", "zh-Hans"] = Field(
        "en", description="Language when nothing else tells."
    )
    default_timezone: str = Field("Europe/Berlin", description="Time zone when nothing else tells.")
    default_currency: str = Field(
        "EUR", pattern=r"^[A-Z]{3}$", description="Currency of the catalogue's base prices."
    )
    web_processes: int = Field(1, ge=1, le=64, description="Web server processes.")
    web_threads: int = Field(8, ge=2, le=128, description="Threads of each web process.")
    worker_processes: int = Field(1, ge=1, le=64, description="Worker processes started by rapport up.")
    worker_threads: int = Field(2, ge=1, le=64, description="Jobs that one worker process runs at a time.")
    trusted_hosts: str = Field(
        "",
        description="Further host names that may be asked for, separated by commas; the base address always may.",
    )
    proxy_count: int = Field(
        0,
        ge=0,
        le=5,
        description="Reverse proxies in front whose X-Forwarded-For is believed; 0 believes none.",
    )
    max_request_bytes: int = Field(
        12_000_000, ge=100_000, description="Largest request body; uploads have their own smaller limits."
    )
    recommender_max_age_days: int = Field(
        7,
        ge=1,
        le=365,
        description="A recommender model older than this many days is not served; popular products are shown instead.",
    )
    recommender_memory_mb: int = Field(
        4096,
        ge=512,
        description="Most memory of the process that trains the recommender; a training that needs more ends, and the old "
        "model stays.",
    )
    session_days: int = Field(
        14, ge=1, le=90, description="A sign-in ends after this many days without a visit."
    )
    payment_gateway: Literal["none", "demo"] = Field(
        "demo",
        description="Card payments: demo gateway (declines and times out on request) or none (on account only).",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe line logged."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token that may read /metrics; empty closes it."
    )
    debug: bool = Field(False, description="Never on a server; production refuses to start with it.")

    @field_validator("bind")
    @classmethod
    def _bind_has_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError("must be ADDRESS:PORT, for example 127.0.0.1:8000")
        return value

    @field_validator("search_url")
    @classmethod
    def _known_search(cls, value: str) -> str:
        if value != "embedded:" and not value.startswith(("http://", "https://")):
            raise ValueError("must be embedded: or an http(s) address")
        return value

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value.partition(":")[0] not in {"filesystem", "amqp", "amqps", "redis", "rediss"}:
            raise ValueError("must start with filesystem:, amqp:// or redis://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_smtp(cls, value: str) -> str:
        if value and not value.startswith(("smtp://", "smtps://")):
            raise ValueError("must start with smtp:// or smtps://")
        return value

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    @property
    def url(self) -> str:
        """Public address without a trailing slash."""
        return (self.base_url or f"http://{self.bind}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'rapport.db').absolute()}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def hosts(self) -> list[str]:
        """Host names a request may carry."""
        own = urlsplit(self.url).hostname or "localhost"
        names = [own, *(h.strip() for h in self.trusted_hosts.split(",") if h.strip())]
        if self.mode == "demo":
            names += ["localhost", "127.0.0.1", "[::1]"]
        return list(dict.fromkeys(names))

    @cached_property
    def secret(self) -> str:
        """The signing secret; in demo mode made once and kept in RAPPORT_HOME."""
        if given := self.secret_key.get_secret_value():
            return given
        if self.mode == "production":
            raise SettingsError("RAPPORT_SECRET_KEY is missing")
        path = self.home / "secret"
        self.home.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            candidate = self.home / f"secret.{secrets.token_hex(8)}"
            candidate.touch(mode=0o600)
            candidate.write_text(secrets.token_urlsafe(48), encoding="ascii")
            try:
                path.hardlink_to(candidate)  # of several processes starting at once one wins, whole
            except FileExistsError:
                pass
            finally:
                candidate.unlink()
        return path.read_text(encoding="ascii").strip()

    def unsafe(self) -> list[str]:
        """What makes this installation unsafe to expose; production refuses to start with any of it."""
        found: list[str] = []
        key = self.secret_key.get_secret_value()
        if self.mode == "production":
            if not key:
                found.append("RAPPORT_SECRET_KEY is missing")
            elif key.lower() in WEAK_SECRETS or len(key.encode()) < 32:
                found.append("RAPPORT_SECRET_KEY is shorter than 32 bytes or well known")
            elif len(set(key)) < 8:
                found.append("RAPPORT_SECRET_KEY is too regular to be a secret")
            if self.debug:
                found.append("RAPPORT_DEBUG is on")
            if not self.base_url:
                found.append("RAPPORT_BASE_URL is missing")
            elif not self.is_https:
                found.append("RAPPORT_BASE_URL is not https")
            if not self.smtp_url:
                found.append("RAPPORT_SMTP_URL is missing: mail would go nowhere")
            if self.payment_gateway == "demo":
                found.append("RAPPORT_PAYMENT_GATEWAY is the demo gateway")
        elif not _is_loopback(self.host):
            found.append("demo mode listens on loopback only: set RAPPORT_BIND to 127.0.0.1:PORT")
        return found

    @classmethod
    def unknown(cls) -> list[str]:
        """Variables that look like settings and are none: most likely misspelt."""
        known = {f"RAPPORT_{name.upper()}" for name in cls.model_fields}
        given = {name for name in os.environ if name.startswith("RAPPORT_")}
        return sorted(name for name in given - known if not name.startswith(("RAPPORT_TEST_", "RAPPORT_CI_")))

    def refuse_if_unsafe(self) -> None:
        """Raises SettingsError naming everything that is unsafe."""
        if found := self.unsafe():
            raise SettingsError("; ".join(found))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The installation's settings. Raises SettingsError with one line per wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"RAPPORT_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        ]
        raise SettingsError("; ".join(lines)) from None
