"""`rapport train`: a recommender model from the orders in the database."""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app import models  # noqa: F401 - a training's row names a member of staff
from core.telemetry import configure_logging
from recommender.algorithms.registry import AUTO, CHOICES
from recommender.model import model_folder
from recommender.own_data import train as train_model
from recommender.process import TrainingError


@click.command()
@click.option("--algorithm", type=click.Choice([AUTO, *CHOICES]), default=AUTO, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the model's card as JSON.")
def train(algorithm: str, as_json: bool) -> None:
    """Learn from the orders in the database and swap the new model in.

    With "auto", algorithms are compared on a part of the time line that they have not seen, and the best is
    taken. The old model serves until the new one is whole.
    """
    configure_logging("WARNING")
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task("Learning", total=None)
            card = train_model(
                algorithm=algorithm,
                report=lambda what, done, total: progress.update(
                    task, description=what, completed=done, total=total
                ),
            )
    except TrainingError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        sys.stdout.write(json.dumps(card, indent=2) + "\n")
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, value in card.items():
        if isinstance(value, (str, int, float)):
            table.add_row(name.replace("_", " "), str(value))
    Console().print(table)
    click.echo(f"The model is in {model_folder()}.")
