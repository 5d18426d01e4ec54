"""What `rapport up` does before it starts anything: schema, static files, demo data, a first model."""

from __future__ import annotations

import click
from rich.console import Console

from app import checks, migrate
from app.prepared import note_prepared
from campaigns.services import ensure_campaigns
from core.errors import Conflict
from core.loader import load
from core.settings import get_settings
from core.telemetry import configure_logging
from core.transaction import transaction
from core.web.pages import STATIC
from recommender import own_data
from recommender.process import TrainingError


@click.command(hidden=True)
@click.option("--no-demo", is_flag=True, help="Do not load the demo data.")
def prepare(no_demo: bool) -> None:
    """Prepare everything and end. Doing it again changes nothing."""
    settings = get_settings()
    configure_logging(settings.log_level)
    checks.refuse_if_unsafe()
    console = Console()
    settings.home.mkdir(parents=True, exist_ok=True)
    with console.status("Preparing the database …"):
        migrate.upgrade()
    with transaction() as session:
        ensure_campaigns(session)
    _compress_static()
    if settings.mode == "demo" and not no_demo:
        load("app.demo.loader:ensure_demo")(console)
        _train_first_model(console)
    note_prepared(settings, with_demo=not no_demo)


def _train_first_model(console: Console) -> None:
    """The demo recommends from its first minute; its orders are few enough to compare every algorithm."""
    if own_data.has_model():
        return
    with console.status("Learning what is bought together …"):
        try:
            own_data.train(cause="first")
        except (Conflict, TrainingError) as error:
            console.print(f"[yellow]No recommendations yet: {error}[/yellow]")


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
