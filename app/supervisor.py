"""One parent for web, workers and scheduler: restarts what dies, with backoff, and ends all of it together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()

FIRST_WAIT, LONGEST_WAIT, HEALTHY_AFTER = 0.5, 30.0, 30.0
GRACE_SECONDS = 9.0
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child, before it starts: it is told to end when the supervisor is killed (Linux)."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):
        return  # not Linux: children outlive a supervisor killed with -9 until they are ended by hand


@dataclass
class Child:
    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    restart_at: float = 0.0
    restarts: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            list(self.arguments),
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
        )
        self.started = time.monotonic()

    def kill_group(self) -> None:
        """Ends what the child has started, also when the child itself is gone already."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return


class Supervisor:
    """Runs children until it is told to stop."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = list(children)
        self._stopping = False

    def run(self, when_started: Callable[[], None]) -> None:
        """Starts all, calls `when_started` once, and keeps them running until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for child in self._children:
            child.start()
        try:
            when_started()
            while not self._stopping:
                self._look_after()
                time.sleep(0.2)
        finally:
            self._end()

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _look_after(self) -> None:
        moment = time.monotonic()
        for child in self._children:
            assert child.process is not None
            code = child.process.poll()
            if code is None:
                if moment - child.started > HEALTHY_AFTER:
                    child.wait = FIRST_WAIT
                continue
            if not child.restart_at:
                log.error("child_ended", child=child.name, code=code, restart_in=child.wait)
                child.kill_group()
                child.restart_at = moment + child.wait
                child.wait = min(child.wait * 2, LONGEST_WAIT)
            elif moment >= child.restart_at:
                child.restart_at = 0.0
                child.restarts += 1
                child.start()

    def _end(self) -> None:
        for child in self._children:
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            if child.process is not None:
                try:
                    child.process.wait(max(deadline - time.monotonic(), 0.1))
                except subprocess.TimeoutExpired:
                    log.warning("child_killed", child=child.name)
                child.kill_group()
                child.process.wait()
