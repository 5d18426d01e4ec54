"""The `rapport` command. Each subcommand is loaded when it is asked for, so that help answers at once."""

from __future__ import annotations

import sys

import click

from core.errors import AppError
from core.i18n import explain
from core.loader import load
from core.settings import SettingsError

COMMANDS = {
    "up": ("app.cli.up:up", "Prepare everything and start web, worker and scheduler."),
    "web": ("app.cli.processes:web", "Run the web server."),
    "worker": ("app.cli.processes:worker", "Run one worker."),
    "beat": ("app.cli.processes:beat", "Run the scheduler (one per installation; two do no harm)."),
    "migrate": ("app.cli.processes:migrate", "Bring the database to the newest schema."),
    "doctor": ("app.cli.doctor:doctor", "Say what is configured, reachable, behind or unsafe."),
    "user": ("app.cli.user:user", "Create accounts, set passwords and roles."),
    "demo": ("app.cli.demo:demo", "Load or describe the demo data."),
    "import": ("app.cli.imports:import_", "Import orders from a file."),
    "evaluate": ("recommender.cli:evaluate_group", "Measure the recommender on purchases of your own."),
    "train": ("app.cli.train:train", "Learn recommendations from the orders in the database."),
    "reindex": ("app.cli.reindex:reindex", "Rebuild search indexes without downtime."),
}

HIDDEN = {"prepare": ("app.cli.prepare:prepare", "Prepare everything; rapport up does it first.")}


class Commands(click.Group):
    """Subcommands by name, imported when used; errors meant for people end with exit code 1 and no trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name) or HIDDEN.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = load(entry[0])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(f"These settings cannot be used: {error}") from None
        except AppError as error:
            raise click.ClickException(explain(error)) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            told = load("app.cli.trouble:explain_database")(error)
            if told is None:
                raise
            raise click.ClickException(told) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="rapport")
def cli() -> None:
    """Rapport: customer self-service portal with personalization.

    Settings are environment variables RAPPORT_…; docs/settings.md lists them.
    """


def main() -> None:
    sys.exit(cli(prog_name="rapport"))
