"""`rapport import orders`: what a file says was ordered elsewhere, line by line accounted for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from app import (
    jobs,  # noqa: F401 - registers the job that rebuilds indexes
    migrate,
)
from core import clock
from core.db import get_engine
from core.settings import get_settings
from core.telemetry import configure_logging
from crm.orders.importing.errors import ProfileError, SourceFileError
from crm.orders.importing.profile import Profile, list_built_in, load_profile
from crm.orders.importing.reader import Advance
from crm.orders.importing.report import Summary, amount_text
from crm.orders.importing.run import import_orders

WORDS = {"order": "orders", "cancellation": "cancellations", "adjustment": "stock adjustments"}


@click.group("import")
def import_() -> None:
    """Load records that were kept elsewhere."""


def _profile(_ctx: click.Context, _param: click.Parameter, value: str) -> Profile:
    try:
        return load_profile(value)
    except ProfileError as error:
        raise click.BadParameter("\n".join(error.problems)) from None


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--profile",
    required=True,
    metavar="NAME|FILE",
    callback=_profile,
    help=f"What the columns mean: a YAML file (docs/import.md), or built in: {', '.join(list_built_in())}.",
)
@click.option("--dry-run", is_flag=True, help="Check and report; write nothing to the database.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write what became of every line (CSV). Default: in RAPPORT_HOME/imports.",
)
def orders(file: Path, profile: Profile, dry_run: bool, report_path: Path | None) -> None:
    """Load customers, products, orders and cancellations from FILE (CSV, plain, gzip or xz).

    Safe to repeat and to interrupt: an invoice is loaded whole, once. Exit code 0: every line was accepted;
    1: lines were rejected (the report says why) or the file cannot be read; 2: wrong use or wrong profile.
    """
    configure_logging("WARNING")
    if report_path is None:
        name = f"{profile.source}-{clock.now():%Y%m%dT%H%M%S}{'-dry-run' if dry_run else ''}.csv"
        report_path = get_settings().home / "imports" / name
    is_empty = dry_run and not _has_schema()
    if not dry_run:
        migrate.upgrade()
    stderr = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as progress:
        try:
            summary = import_orders(
                file, profile,
                report_path=report_path, dry_run=dry_run, is_empty=is_empty, step=_steps(progress),
            )  # fmt: skip
        except SourceFileError as error:
            raise click.ClickException(f"{file}: {error}. Nothing was loaded.") from None
        except OSError as error:
            raise click.UsageError(
                f"the report cannot be written to {report_path}: {error.strerror}"
            ) from None
    _tell(summary, profile, report_path, dry_run)
    if summary.rejected:
        raise SystemExit(1)


def _has_schema() -> bool:
    url = make_url(get_settings().database)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return False
    return inspect(get_engine()).has_table("sales_order")


def _steps(progress: Progress) -> Callable[[str], Advance]:
    def begin(name: str) -> Advance:
        task = progress.add_task(name, total=None)
        return lambda done, size: progress.update(task, completed=done, total=size)

    return begin


def _tell(summary: Summary, profile: Profile, report_path: Path, dry_run: bool) -> None:
    currency = profile.values.currency
    documents = ", ".join(f"{summary.documents[key]:,} {word}" for key, word in WORDS.items())
    click.echo(
        f"{summary.lines:,} lines in {summary.seconds:.1f} s{' (dry run: nothing was written)' if dry_run else ''}"
    )
    click.echo(
        f"  accepted  {summary.accepted:>9,}   {amount_text(summary.accepted_amount)} {currency}   {documents}"
    )
    click.echo(f"  rejected  {summary.rejected:>9,}   {amount_text(summary.rejected_amount)} {currency}")
    for reason, count in summary.reasons.most_common(10):
        click.echo(f"            {count:>9,}   {reason}")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in summary.kinds.most_common())
    click.echo(f"  lines are {kinds or 'none'}")
    if not dry_run:
        click.echo(
            f"  written   {summary.written:>9,} documents, {summary.products_made:,} products and "
            f"{summary.accounts_made:,} customers; {summary.unchanged:,} documents were there already"
        )
    click.echo(f"Report: {report_path}")
