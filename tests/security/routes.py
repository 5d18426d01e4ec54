"""The URL map, with arguments filled in, for the checks that knock at every door."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask

from core.web.policy import Policy, policy_of

UNKNOWN_ID = uuid.UUID("01900000-0000-7000-8000-000000000000")
ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


@dataclass(frozen=True)
class Door:
    """One route and method. `path` has its arguments filled."""

    rule: str
    endpoint: str
    method: str
    path: str
    policy: Policy


def doors(app: Flask, values: Mapping[str, str] | None = None) -> Iterator[Door]:
    """Every route with every method it takes; arguments without a value get one that does not exist."""
    known = values or {}

    def fill(found: re.Match[str]) -> str:
        kind, name = found[1] or "string", found[2]
        if name in known:
            return known[name]
        return {"uuid": str(UNKNOWN_ID), "int": "999999999"}.get(kind, "nothing")

    for rule in sorted(app.url_map.iter_rules(), key=str):
        policy = policy_of(app, rule.endpoint)
        assert policy is not None, rule
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(str(rule), rule.endpoint, method, ARGUMENT.sub(fill, str(rule)), policy)
