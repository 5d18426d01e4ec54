"""Structured logs without secrets, and the metrics that operators watch."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

SECRET_NAME = re.compile(r"pass(word|wd)?|secret|token|authorization|cookie|card|cvc|smtp_url|api_key", re.I)
_URL_PASSWORD = re.compile(r"(\w+://[^\s:/@]*:)[^\s@/]+@")
_CONTROLS = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BEARER = re.compile(r"(Bearer\s+)\S+", re.I)

registry = CollectorRegistry()
requests_total = Counter(
    "rapport_requests", "Requests by endpoint and status", ["endpoint", "status"], registry=registry
)
request_seconds = Histogram(
    "rapport_request_seconds",
    "Time to answer a request",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
    registry=registry,
)


def scrub(value: str) -> str:
    """Takes passwords in addresses and bearer tokens out of a text."""
    return _BEARER.sub(r"\1***", _URL_PASSWORD.sub(r"\1***@", value))


def _redact(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in line.items():
        if SECRET_NAME.search(key):
            line[key] = "***"
        elif isinstance(value, str):
            line[key] = scrub(value)
    return line


def _one_line(line: Any, **options: Any) -> str:
    """JSON in which Chinese stays readable and no character ends a line or drives a terminal."""
    text = json.dumps(line, ensure_ascii=False, **options)
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def configure_logging(level: str = "INFO", *, json_lines: bool | None = None) -> None:
    """One JSON object a line, or coloured text on a terminal. Control characters are escaped in both."""
    as_json = not sys.stderr.isatty() if json_lines is None else json_lines
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    last = (
        structlog.processors.JSONRenderer(serializer=_one_line)
        if as_json
        else structlog.processors.KeyValueRenderer(
            key_order=["timestamp", "level", "event"], repr_native_str=True
        )
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,  # a cached one keeps writing to a stream that was closed since
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[*shared, _drop_meta, last]))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("alembic", "celery", "kombu", "amqp", "elastic_transport", "urllib3", "werkzeug", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _drop_meta(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = line.pop("_record", None)
    line.pop("_from_structlog", None)
    if record is not None:
        line["logger"] = record.name
    return line
