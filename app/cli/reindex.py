"""`rapport reindex`: fills new indexes beside the old ones and swaps them."""

from __future__ import annotations

import click
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app import jobs  # noqa: F401 - registers the kinds
from core import search
from core.telemetry import configure_logging


@click.command()
@click.argument("kinds", nargs=-1)
def reindex(kinds: tuple[str, ...]) -> None:
    """Rebuild the search indexes of KINDS (default: all). Searches are answered meanwhile."""
    configure_logging("WARNING")
    known = [spec.kind for spec in search.list_specs()]
    if unknown := sorted(set(kinds) - set(known)):
        raise click.BadParameter(f"{', '.join(unknown)}; known are {', '.join(known) or 'none'}")
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as progress:
        for kind in kinds or known:
            task = progress.add_task(kind, total=None)
            search.rebuild(
                kind,
                progress=lambda done, task=task: progress.update(task, completed=done),
            )
