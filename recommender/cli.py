"""`rapport evaluate recommender`: the command that the roof mounts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from recommender.algorithms.registry import AUTO, CHOICES
from recommender.artifacts import ArtifactError
from recommender.evaluate import Evaluation, NothingToTestError, evaluate
from recommender.process import TrainingError
from recommender.tsv import InteractionFileError

BAD_DATA, FAILED = 2, 1


@click.group("evaluate")
def evaluate_group() -> None:
    """Measure the product on data of your own."""


@evaluate_group.command("recommender")
@click.option(
    "--train",
    "train_file",
    type=click.Path(path_type=Path),
    required=True,
    help="TSV: user item [weight time]; plain, .xz or .gz.",
)
@click.option(
    "--test",
    "test_file",
    type=click.Path(path_type=Path),
    required=True,
    help="TSV of what was taken afterwards.",
)
@click.option("--algorithm", type=click.Choice(CHOICES), default=AUTO, show_default=True)
@click.option("--k", type=click.IntRange(1, 1000), default=20, show_default=True, help="Length of the lists.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate_recommender(
    *, train_file: Path, test_file: Path, algorithm: str, k: int, seed: int, as_json: bool
) -> None:
    """Train on one file alone, rank for each user of the other what they do not have, print recall and NDCG."""
    errors = Console(stderr=True)
    try:
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=errors,
        ) as progress:
            task = progress.add_task("reading", total=None)

            def report(what: str, done: int, total: int) -> None:
                progress.update(task, description=what, completed=done, total=total)

            found = evaluate(train_file, test_file, algorithm=algorithm, k=k, seed=seed, report=report)
    except (InteractionFileError, NothingToTestError, TrainingError, ArtifactError) as error:
        click.echo(f"Error: {error}", err=True)
        is_input = isinstance(error, InteractionFileError | NothingToTestError) or getattr(
            error, "is_input", False
        )
        sys.exit(BAD_DATA if is_input else FAILED)
    click.echo(json.dumps(found.to_json(), indent=1) if as_json else _text(found))


def _text(found: Evaluation) -> str:
    figures, card, k = found.figures, found.card, found.k
    lines = [
        f"recall@{k}    {figures.recall:.4f}  (standard error {figures.recall_error:.4f})",
        f"NDCG@{k}      {figures.ndcg:.4f}  (standard error {figures.ndcg_error:.4f})",
        f"users        {figures.users}",
        f"left out     {found.unknown_users} unknown users, {found.unknown_items} pairs with unknown items, "
        f"{found.known_pairs} pairs already in the training",
        f"algorithm    {card.algorithm} ({card.chosen_because})",
        f"seconds      {found.train_seconds:.1f} training, {found.serve_seconds:.1f} serving",
        f"peak memory  {found.peak_memory_bytes / 1e6:.0f} MB",
    ]
    if card.candidates:
        table = Table(title=f"Inner split: {card.split}", title_justify="left")
        for column in ("algorithm", f"recall@{card.k}", f"NDCG@{card.k}", "users", "seconds"):
            table.add_column(column, justify="left" if column == "algorithm" else "right")
        for candidate in card.candidates:
            table.add_row(
                candidate.algorithm, f"{candidate.recall:.4f}", f"{candidate.ndcg:.4f}", str(candidate.users),
                f"{candidate.seconds:.1f}",
            )  # fmt: skip
        console = Console(width=100)
        with console.capture() as captured:
            console.print(table)
        lines += ["", captured.get().rstrip()]
    return "\n".join(lines)
