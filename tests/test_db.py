"""The database: durable settings, one transaction for each block, tables that are up to date."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, select

from app import ledger
from app.db import Database, is_current, migrate, to_json, upsert
from app.models import PatientCase, QuestionnaireResponse, Registry, ScoringRun, new_id, now


def scalar(session: Session, statement: str) -> object:
    return session.connection().execute(text(statement)).scalar_one()


@pytest.fixture
def lite(sqlite_url: str) -> Database:
    return Database(sqlite_url)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30000)],
)
def test_sqlite_keeps_what_it_was_told(lite: Database, pragma: str, value: object) -> None:
    with lite.read() as session:
        assert scalar(session, f"PRAGMA {pragma}") == value
    lite.close()


def test_sqlite_takes_the_write_lock_at_once_but_not_to_read(lite: Database) -> None:
    other = Database(str(lite.engine.url))
    with lite.write() as writer, other.read() as session:
        scalar(writer, "SELECT 1")
        session.connection().execute(text("PRAGMA busy_timeout=1"))
        assert scalar(session, "SELECT count(*) FROM registry") == 2
        with pytest.raises(DBAPIError, match="locked"):
            session.connection().execute(text("DELETE FROM draft"))
    lite.close()
    other.close()


def spine() -> Registry:
    return Registry(id="spine", name="spine", created_at=now())


def found(database: Database) -> bool:
    with database.read() as session:
        return session.exec(select(Registry).where(Registry.id == "spine")).first() is not None


def test_what_is_written_is_there_when_the_block_is_left(database: Database) -> None:
    with database.write() as session:
        session.add(spine())
    assert found(database)


def fail(database: Database) -> None:
    with database.write() as session:
        session.add(spine())
        session.flush()
        raise LookupError


def test_when_a_block_fails_nothing_is_written(database: Database) -> None:
    with pytest.raises(LookupError):
        fail(database)
    assert not found(database)


def test_an_upsert_inserts_and_then_sets_only_what_was_given(database: Database) -> None:
    key = {"registry_id": "hips", "id": "K7"}
    with database.write() as session:
        upsert(session, PatientCase, key, {"unit_id": "oslo-ortho", "sex": "male"})
        upsert(session, PatientCase, key, {"unit_id": "oslo-ortho", "birth_year": 1950})
    with database.read() as session:
        case = session.exec(select(PatientCase)).one()
    assert (case.sex, case.birth_year) == ("male", 1950)


def test_json_is_stored_without_spaces() -> None:
    assert to_json({"a": [1, "æ"]}) == '{"a":[1,"æ"]}'


def test_an_error_of_the_database_does_not_quote_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.add(Registry(id="hips", name="canary", created_at=now()))
    assert "canary" not in str(caught.value)


def test_an_empty_database_is_not_current_until_it_is_migrated(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert not is_current(database)
    migrate(database)
    assert is_current(database)
    migrate(database)
    assert is_current(database)
    database.close()


def test_a_filled_database_is_current(database: Database) -> None:
    assert is_current(database)


def test_a_database_of_another_version_is_not_current(lite: Database) -> None:
    with lite.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_current(lite)
    lite.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the first tables, with a registry in it."""
    from alembic import command

    from app.db import _alembic

    url = f"sqlite:///{tmp_path / 'older.db'}"
    if request.param == "postgresql":
        url = another_database(request.getfixturevalue("postgres"))
    database = Database(url)
    with database.engine.begin() as connection:
        command.upgrade(_alembic(connection), "0001")
        values = "('spine', 'spine', 7, '2026-01-01 00:00:00+00:00')"
        connection.execute(
            text(f"INSERT INTO registry (id, name, next_seq, created_at) VALUES {values}")
        )
    yield database
    database.close()


def another_database(url: str) -> str:
    database = Database(url)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS older"))
        connection.execute(text("CREATE DATABASE older"))
    database.close()
    return make_url(url).set(database="older").render_as_string(hide_password=False)


def test_a_registry_from_before_has_named_no_value_sets(older: Database) -> None:
    assert not is_current(older)
    migrate(older)
    assert is_current(older)
    with older.read() as session:
        registry = session.exec(select(Registry)).one()
    assert (registry.id, registry.next_seq, registry.value_sets) == ("spine", 7, {})


BEFORE = """
INSERT INTO "order" (registry_id, id, case_id, time_point, instruments, language, opens, closes,
  status, link_hash, ordered_at, started_at)
VALUES ('spine', :id, 'c', '3m', '[]', 'nb', '2026-01-01 00:00:00.000000+00:00',
  '2026-02-01 00:00:00.000000+00:00', :status, :link, '2026-01-01 00:00:00.000000+00:00', :started)
"""


