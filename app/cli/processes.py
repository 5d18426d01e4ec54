"""The processes of an installation: web, worker, beat; and the migration they need."""

from __future__ import annotations

import os
import sys
import warnings

import click

from core.loader import load
from core.settings import get_settings
from core.telemetry import configure_logging

WEB_LIMITS = [
    "--worker-class", "gthread", "--timeout", "30", "--graceful-timeout", "8", "--keep-alive", "5",
    "--limit-request-line", "8190", "--limit-request-fields", "80", "--limit-request-field_size", "8190",
    "--worker-tmp-dir", "/dev/shm",  # noqa: S108 - the heartbeat file belongs in memory
    "--preload", "--log-level", "warning", "--no-control-socket",
]  # fmt: skip


def web_arguments() -> list[str]:
    """The command line of the web server for the settings."""
    settings = get_settings()
    return [
        sys.executable, "-m", "gunicorn", "app.wsgi:application", "--bind", settings.bind,
        "--workers", str(settings.web_processes), "--threads", str(settings.web_threads),
        *WEB_LIMITS,
    ]  # fmt: skip


@click.command()
def web() -> None:
    """Run the web server on RAPPORT_BIND with RAPPORT_WEB_PROCESSES processes."""
    load("app.checks").refuse_if_unsafe()
    arguments = web_arguments()
    os.execv(arguments[0], arguments)  # noqa: S606 - our own interpreter, no shell


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), help="Jobs at a time; default RAPPORT_WORKER_THREADS.")
def worker(threads: int | None) -> None:
    """Run one worker: it takes job ids from the broker and does the jobs of the database."""
    settings = get_settings()
    load("app.checks").refuse_if_unsafe()
    configure_logging(settings.log_level)
    load("app.jobs")
    celery = load("core.jobs.broker").celery_app()
    load("core.jobs.celery_tasks").install(celery)
    # Celery warns root of pickled messages; ours are JSON, and nothing else is accepted.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    celery.worker_main(
        [
            "--quiet", "worker", "--pool", "threads", "--concurrency", str(threads or settings.worker_threads),
            "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat",
            "--hostname", f"rapport-{os.getpid()}@%h",
        ]
    )  # fmt: skip


@click.command()
def beat() -> None:
    """Run the scheduler: every few seconds it asks a worker to pick up what is due."""
    settings = get_settings()
    settings.refuse_if_unsafe()
    configure_logging(settings.log_level)
    celery = load("core.jobs.broker").celery_app()
    celery.start(
        ["--quiet", "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "", "--loglevel", "WARNING"]
    )


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema. Two at once take turns; running it again changes nothing."""
    get_settings()
    revision = load("app.migrate").upgrade()
    click.echo(f"The database is at revision {revision}.")
