"""`rapport up`: everything that one machine needs, in one command."""

from __future__ import annotations

import socket
import sys
import time
import urllib.request
from urllib.error import URLError

import click
from rich.console import Console
from rich.table import Table

from app import checks, migrate
from app.cli.processes import web_arguments
from app.supervisor import Child, Supervisor
from core.errors import Conflict, Unavailable
from core.loader import load
from core.settings import Settings, SettingsError, get_settings
from core.telemetry import configure_logging
from core.web.pages import STATIC
from recommender import own_data
from recommender.process import TrainingError


@click.command()
@click.option("--no-demo", is_flag=True, help="Do not load the demo data (demo mode loads it once).")
def up(no_demo: bool) -> None:
    """Prepare the database and, in demo mode, the demo data; then start web, worker and scheduler.

    A child that dies is started again. Ctrl-C ends everything.
    """
    settings = get_settings()
    checks.refuse_if_unsafe()
    configure_logging(settings.log_level)
    console = Console(stderr=False)
    _refuse_taken_port(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    with console.status("Preparing the database …"):
        migrate.upgrade()
    _compress_static()
    if settings.mode == "demo" and not no_demo:
        load("app.demo.loader:ensure_demo")(console)
        _train_first_model(console)
    children = [Child("web", web_arguments())]
    names = [f"worker-{n + 1}" for n in range(settings.worker_processes)]
    program = [sys.executable, "-m", "app"]
    children += [Child(name, [*program, "worker"]) for name in names]
    children.append(Child("beat", [*program, "beat"]))
    supervisor = Supervisor(children)
    supervisor.run(lambda: _greet(console, settings, supervisor))


def _train_first_model(console: Console) -> None:
    """A quick model, so that the demo recommends from its first minute; `rapport train` makes the best one."""
    if own_data.has_model():
        return
    with console.status("Learning what is bought together …"):
        try:
            own_data.train(algorithm="item_item_jaccard")
        except (Conflict, TrainingError) as error:
            console.print(f"[yellow]No recommendations yet: {error}[/yellow]")


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


def _compress_static() -> None:
    """Compressed copies of the static files beside them, for browsers that take gzip."""
    sources = [path for path in STATIC.iterdir() if path.suffix in {".css", ".js", ".svg"}]
    stale = [
        path
        for path in sources
        if not (gz := path.with_name(path.name + ".gz")).exists() or gz.stat().st_mtime < path.stat().st_mtime
    ]
    if stale:
        compressor = load("whitenoise.compress:Compressor")(use_brotli=False, quiet=True)
        for path in stale:
            compressor.compress(str(path))


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


def _greet(console: Console, settings: Settings, supervisor: Supervisor) -> None:
    _wait_until_ready(settings, supervisor)
    if supervisor.is_stopping:
        return
    console.print(f"\n[bold]Rapport is running at {settings.url}[/bold]   (Ctrl-C ends it)")
    if settings.mode == "demo":
        table = Table("Role", "Email", "Password", box=None, padding=(0, 3, 0, 0))
        for account in load("app.demo.accounts:list_demo_accounts")():
            table.add_row(account.role, account.email, account.password)
        console.print(table)
        console.print(f"Mail of the demo: {settings.url}/mailbox")
    sys.stdout.flush()
