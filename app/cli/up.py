"""`rapport up`: everything that one machine needs, in one command."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from urllib.error import URLError

import click
from rich.console import Console

from app.cli.processes import web_arguments
from app.prepared import is_prepared
from app.supervisor import Child, Supervisor
from core.errors import Unavailable
from core.loader import load
from core.settings import Settings, SettingsError, get_settings
from core.telemetry import configure_logging

PROGRAM = [sys.executable, "-m", "app"]


@click.command()
@click.option("--no-demo", is_flag=True, help="Do not load the demo data (demo mode loads it once).")
def up(no_demo: bool) -> None:
    """Prepare the database and, in demo mode, the demo data; then start web, worker and scheduler.

    A child that dies is started again. Ctrl-C ends everything.
    """
    settings = get_settings()
    settings.refuse_if_unsafe()
    if settings.mode == "production":
        load("app.checks").refuse_if_unsafe()
    configure_logging(settings.log_level)
    _refuse_taken_port(settings)
    if not is_prepared(settings, with_demo=not no_demo):
        # In a process of its own: what loading the demo needs of memory is given back before the rest starts.
        prepared = subprocess.run([*PROGRAM, "prepare", *(["--no-demo"] if no_demo else [])], check=False)  # noqa: S603
        if prepared.returncode:
            sys.exit(prepared.returncode)
    children = [Child("web", web_arguments())]
    names = [f"worker-{n + 1}" for n in range(settings.worker_processes)]
    children += [Child(name, [*PROGRAM, "worker"]) for name in names]
    children.append(Child("beat", [*PROGRAM, "beat"]))
    supervisor = Supervisor(children)
    supervisor.run(lambda: _greet(Console(), settings, supervisor, with_demo=not no_demo))


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise SettingsError(
                f"{settings.bind} is in use: end what listens there or set RAPPORT_BIND to another port"
            ) from None


def _wait_until_ready(settings: Settings, supervisor: Supervisor, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    while time.monotonic() < deadline and not supervisor.is_stopping:
        try:
            with urllib.request.urlopen(f"http://{host}:{settings.port}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    if not supervisor.is_stopping:
        raise Unavailable


def _greet(console: Console, settings: Settings, supervisor: Supervisor, *, with_demo: bool) -> None:
    _wait_until_ready(settings, supervisor)
    if supervisor.is_stopping:
        return
    console.print(f"\n[bold]Rapport is running at {settings.url}[/bold]   (Ctrl-C ends it)")
    if settings.mode == "demo":
        sys.stdout.flush()
        if with_demo:
            subprocess.run([*PROGRAM, "demo", "accounts"], check=False)  # noqa: S603 - keeps this parent small
        console.print(f"Mail of the demo: {settings.url}/mailbox")
    sys.stdout.flush()
