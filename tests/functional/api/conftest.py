"""A session for preparing and looking that holds no transaction around the requests: each stands alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from core.db.engine import new_session


@pytest.fixture
def session() -> Iterator[Session]:
    found = new_session(write=True)
    yield found
    found.close()
