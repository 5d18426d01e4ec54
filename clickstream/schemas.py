"""Reading what browsers send: each event by itself, so that a bad one does not take the good ones with it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clickstream import vocabulary
from clickstream.vocabulary import COMMON, IDENTIFY, OPTIONAL, PAGE, REQUIRED, UNREAD, WrongValueError

LONGEST_WAIT = timedelta(minutes=10)  # events wait seconds in a page; beyond this the clock is not believed
LONGEST_KEPT_BODY = 2_000
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,80}")
_FIELDS = frozenset(
    ("type", "messageId", "event", "name", "properties", "context", "timestamp", "sentAt", "originalTimestamp",
     "anonymousId", "userId", "previousId", "groupId", "traits", "integrations", "channel", "version", "category",
     "receivedAt", "writeKey", "_metadata")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """A good event. `waited`: how long before it was sent it happened, by the browser's own clock."""

    message_id: str
    name: str
    waited: timedelta | None
    page_kind: str | None
    page_id: str | None
    path: str | None
    referrer: str | None
    product_id: str | None
    signal: str | None
    dwell_ms: int | None
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadEvent:
    """An event that cannot be taken in: `reason` is a word of ours, `field` the part that is wrong."""

    reason: str
    field: str
    body: str


class _BadError(Exception):
    def __init__(self, reason: str, field: str = "") -> None:
        self.reason, self.field = reason, field[:80]


def read_event(raw: Any, sent_at: datetime | None = None) -> Event | BadEvent:
    """One event of a batch. Who the client says it is (userId, anonymousId, traits) is not even read."""
    try:
        return _read(raw, sent_at)
    except _BadError as bad:
        body = json.dumps(raw, ensure_ascii=False, separators=(",", ":"))[:LONGEST_KEPT_BODY]
        return BadEvent(bad.reason, bad.field, body)


def _read(raw: Any, sent_at: datetime | None) -> Event:
    if not isinstance(raw, dict):
        raise _BadError("not_object")
    if unknown := [key for key in raw if key not in _FIELDS]:
        raise _BadError("unknown_field", unknown[0])
    message_id = raw.get("messageId")
    if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        raise _BadError("message_id", "messageId")
    name = _name(raw)
    moment = read_moment(raw, "timestamp")
    if name == IDENTIFY:
        # Only signing in says who somebody is. That a browser claims something is kept as a bare fact.
        return Event(message_id, name, _waited(moment, sent_at), *(None,) * 7, properties={})
    properties = _mapping(raw, "properties")
    page = _mapping(_mapping(raw, "context"), "page")
    told = _checked(name, properties)
    for key in ("path", "referrer"):
        if key not in told and key in page:
            told[key] = _value(COMMON[key], page[key], f"context.page.{key}")
    page_kind, page_id = told.pop("kind", None), told.pop("id", None) or None
    product_id = told.pop("product_id", None)
    signal = vocabulary.signal_of(name, told, page_kind)
    if signal == "click" and product_id is None:
        product_id = _value(vocabulary.identifier, page_id, "properties.id")
    return Event(
        message_id=message_id,
        name=name,
        waited=_waited(moment, sent_at),
        page_kind=page_kind,
        page_id=page_id,
        path=told.pop("path", None),
        referrer=told.pop("referrer", None) or None,
        product_id=product_id,
        signal=signal,
        dwell_ms=told.pop("dwell_ms", None),
        properties=told,
    )


def _name(raw: dict[str, Any]) -> str:
    kind = raw.get("type")
    if kind == "page":
        return PAGE
    if kind == "identify":
        return IDENTIFY
    if kind != "track":
        raise _BadError("type", "type")
    name = raw.get("event")
    if not isinstance(name, str) or name not in REQUIRED:
        raise _BadError("event", "event")
    return name


def _mapping(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _BadError("not_object", key)
    return value


def _checked(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    required, optional = REQUIRED.get(name, {}), OPTIONAL.get(name, {})
    if missing := [key for key in required if properties.get(key) is None]:
        raise _BadError("missing", f"properties.{missing[0]}")
    told = {}
    for key, value in properties.items():
        check = required.get(key) or optional.get(key) or COMMON.get(key)
        if check is None:
            if key in UNREAD:
                continue
            raise _BadError("unknown_field", f"properties.{key}")
        if value is not None:
            told[key] = _value(check, value, f"properties.{key}")
    return told


def _value(check: vocabulary.Check, value: Any, field: str) -> Any:
    try:
        return check(value)
    except WrongValueError:
        raise _BadError("value", field) from None


def read_moment(raw: dict[str, Any], key: str) -> datetime | None:
    """A time as the browser wrote it; None without one. Only differences between two of them are used."""
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 40:
        raise _BadError("timestamp", key)
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _BadError("timestamp", key) from None


def read_sent_at(body: dict[str, Any], batch: list[Any]) -> datetime | None:
    """When the batch was sent, by the browser's clock: as it says, or else its newest event."""
    if (said := _moment_or_none(body, "sentAt")) is not None:
        return said
    return max(
        (moment for raw in batch if isinstance(raw, dict) and (moment := _moment_or_none(raw, "timestamp"))),
        default=None,
    )


def _moment_or_none(raw: dict[str, Any], key: str) -> datetime | None:
    try:
        return read_moment(raw, key)
    except _BadError:
        return None


def _waited(moment: datetime | None, sent_at: datetime | None) -> timedelta | None:
    if moment is None or sent_at is None:
        return None
    waited = sent_at - moment
    return waited if timedelta(0) <= waited <= LONGEST_WAIT else None
