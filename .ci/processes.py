"""Processes of the test services: each in a session of its own, found again after the starter has gone."""

# ruff: noqa: S603  (the commands are written in servers.py)

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# In the environment of each service, so that one which left its process group is found as well.
MARK = "RAPPORT_SERVICE_OF"
PATIENCE = 20.0


class ServiceFailed(Exception):
    pass


@dataclass
class Command:
    arguments: list[str]
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    end: int = signal.SIGTERM


@dataclass
class Service:
    name: str
    pid: int
    born: str
    end: int


def switch(user: str | None) -> dict[str, Any]:
    """Popen arguments that give root's rights up. A developer who is not root runs all under the own user."""
    if os.geteuid() != 0 or user is None:
        return {}
    try:
        entry = pwd.getpwnam(user)
    except KeyError as error:
        raise ServiceFailed(f"there is no user {user}; run .ci/install first") from error
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def own(place: Path, user: str | None) -> None:
    if os.geteuid() == 0 and user is not None:
        entry = pwd.getpwnam(user)
        os.chown(place, entry.pw_uid, entry.pw_gid)


def environment(command: Command, mark: str) -> dict[str, str]:
    """A service sees nothing of the caller's settings but the path and the mark."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": f"{path}:/usr/sbin:/sbin", "LANG": "C.UTF-8", MARK: mark, **command.environment}


def start(name: str, command: Command, folder: Path) -> Service:
    """Runs apart from the caller's terminal; its output goes to DIR/<service>.log."""
    log = folder / f"{name.partition('.')[0]}.log"
    with log.open("ab") as sink:
        try:
            process = subprocess.Popen(
                command.arguments,
                cwd=command.folder or "/",
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment(command, str(folder)),
                **switch(command.user),
            )
        except FileNotFoundError as error:
            raise ServiceFailed(f"{command.arguments[0]} is missing; run .ci/install first") from error
    return Service(name=name, pid=process.pid, born=born(process.pid), end=int(command.end))


def born(pid: int) -> str:
    """Start time of a process in ticks, which tells it from a later one with the same number."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    state, *fields = text.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]


def running(service: Service) -> bool:
    # Collects our own child, if it is one; after a restart of this program it is init's.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(service.pid, os.WNOHANG)
    return service.born != "" and born(service.pid) == service.born


def all_running(services: list[Service]) -> bool:
    return all(running(service) for service in services)


def stop(services: list[Service]) -> None:
    """Asks all, the last started first, waits, and ends what is still there."""
    alive = [service for service in reversed(services) if running(service)]
    for service in alive:
        _signal_group(service.pid, service.end)
    until = time.monotonic() + PATIENCE
    while any(running(service) for service in alive) and time.monotonic() < until:
        time.sleep(0.05)
    for service in alive:
        _signal_group(service.pid, signal.SIGKILL)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def processes_marked(name: str, value: str) -> list[int]:
    wanted = f"{name}={value}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def end_processes_marked(value: str, name: str = MARK) -> None:
    """Ends whatever still carries the mark, first politely; nothing else on the machine is touched."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        until = time.monotonic() + patience
        for pid in processes_marked(name, value):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while processes_marked(name, value) and time.monotonic() < until:
            time.sleep(0.1)
