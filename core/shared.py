"""What is the same for everybody and costs a query to know: kept for a moment in each process.

Only for what may be a moment late, such as the number beside a category. Whatever this process makes durable
ends it at once; what another process wrote is seen after `seconds`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from core.db.engine import is_bound_for_tests
from core.transaction import count_of_writes, current_write_session

MOST = 256

P = ParamSpec("P")
T = TypeVar("T")


def for_a_moment(
    seconds: float,
) -> Callable[[Callable[Concatenate[Session, P], T]], Callable[Concatenate[Session, P], T]]:
    """Keeps what the function returned for each set of arguments, which must be hashable; the result must not be
    changed by who gets it. Inside a transaction() nothing is kept: it may see what is never made durable."""

    def decorate(function: Callable[Concatenate[Session, P], T]) -> Callable[Concatenate[Session, P], T]:
        lock = threading.Lock()
        held: dict[Hashable, tuple[float, int, T]] = {}

        @wraps(function)
        def ask(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if is_bound_for_tests() or current_write_session() is not None:
                return function(session, *args, **kwargs)
            key = (args, tuple(sorted(kwargs.items())))
            now, writes = time.monotonic(), count_of_writes()
            found = held.get(key)
            if found is not None and now < found[0] and found[1] == writes:
                return found[2]
            value = function(session, *args, **kwargs)
            with lock:
                if len(held) >= MOST:
                    held.clear()
                held[key] = (now + seconds, writes, value)
            return value

        return ask

    return decorate
