"""What ids stand for: the names and addresses of things that somebody else only counted, each kind with one query.

Who owns a kind of thing writes its loader; a room gathers the loaders whose things its readers may see.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.actor import Actor

Key = tuple[str, str]  # the kind and the id of a thing


class Title(NamedTuple):
    """`url` is None for what has no page, or none any more."""

    text: str
    url: str | None = None


Loader = Callable[[Session, set[str], Actor], Mapping[str, Title]]


def as_ids(values: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue  # a browser may send any word as an id
    return found


def resolve(
    session: Session, keys: Iterable[Key], who: Actor, loaders: Mapping[str, Loader]
) -> dict[Key, Title]:
    """Name and address of what is still there and what `who` may see."""
    wanted: dict[str, set[str]] = {}
    for kind, value in keys:
        wanted.setdefault(kind, set()).add(value)
    found: dict[Key, Title] = {}
    for kind, load in loaders.items():
        if values := wanted.get(kind):
            found.update({(kind, key): title for key, title in load(session, values, who).items()})
    return found
