"""The `svar` command: each command calls one verb."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import Session, select

from app import audit, demo, runs, security, shelf, valuation
from app.db import Database, is_current, migrate
from app.errors import SvarError
from app.main import NotReady, create_app, log_to_console
from app.models import Client, Registry, Unit, now
from app.settings import Settings
from scoring import NotValid, ValueSet

app = typer.Typer(help="Svar: questionnaires asked, scored and handed over.", no_args_is_help=True)
registry_app = typer.Typer(help="Registries: the tenants of the service.", no_args_is_help=True)
value_set_app = typer.Typer(
    help="Value sets: those a registry's results carry the index of besides.", no_args_is_help=True
)
registry_app.add_typer(value_set_app, name="value-set")
unit_app = typer.Typer(help="Units: a registry's hospitals and departments.", no_args_is_help=True)
client_app = typer.Typer(help="Clients: a registry's API credentials.", no_args_is_help=True)
instruments_app = typer.Typer(help="Instruments: check definitions.", no_args_is_help=True)
for name, group in (
    ("registry", registry_app),
    ("unit", unit_app),
    ("client", client_app),
    ("instruments", instruments_app),
):
    app.add_typer(group, name=name)

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def _id(given: str | None) -> str | None:
    if given is not None and not ID.fullmatch(given):
        raise typer.BadParameter("at most 40 letters, digits, dots, hyphens and underscores")
    return given


ClientId = Annotated[str | None, typer.Option(help="Client id; made up if left out", callback=_id)]
RegistryId = Annotated[str, typer.Option("--registry", help="The registry's id")]


def _stop(message: str) -> NoReturn:
    err.print(message, style="red", markup=False)
    raise typer.Exit(1)


def _settings(**given: object) -> Settings:
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        _stop("\n".join(map(_wrong_setting, error.errors())))


def _wrong_setting(found: ErrorDetails) -> str:
    message = found["msg"].removeprefix("Value error, ")
    name = "".join(f"SVAR_{part}: ".upper() for part in found["loc"])
    return f"{name}{message}"


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _current() -> Iterator[Database]:
    with _database(_settings()) as database:
        if not is_current(database):
            _stop("The database's tables are not up to date. Run `svar migrate`.")
        yield database


@contextmanager
def _write() -> Iterator[Session]:
    with _current() as database, database.write() as session:
        yield session


def _prepare(settings: Settings) -> None:
    """Bring tables and shipped instruments up to date."""
    with _database(settings) as database:
        migrate(database)
        try:
            with database.write() as session:
                names = shelf.publish_folder(session, settings.instruments, "svar migrate")
        except shelf.NotPublished as error:
            _stop(str(error))
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
        _stop(str(error))
    uvicorn.run(
        service if workers == 1 else "app.main:from_environment",
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
    )


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, help="Processes; PostgreSQL only")] = 1,
) -> None:
    """Serve patients and registries, as the SVAR_* variables set it up."""
    settings = _settings()
    if workers > 1 and settings.database_url.startswith("sqlite"):
        _stop("SQLite serves one process. Use PostgreSQL (SVAR_DATABASE_URL) for several workers.")
    _run(settings, workers)


@app.command("demo")
def demo_(port: Annotated[int, typer.Option(help="Port on 127.0.0.1")] = 8000) -> None:
    """Try the service here: made-up registries and orders, on this machine only."""
    url = f"http://127.0.0.1:{port}"
    settings = _settings(demo=True, port=port, public_url=url)
    _make_room(settings)
    with _database(settings) as database:
        try:
            demo.refuse_real(database)
        except demo.NotADemo as error:
            _stop(str(error))
        _prepare(settings)
        demo.seed(database, settings)
    out.print(f"\n  Open {url} in a browser. Ctrl-C stops.\n", style="bold")
    _run(settings)


@app.command("migrate")
def migrate_() -> None:
    """Bring the database's tables up to date, and publish the shipped instruments."""
    settings = _settings()
    _make_room(settings)
    _prepare(settings)
    out.print("The database is up to date.")


@registry_app.command("create")
def registry_create(
    id: Annotated[str, typer.Argument(help="Short id, such as hips", callback=_id)],  # noqa: A002
    name: Annotated[str, typer.Option(help="Full name")],
    orgnr: Annotated[str | None, typer.Option(help="Organisation number, nine digits")] = None,
) -> None:
    """Create a registry."""
    with _write() as session:
        if session.get(Registry, id) is not None:
            _stop(f"The registry {id} exists already.")
        session.add(Registry(id=id, name=name, orgnr=orgnr, created_at=now()))
        audit.append(session, id, "cli", "registry.created", id)
    out.print(f"Created registry {id}. Next: svar unit create --registry {id} …")


TheRegistry = Annotated[str, typer.Argument(help="The registry's id", metavar="REGISTRY")]
TheValueSet = Annotated[
    str, typer.Argument(help="Such as eq-5d-5l/uk-2026", metavar="INSTRUMENT/ID")
]


@value_set_app.command("add")
def value_set_add(registry: TheRegistry, value_set: TheValueSet) -> None:
    """Let a registry's results carry the index of one more value set, in its newest version."""
    try:
        with _write() as session:
            one = valuation.name(session, registry, value_set, "cli")
    except SvarError as error:
        _stop(error.detail)
    out.print(f"From now on results of {one.instrument} for {registry} have the index of")
    _tell(one)
    again = f"svar rescore --instrument {one.instrument} --to …"
    out.print(f"Earlier responses get it when they are scored again: {again}")


