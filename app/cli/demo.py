"""`rapport demo`: loading the demo data, and who can be signed in as."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.table import Table

from app import migrate
from app.demo.accounts import list_demo_accounts
from app.demo.loader import ensure_demo
from core.settings import SettingsError, get_settings
from core.telemetry import configure_logging


@click.group()
def demo() -> None:
    """Load or describe the demo data."""


@demo.command()
def load() -> None:
    """Load what is missing of the demo; a second time changes nothing."""
    configure_logging("WARNING")
    if get_settings().mode != "demo":
        raise SettingsError("RAPPORT_MODE is production: the demo's passwords are public")
    migrate.upgrade()
    ensure_demo(Console(stderr=True))
    click.echo("The demo is loaded.")


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="A list of objects with role, email and password.")
def accounts(as_json: bool) -> None:
    """Print role, email and password of each demo account."""
    configure_logging("WARNING")
    found = list_demo_accounts()
    if as_json:
        rows = [{"role": one.role, "email": one.email, "password": one.password} for one in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    if not found:
        raise click.ClickException(
            "There are no demo accounts in this database: rapport demo load makes them."
        )
    table = Table("Role", "Email", "Password", box=None, padding=(0, 3, 0, 0))
    for one in found:
        table.add_row(one.role, one.email, one.password)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
