#!/usr/bin/env python3
"""Start and stop the real services that the tests use: PostgreSQL, RabbitMQ, Redis, Elasticsearch.

    .ci/services.py up --dir DIR [--only postgres,redis] [--durable]
    . DIR/env
    .ci/services.py status --dir DIR
    .ci/services.py down --dir DIR

Every service listens on loopback on a free port of its own and keeps its data under DIR, so several sets can
run side by side. `.ci/install` installs the programs. Only the standard library is used.
"""

# ruff: noqa: T201  (a command line program)

from __future__ import annotations

import argparse
import json
import os
import secrets
import shlex
import shutil
import signal
import sys
import time
from functools import partial
from pathlib import Path
from types import FrameType

from processes import Service, ServiceFailed, all_running, end_processes_marked, running, start, stop
from servers import SERVERS, Server

ORDER = ("postgres", "redis", "rabbitmq", "elasticsearch")
CHROMIUM = Path("/usr/bin/chromium")
# A service that loses a race for its port is started again with other ones.
ATTEMPTS = 3


def read_state(folder: Path) -> list[Service]:
    try:
        text = (folder / "state.json").read_text()
    except FileNotFoundError:
        return []
    return [Service(**row) for row in json.loads(text)]


def write_state(folder: Path, services: list[Service]) -> None:
    draft = folder / "state.json.new"
    draft.write_text(json.dumps([vars(service) for service in services], indent=1))
    draft.replace(folder / "state.json")


def write_env(folder: Path, variables: dict[str, str]) -> None:
    draft = folder / "env.new"
    draft.touch(mode=0o600)
    draft.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
    draft.replace(folder / "env")


def tail(log: Path, lines: int = 40) -> str:
    if not log.is_file():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def launch(server: Server, folder: Path, services: list[Service]) -> None:
    """Start one server's processes; each is on record before the next, so that an interrupt finds all."""
    for name, command in server.prepare():
        services.append(start(name, command, folder))
        write_state(folder, services)


def bring_up(folder: Path, names: list[str], durable: bool) -> dict[str, str]:
    services: list[Service] = []
    servers = {name: SERVERS[name](folder / name, secrets.token_hex(12), durable) for name in names}
    for server in servers.values():
        launch(server, folder, services)
    for name, server in servers.items():
        for attempt in range(1, ATTEMPTS + 1):
            mine = [service for service in services if service.name.partition(".")[0] == name]
            try:
                server.wait(partial(all_running, mine))
                break
            except ServiceFailed as failure:
                print(f"services: {failure} (attempt {attempt} of {ATTEMPTS})", file=sys.stderr)
                print(tail(folder / f"{name}.log"), file=sys.stderr)
                if attempt == ATTEMPTS:
                    raise
                stop(mine)
                services = [service for service in services if service not in mine]
                server.clear()
                launch(server, folder, services)
        print(f"services: {name} is up after {time.monotonic() - BEGAN:.1f} s", flush=True)
    return {server.variable: server.url() for server in servers.values()}


def tear_down(folder: Path) -> None:
    services = read_state(folder)
    stop(services)
    end_processes_marked(str(folder))
    for name in ORDER:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / f"{name}.log").unlink(missing_ok=True)
    for name in ("env", "env.new", "state.json.new", "state.json"):
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def check_reachable(folder: Path) -> None:
    """As root each service runs under its own user, who must be able to walk down to DIR."""
    for place in (folder, *folder.parents):
        if os.geteuid() == 0 and place.exists() and not place.stat().st_mode & 0o001:
            raise SystemExit(f"services: {place} is closed to other users, choose a --dir outside of it")


def up(folder: Path, names: list[str], durable: bool) -> None:
    state = read_state(folder)
    alive = {service.name.partition(".")[0] for service in state if running(service)}
    if alive:
        if alive >= set(names) and (folder / "env").is_file():
            print(f"services: already up, see {folder}/env")
            return
        raise SystemExit(
            f"services: {folder} has {', '.join(sorted(alive))} running; end them first with down"
        )
    if state:
        tear_down(folder)
    check_reachable(folder)
    os.umask(0o022)  # or the services' users could not enter what is made here
    folder.mkdir(parents=True, exist_ok=True)
    try:
        variables = bring_up(folder, names, durable)
        if CHROMIUM.exists():
            variables["RAPPORT_TEST_CHROMIUM"] = str(CHROMIUM)
        write_env(folder, variables)
    except BaseException:
        tear_down(folder)
        raise
    print(f"services: up; to use them: . {folder}/env")


def status(folder: Path) -> int:
    state = read_state(folder)
    for service in state:
        print(f"{service.name:15} {'running' if running(service) else 'ended'} (process {service.pid})")
    if not state:
        print(f"services: nothing was started in {folder}")
    return 0 if state and all(running(service) for service in state) else 1


def only(text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(ORDER))
    if unknown or not wanted:
        raise argparse.ArgumentTypeError(
            f"unknown service {', '.join(unknown)}; there are {', '.join(ORDER)}"
        )
    return [name for name in ORDER if name in wanted]


def interrupted(signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


def main() -> int:
    parser = argparse.ArgumentParser(description="Start and stop the real services that the tests use.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "start services and write DIR/env"),
        ("status", "say what runs"),
        ("down", "stop services and remove their data"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--dir", type=Path, required=True, help="folder of this set of services")
        if name == "up":
            command.add_argument("--only", type=only, default=list(ORDER), help=f"some of {','.join(ORDER)}")
            command.add_argument(
                "--durable",
                action="store_true",
                help="PostgreSQL with fsync, for measurements (tests need none)",
            )
    options = parser.parse_args()
    folder = options.dir.resolve()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    if options.command == "status":
        return status(folder)
    if options.command == "down":
        # A second Ctrl-C must not leave half of them running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        tear_down(folder)
        return 0
    try:
        up(folder, options.only, options.durable)
    except ServiceFailed as failure:
        print(f"services: {failure}", file=sys.stderr)
        return 1
    return 0


BEGAN = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
