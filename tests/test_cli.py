"""The `svar` command: each command calls one verb."""

import logging
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from app import main, security
from app.cli import app as cli_app
from app.cli import service as service_commands
from app.db import Database, is_current
from app.models import AuditEvent, Client, Credential, Registry, ScoringRun, Unit
from scoring import VERSION
from tests.conftest import SECRET_KEY, Party
from tests.documents import INSTRUMENTS
from tests.flow import answer_and_send, nothing_stored
from tests.test_runs import publish, rescored


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)


class Served(list[tuple[Any, dict[str, Any]]]):
    """What was handed to the server, which does not run."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    runs = Served()
    monkeypatch.setattr(uvicorn, "run", lambda service, **how: runs.append((service, how)))
    monkeypatch.setattr(main, "log_to_console", lambda: None)
    monkeypatch.setattr(service_commands, "log_to_console", lambda: None)
    return runs


def svar(*words: object) -> Result:
    result = CliRunner().invoke(cli_app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def works(*words: object) -> str:
    result = svar(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def fails(*words: object) -> str:
    result = svar(*words)
    assert result.exit_code != 0, result.output
    assert "Traceback" not in result.output
    return result.stderr


def close(service: FastAPI | str) -> None:
    assert isinstance(service, FastAPI)
    service.state.database.close()


def test_it_says_which_program_and_which_scoring_it_is() -> None:
    assert works("--version") == f"svar {version('svar')}, scoring version {VERSION}\n"


def test_a_registry_is_set_up_step_by_step(database: Database) -> None:
    assert "svar unit create" in works("registry", "create", "spine", "--name", "Spine")
    works("unit", "create", "tromso", "--registry", "spine", "--name", "Tromsø", "--resh-id", "7")
    said = works("client", "create", "--registry", "spine", "--scope", "orders")
    with database.read() as session:
        assert session.exec(select(Registry.name).where(Registry.id == "spine")).one() == "Spine"
        unit = session.exec(select(Unit).where(Unit.registry_id == "spine")).one()
    assert (unit.id, unit.name, unit.resh_id) == ("tromso", "Tromsø", "7")
    assert re.search(r"client_id: spine-[\w-]{9}\nclient_secret: [\w-]{43}\n", said)


def test_what_was_set_up_is_noted_in_the_audit_trail(database: Database) -> None:
    works("registry", "create", "spine", "--name", "Spine", "--orgnr", "123456789")
    works("unit", "create", "tromso", "--registry", "spine", "--name", "Tromsø")
    works("client", "create", "--registry", "spine", "--scope", "orders", "--id", "spine-1")
    works("client", "revoke", "spine-1", "--registry", "spine")
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.registry_id == "spine")
        lines = session.exec(query.order_by(col(AuditEvent.id))).all()
        secret = session.exec(select(Credential).where(Credential.client_id == "spine-1")).one()
    assert [(line.who, line.what, line.record) for line in lines] == [
        ("cli", "registry.created", "spine"),
        ("cli", "unit.created", "tromso"),
        ("cli", "client.created", "spine-1"),
        ("cli", "client.secret_added", f"spine-1/{secret.id}"),
        ("cli", "client.revoked", "spine-1"),
    ]


def test_a_client_has_the_scopes_it_was_given_and_a_secret_that_works(database: Database) -> None:
    scopes = ("--scope", "orders", "--scope", "results")
    said = works("client", "create", "--registry", "hips", "--id", "hips-2", *scopes)
    secret = said.split("client_secret: ")[1].strip()
    with database.read() as session:
        client, credential = security.authenticate(session, "hips-2", secret)
        assert client.scopes == ["orders", "results"]
        assert secret not in credential.content


def test_a_revoked_client_is_revoked_once(database: Database) -> None:
    times = []
    for _ in range(2):
        works("client", "revoke", "hips-test", "--registry", "hips")
        with database.read() as session:
            times.append(session.exec(select(Client).where(Client.id == "hips-test")).one())
    assert times[0].revoked_at is not None
    assert times[0].revoked_at == times[1].revoked_at


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("registry create hips --name Hips", "exists already"),
        ("registry create Hø!fter --name H", "letters, digits"),
        (f"registry create {'a' * 41} --name H", "at most 40"),
        ("registry create - --name H", "letters, digits"),
        ("unit create oslo-ortho --registry hips --name O", "has a unit oslo-ortho already"),
        ("unit create tromso --registry spine --name T", "There is no registry spine"),
        ("unit create a/b --registry hips --name T", "letters, digits"),
        ("client create --registry spine --scope orders", "There is no registry spine"),
        ("client create --registry hips --scope all --scope admin", "Unknown scope: admin, all"),
        ("client create --registry hips --scope orders --id hips-test", "exists already"),
        ("client create --registry knees --scope orders --id hips-test", "exists already"),
        ("client create --registry hips --scope orders --id a:b", "letters, digits"),
        ("client create --registry hips", "Missing option"),
        ("client create --registry hips --scope orders --id hips-demo", "are the demo's"),
        ("client revoke nobody --registry hips", "has no client nobody"),
        ("client revoke hips-test --registry knees", "has no client hips-test"),
        ("rescore --instrument sf-36 --to 1.0", "There is no instrument sf-36"),
        ("rescore --instrument rand-12 --to 7.0", "There is no instrument rand-12 version 7.0"),
        ("serve --workers 0", "greater than or equal to 1"),
        ("nonsense", "nonsense"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_stored(
    database: Database, command: str, said: str
) -> None:
    with nothing_stored(database):
        told = re.sub(r"[\s│]+", " ", fails(*command.split()))
    assert said in told


def test_files_are_checked_as_publishing_would() -> None:
    files = sorted(INSTRUMENTS.glob("*/*.json")) + sorted(INSTRUMENTS.glob("*/*/*.json"))
    said = works("instruments", "check", *files)
    assert len(files) >= 10
    assert said.count("✓") == len(files)


def test_every_wrong_file_is_told_with_its_problems(tmp_path: Path) -> None:
    wrong = tmp_path / "1.0.json"
    wrong.write_text('{"id": "[red]Bad[/red]"}')
    good = INSTRUMENTS / "rand-12/1.0.json"
    said = fails("instruments", "check", good, wrong, tmp_path / "gone.json", tmp_path)
    assert said.count("✗") == 3
    assert "version: is lacking; add it" in said
    assert "No such file" in said
    assert "3 of 4 files must be mended." in said


def test_answers_are_scored_again(hips: Party, database: Database) -> None:
    answer_and_send(database, hips.order(instruments=["rand-12"])["id"])
    publish(database, rescored())
    assert "Scored 1 responses" in works("rescore", "--instrument", "rand-12", "--to", "1.1")
    assert "Scored 0 responses" in works("rescore", "--instrument", "rand-12", "--to", "1.1")
    with database.read() as session:
        assert len(session.exec(select(ScoringRun)).all()) == 2


@pytest.mark.counted  # on PostgreSQL in a way of its own
def test_migrating_again_changes_nothing(database: Database) -> None:
    with nothing_stored(database):
        said = works("migrate")
    assert "rand-36/1.0" in said
    assert "up to date" in said


def test_a_folder_that_cannot_be_published_is_named(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVAR_INSTRUMENTS", str(tmp_path / "empty"))
    with nothing_stored(database):
        assert "there are no instruments in this folder" in fails("migrate")


def test_an_empty_database_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'svar.db'}"
    monkeypatch.setenv("SVAR_DATABASE_URL", url)
    works("migrate")
    database = Database(url)
    assert is_current(database)
    database.close()


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "registry create spine --name Spine",
        "rescore --instrument rand-12 --to 1.0",
    ],
)
def test_without_tables_one_is_told_to_make_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Served, command: str
) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    assert "Run `svar migrate`" in fails(*command.split())
    assert not served


def test_the_service_is_served_where_it_was_told(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVAR_HOST", "0.0.0.0")
    monkeypatch.setenv("SVAR_PORT", "9000")
    monkeypatch.setenv("SVAR_PUBLIC_URL", "https://svar.example.org")
    works("serve")
    ((service, how),) = served
    assert (how["host"], how["port"], how["workers"]) == ("0.0.0.0", 9000, 1)
    assert how["access_log"] is False
    close(service)


def test_the_log_goes_to_the_console_without_the_migrations_talk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(logging, "basicConfig", lambda **how: told.append(how))
    talkative = logging.getLogger("alembic")
    before = talkative.level
    main.log_to_console()
    assert [how["level"] for how in told] == [logging.INFO]
    assert talkative.level == logging.WARNING
    talkative.setLevel(before)


def test_several_workers_want_postgresql(served: Served, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        assert "SQLite serves one process" in fails("serve", "--workers", 2)
        assert not served
        return
    works("serve", "--workers", 2)
    ((service, how),) = served
    assert (service, how["factory"], how["workers"]) == ("app.main:from_environment", True, 2)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVAR_PORT", "many")
    assert fails("serve").startswith("SVAR_PORT: ")
    monkeypatch.delenv("SVAR_PORT")
    monkeypatch.delenv("SVAR_SECRET_KEY")
    assert fails("serve").startswith("SVAR_SECRET_KEY is not set.")


@pytest.fixture
def demo_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'var' / 'demo.db'}"
    monkeypatch.setenv("SVAR_DATABASE_URL", url)
    return url


def test_the_demo_prepares_all_it_needs_and_runs_here(served: Served, demo_url: str) -> None:
    assert "http://127.0.0.1:8123" in works("demo", "--port", 8123)
    ((service, how),) = served
    assert (how["host"], how["port"]) == ("127.0.0.1", 8123)
    assert service.state.settings.demo
    assert service.state.settings.public_url == "http://127.0.0.1:8123"
    close(service)


def test_the_demos_database_is_not_served_to_patients(served: Served, demo_url: str) -> None:
    works("demo")
    close(served.pop()[0])
    assert "secrets everyone knows" in re.sub(r"\s+", " ", fails("serve"))
    assert not served


@pytest.mark.usefixtures("served")
def test_the_demo_leaves_a_real_database_alone(database: Database) -> None:
    with database.write() as session:
        values = {"name": "Spine"}
        session.connection().execute(update(Registry).values(**values))
    works("registry", "create", "spine", "--name", "Spine")
    with nothing_stored(database):
        assert "real registries" in fails("demo")


def test_the_demo_runs_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVAR_HOST", "0.0.0.0")
    assert "SVAR_HOST" in fails("demo")
    assert "SVAR_PORT" in fails("demo", "--port", 0)


def test_without_a_command_help_is_shown() -> None:
    result = svar()
    for command in ("serve", "demo", "migrate", "registry", "unit", "client", "rescore"):
        assert command in result.output
