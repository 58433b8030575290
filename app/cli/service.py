"""Commands for whoever runs the service: serve it, try it, keep its tables and scores current."""

import os
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import demo, runs, shelf
from app.cli import database
from app.cli.console import err, out, stop, tell
from app.db import migrate as migrate_tables
from app.errors import SvarError
from app.main import NotReady, create_app, log_to_console
from app.settings import Settings


def _prepare(settings: Settings) -> None:
    """Bring tables and shipped instruments up to date."""
    left: list[str] = []
    with database.opened(settings.database_url) as opened:
        migrate_tables(opened)
        try:
            with opened.write() as session:
                names = shelf.publish_folder(session, settings.instruments, "svar migrate", left)
        except shelf.NotPublished as error:
            stop(str(error))
    for one in left:
        tell(f"Left out, as the PRO centre has published its own: {one}")
    out.print(f"Instruments: {', '.join(names)}")


def _make_room(settings: Settings) -> None:
    """Make the folder of an SQLite file; nobody else on the machine may read what is in it."""
    os.umask(0o077)
    if settings.database_url.startswith("sqlite:///"):
        path = Path(settings.database_url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)


def _run(settings: Settings, workers: int = 1) -> None:
    log_to_console()
    try:
        service = create_app(settings)
    except NotReady as error:
        stop(str(error))
    uvicorn.run(
        service if workers == 1 else "app.main:from_environment",
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
    )


def serve(
    workers: Annotated[int, typer.Option(min=1, help="Processes; PostgreSQL only")] = 1,
) -> None:
    """Serve patients and registries, as the SVAR_* variables set it up."""
    settings = database.settings()
    if workers > 1 and settings.database_url.startswith("sqlite"):
        stop("SQLite serves one process. Use PostgreSQL (SVAR_DATABASE_URL) for several workers.")
    _run(settings, workers)


def try_demo(port: Annotated[int, typer.Option(help="Port on 127.0.0.1")] = 8000) -> None:
    """Try the service here: made-up registries and orders, on this machine only."""
    url = f"http://127.0.0.1:{port}"
    settings = database.settings(demo=True, port=port, public_url=url)
    _make_room(settings)
    with database.opened(settings.database_url) as opened:
        try:
            demo.refuse_real(opened)
        except demo.NotADemo as error:
            stop(str(error))
        _prepare(settings)
        demo.seed(opened, settings)
    out.print(f"\n  Open {url} in a browser. Ctrl-C stops.\n", style="bold")
    _run(settings)


def migrate() -> None:
    """Bring the database's tables up to date, and publish the shipped instruments."""
    settings = database.settings()
    _make_room(settings)
    _prepare(settings)
    out.print("The database is up to date.")


def rescore(
    instrument: Annotated[str, typer.Option(help="The instrument, such as rand-36")],
    to: Annotated[str, typer.Option(help="The version to score with, such as 1.1")],
) -> None:
    """Score stored answers again; every earlier result stays in the feed."""
    columns = (TextColumn("Rescoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with database.current() as opened, Progress(*columns, console=err) as bar:
        task, done = bar.add_task("rescore"), 0
        try:
            for done, total in runs.rescore(opened, instrument, to, "cli"):
                bar.update(task, completed=done, total=total)
        except SvarError as error:
            stop(error.detail)
    out.print(f"Scored {done} responses with {instrument} {to}; older results stay in the feed.")