@value_set_app.command("remove")
def value_set_remove(registry: TheRegistry, value_set: TheValueSet) -> None:
    """Leave the index of a value set out of a registry's results from now on."""
    try:
        with _write() as session:
            valuation.unname(session, registry, value_set, "cli")
    except SvarError as error:
        _stop(error.detail)
    out.print(f"From now on results for {registry} are without the index of {value_set}.")


@value_set_app.command("list")
def value_set_list(registry: TheRegistry) -> None:
    """List the value sets that a registry has named, each with its paper."""
    try:
        with _current() as database, database.read() as session:
            sets = valuation.of_registry(session, registry)
    except SvarError as error:
        _stop(error.detail)
    for one, newest in sets:
        _tell(one)
        if newest != one.version:
            out.print(f"  Version {newest} is published; add the set again to have it used.")
    if not sets:
        out.print(f"{registry} has named none: its results have the definitions' own.")


def _tell(one: ValueSet) -> None:
    """Say where a value set is published, and what there is to know of it."""
    out.print(f"{one.instrument}/{one.id} {one.version}, {one.country}")
    out.print(f"  {one.citation}\n  {_paper(one)}", markup=False)
    if one.note:
        word = "DISPUTED" if one.checked == "disputed" else "Note"
        out.print(f"  {word}: {one.note}", markup=False)


def _paper(one: ValueSet) -> str:
    """Return every way to find what a value set was published in."""
    ways = {"doi:": one.doi, "": one.url, "ISBN ": one.isbn}
    return ", ".join(f"{word}{way}" for word, way in ways.items() if way)


@unit_app.command("create")
def unit_create(
    id: Annotated[str, typer.Argument(help="Short id, such as oslo-ortho", callback=_id)],  # noqa: A002
    registry: RegistryId,
    name: Annotated[str, typer.Option(help="Full name")],
    resh_id: Annotated[str | None, typer.Option(help="The unit's RESH id")] = None,
) -> None:
    """Create a unit of a registry."""
    with _write() as session:
        _registry(session, registry)
        if session.get(Unit, (registry, id)) is not None:
            _stop(f"The registry {registry} has a unit {id} already.")
        session.add(Unit(registry_id=registry, id=id, name=name, resh_id=resh_id))
        audit.append(session, registry, "cli", "unit.created", id)
    out.print(f"Created unit {id} of {registry}.")


@client_app.command("create")
def client_create(
    registry: RegistryId,
    scope: Annotated[list[str], typer.Option(help="May be repeated")],
    id: ClientId = None,  # noqa: A002
) -> None:
    """Create credentials for a registry, and print the secret, this once."""
    if id is not None and id.endswith("-demo"):
        _stop("Client ids that end in -demo are the demo's, whose secrets everyone knows.")
    if unknown := sorted(set(scope) - set(security.SCOPES)):
        _stop(f"Unknown scope: {', '.join(unknown)}. There are: {', '.join(security.SCOPES)}.")
    client_id, secret = id or f"{registry}-{security.new_receipt().lower()}", security.new_secret()
    with _write() as session:
        _registry(session, registry)
        if session.exec(select(Client.id).where(Client.id == client_id)).first():
            _stop(f"The client {client_id} exists already.")
        digest = security.hash_secret(secret)
        row = Client(
            registry_id=registry, id=client_id, secret_hash=digest, scopes=scope, created_at=now()
        )
        session.add(row)
        audit.append(session, registry, "cli", "client.created", client_id)
    out.print(f"client_id: {client_id}\nclient_secret: {secret}\n")
    err.print("The secret is not shown again: keep it where secrets are kept.")


@client_app.command("revoke")
def client_revoke(id: Annotated[str, typer.Argument()], registry: RegistryId) -> None:  # noqa: A002
    """Revoke credentials at once; tokens fetched with them stop working too."""
    with _write() as session:
        client = session.get(Client, (registry, id))
        if client is None:
            _stop(f"The registry {registry} has no client {id}.")
        client.revoked_at = client.revoked_at or now()
        session.add(client)
        audit.append(session, registry, "cli", "client.revoked", id)
    out.print(f"Revoked {id}.")


def _registry(session: Session, registry_id: str) -> Registry:
    registry = session.get(Registry, registry_id)
    if registry is None:
        _stop(
            f"There is no registry {registry_id}. Create it: svar registry create {registry_id} …"
        )
    return registry


@instruments_app.command("check")
def instruments_check(
    files: Annotated[list[Path], typer.Argument(help="Definitions, wordings, value sets")],
) -> None:
    """Check files as publishing would: shape, meaning, ranges, and their own examples."""
    wrong = sum([not _check(path) for path in files])
    if wrong:
        _stop(f"{wrong} of {len(files)} files must be mended.")


def _check(path: Path) -> bool:
    try:
        what = shelf.check_file(path)
    except (NotValid, OSError) as error:
        problems = error.problems if isinstance(error, NotValid) else [error]
        err.print(f"✗ {path}", style="red", markup=False)
        for problem in problems:
            err.print(f"    {problem}", markup=False)
        return False
    out.print(f"✓ {path}: {what}", markup=False)
    return True


@app.command()
def rescore(
    instrument: Annotated[str, typer.Option(help="The instrument, such as rand-36")],
    to: Annotated[str, typer.Option(help="The version to score with, such as 1.1")],
) -> None:
    """Score stored answers again; every earlier result stays in the feed."""
    columns = (TextColumn("Rescoring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _current() as database, Progress(*columns, console=err) as bar:
        task = bar.add_task("rescore")
        try:
            done = runs.rescore(
                database, instrument, to, lambda n, of: bar.update(task, completed=n, total=of)
            )
        except SvarError as error:
            _stop(error.detail)
    out.print(f"Scored {done} responses with {instrument} {to}; older results stay in the feed.")