def test_orders_from_before_the_ledger_stand_in_it_once(older: Database) -> None:
    first, second = new_id(), new_id()
    begun = "2026-01-02 00:00:00.000000+00:00"
    with older.write() as session:
        for into in ("unit (registry_id, id, name)", "patient_case (registry_id, unit_id, id)"):
            session.connection().execute(text(f"INSERT INTO {into} VALUES ('spine', 'u', 'c')"))
        for one, status, started in ((first, "open", None), (second, "started", begun)):
            given = {"id": one.hex, "status": status, "started": started, "link": one.bytes}
            session.connection().execute(text(BEFORE), given)
    migrate(older)
    with older.write() as session:
        found = ledger.page(session, ledger.Wanted("spine"), 0, 10)
    assert [(one.id, one.why) for one in found.entries] == [
        (first, "never opened"),
        (second, "started, not sent"),
    ]
    assert [one.place for one in found.entries] == [3, 4]


ANSWERED = """
INSERT INTO questionnaire_response (registry_id, id, order_id, instrument, version, wording_sha256,
  language, answers, missing, mode, respondent, started_at, submitted_at, supersedes)
VALUES ('spine', :id, :order, 'i', '1.0', 'w', 'nb', '{}', '{}', 'web', 'self', :at, :at, :of)
"""
SCORED = """
INSERT INTO scoring_run (registry_id, seq, response_id, instrument, version, definition_sha256,
  scoring_version, status, document)
VALUES ('spine', :seq, :id, 'i', '1.0', 'd', '1', 'scored', '{}')
"""
PUBLISHED = """
INSERT INTO instrument (id, version, major, minor, sha256, document, status, published_at,
  published_by) VALUES ('i', '1.0', 1, 0, 'd', '{}', 'published', :at, 'me')
"""
WORDED = """
INSERT INTO wording (instrument, version, language, revision, sha256, document, status,
  published_at, published_by) VALUES ('i', '1.0', 'nb', 1, 'w', '{}', 'official', :at, 'me')
"""


def test_responses_from_before_imports_keep_their_order_and_have_its_case(older: Database) -> None:
    order, first, second = new_id(), new_id(), new_id()
    at = "2026-01-02 00:00:00.000000+00:00"
    open_order = {"id": order.hex, "status": "open", "started": None, "link": b"x"}
    with older.write() as session:
        connection = session.connection()
        for into in ("unit (registry_id, id, name)", "patient_case (registry_id, unit_id, id)"):
            connection.execute(text(f"INSERT INTO {into} VALUES ('spine', 'u', 'c')"))
        connection.execute(text(BEFORE), open_order)
        connection.execute(text(PUBLISHED), {"at": at})
        connection.execute(text(WORDED), {"at": at})
        for seq, one, of in ((1, first, None), (2, second, first.hex)):
            given = {"id": one.hex, "order": order.hex, "at": at, "of": of}
            connection.execute(text(ANSWERED), given)
            connection.execute(text(SCORED), {"seq": seq, "id": one.hex})
    migrate(older)
    assert is_current(older)
    with older.read() as session:
        rows = session.exec(select(QuestionnaireResponse)).all()
        runs = session.exec(select(ScoringRun.seq, ScoringRun.response_id)).all()
    assert {(one.id, one.order_id, one.case_id, one.supersedes) for one in rows} == {
        (first, order, "c", None),
        (second, order, "c", first),
    }
    assert sorted(runs) == [(1, first), (2, second)]
    for table in ("questionnaire_response", "scoring_run"):
        with pytest.raises(DBAPIError, match="never changes"), older.write() as session:
            session.connection().execute(text(f"DELETE FROM {table}"))


def test_the_tables_of_imports_are_not_taken_back(lite: Database) -> None:
    refuses_to_go_back(lite, "0005")
    assert is_current(lite)
    lite.close()


def test_the_ledger_is_not_taken_back(lite: Database) -> None:
    refuses_to_go_back(lite, "0004")
    assert is_current(lite)
    lite.close()


def refuses_to_go_back(database: Database, to: str) -> None:
    from alembic import command

    from app.db import _alembic

    with (
        pytest.raises(RuntimeError, match="restore a backup"),
        database.engine.begin() as connection,
    ):
        command.downgrade(_alembic(connection), to)


def test_the_first_tables_are_not_taken_back(older: Database) -> None:
    refuses_to_go_back(older, "base")
    with older.read() as session:
        assert scalar(session, "SELECT count(*) FROM registry") == 1


def test_the_tables_of_value_sets_are_not_taken_back(lite: Database) -> None:
    refuses_to_go_back(lite, "0001")
    assert is_current(lite)
    lite.close()


def test_migrations_and_models_agree(database: Database) -> None:
    from alembic import command

    from app.db import _alembic

    with database.engine.begin() as connection:
        command.check(_alembic(connection))


def test_a_connection_that_postgresql_closed_is_replaced(postgres_url: str) -> None:
    database, other = Database(postgres_url), Database(postgres_url)
    with database.read() as session:
        process = scalar(session, "SELECT pg_backend_pid()")
    with other.read() as session:
        scalar(session, f"SELECT pg_terminate_backend({process}, 5000)")
    with database.read() as session:
        assert scalar(session, "SELECT pg_backend_pid()") != process
    database.close()
    other.close()


def test_alembic_is_not_loaded_to_serve() -> None:
    code = "import sys, app.db, app.registry; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
