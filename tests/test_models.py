"""What must hold in the tables is held by the database itself, on both engines."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Dialect, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import SQLModel, select

from app import audit, catalogue
from app.db import Database
from app.models import AuditEvent, Registry, UtcTime, cursor, new_id, now
from tests.conftest import Party
from tests.flow import answer, answer_and_send


def test_the_time_has_its_zone() -> None:
    assert now().tzinfo is UTC


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert sorted(ids) == ids
    assert {one.version for one in ids} == {7}


def test_cursors_sort_as_their_numbers_do() -> None:
    numbers = [0, 9, 10, 2**63 - 1]
    assert [len(cursor(number)) for number in numbers] == [20] * 4
    assert sorted(map(cursor, numbers)) == [cursor(number) for number in numbers]


def test_a_time_read_back_is_the_same_moment_in_utc(database: Database) -> None:
    oslo = datetime(2026, 7, 1, 12, 30, 15, 123456, timezone(timedelta(hours=2)))
    with database.write() as session:
        session.add(Registry(id="spine", name="spine", created_at=oslo))
    with database.read() as session:
        there = session.exec(select(Registry).where(Registry.id == "spine")).one().created_at
    assert there == oslo
    assert there.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_not_stored(database: Database) -> None:
    naive = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="a time without a zone"), database.write() as session:
        session.add(Registry(id="spine", name="spine", created_at=naive))


def test_no_time_stays_no_time(database: Database) -> None:
    dialect: Dialect = database.engine.dialect
    assert UtcTime().process_bind_param(None, dialect) is None
    assert UtcTime().process_result_value(None, dialect) is None


@pytest.fixture
def sent(hips: Party, database: Database) -> str:
    """An order that is sent, so that each table has a row but the draft's."""
    order: str = hips.order(instruments=["rand-12"])["id"]
    answer_and_send(database, order)
    return order


def execute(database: Database, statement: str) -> int:
    with database.write() as session:
        return int(session.connection().execute(text(statement)).rowcount)


@pytest.mark.parametrize("table", ["questionnaire_response", "scoring_run", "audit_event"])
@pytest.mark.parametrize("act", ["UPDATE {} SET registry_id = registry_id", "DELETE FROM {}"])
@pytest.mark.usefixtures("sent")
def test_what_is_append_only_is_neither_changed_nor_removed(
    database: Database, table: str, act: str
) -> None:
    with pytest.raises(DBAPIError, match=f"{table} never changes"):
        execute(database, act.format(table))
    with database.read() as session:
        assert session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("instrument", "document"),
        ("instrument", "sha256"),
        ("instrument", "version"),
        ("wording", "document"),
        ("wording", "sha256"),
        ("published_value_set", "document"),
        ("published_value_set", "sha256"),
        ("published_value_set", "version"),
    ],
)
def test_what_is_published_is_frozen(database: Database, table: str, column: str) -> None:
    with pytest.raises(DBAPIError, match=f"{table} never changes"):
        execute(database, f"UPDATE {table} SET {column} = '9.9'")


def test_a_value_set_that_registries_may_have_named_is_not_removed(database: Database) -> None:
    with pytest.raises(DBAPIError, match="published_value_set never changes"):
        execute(database, "DELETE FROM published_value_set WHERE id = 'uk-2026'")


def test_the_status_of_an_instrument_may_change(database: Database) -> None:
    one = "WHERE id = 'rand-12' AND version = '1.0'"
    assert execute(database, f"UPDATE instrument SET status = 'withdrawn' {one}") == 1
    assert execute(database, f"UPDATE instrument SET status = 'published' {one}") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE \"order\" SET status = 'lost'",
        "UPDATE \"order\" SET status = 'completed'",
        "UPDATE \"order\" SET status = 'cancelled'",
        "UPDATE \"order\" SET receipt = 'ABCD-EFGH'",
        'UPDATE "order" SET completed_at = ordered_at',
        'UPDATE "order" SET cancelled_at = ordered_at',
        'UPDATE "order" SET opens = closes',
        "UPDATE \"order\" SET case_id = 'nobody'",
        "UPDATE \"order\" SET registry_id = 'knees'",
        "UPDATE \"order\" SET external_id = 'x'",
        "UPDATE patient_case SET birth_year = 1879",
        "UPDATE patient_case SET sex = 'F'",
        "UPDATE patient_case SET unit_id = 'bergen-ortho'",
        "UPDATE instrument SET status = 'draft'",
        "UPDATE client SET id = 'same'",
        "UPDATE unit SET registry_id = 'spine'",
        "DELETE FROM registry",
        "DELETE FROM patient_case",
        'DELETE FROM "order"',
        "DELETE FROM instrument",
    ],
)
def test_what_contradicts_itself_is_not_stored(hips: Party, database: Database, wrong: str) -> None:
    for _ in range(2):
        answer(database, hips.order(instruments=["rand-12"])["id"])
    with pytest.raises(IntegrityError):
        execute(database, wrong)


COLUMNS = (
    "registry_id, id, order_id, case_id, instrument, version, wording_sha256, language, answers, "
    "missing, mode, respondent, started_at, submitted_at, supersedes"
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("mode", "'fax'"),
        ("respondent", "'dog'"),
        ("instrument", "'sf-36'"),
        ("id", "id"),
        ("wording_sha256", "'x'"),
        ("case_id", "'nobody'"),
        ("order_id", "NULL"),
        ("supersedes", "supersedes"),
        ("registry_id", "'knees'"),
    ],
)
@pytest.mark.usefixtures("sent")
def test_a_response_that_cannot_be_is_not_stored(
    database: Database, column: str, value: str
) -> None:
    new = {"id": f"'{new_id().hex if on_sqlite(database) else new_id()}'", "supersedes": "id"}
    if database.engine.dialect.name == "postgresql":
        new["id"] += "::uuid"
    chosen = [(new | {column: value}).get(name, name) for name in COLUMNS.split(", ")]
    source = f"SELECT {', '.join(chosen)} FROM questionnaire_response"
    with pytest.raises(IntegrityError):
        execute(database, f"INSERT INTO questionnaire_response ({COLUMNS}) {source}")


def on_sqlite(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"


@pytest.mark.usefixtures("sent")
def test_a_run_is_scored_or_not(database: Database) -> None:
    columns = (
        "registry_id, response_id, instrument, version, definition_sha256, scoring_version, "
        "document"
    )
    for seq, status in ((1, "'scored'"), (2, "'lost'")):
        source = f"SELECT {columns}, {seq}, {status} FROM scoring_run"
        with pytest.raises(IntegrityError):
            execute(database, f"INSERT INTO scoring_run ({columns}, seq, status) {source}")


REGISTRYS = {
    "unit",
    "agreement_registry",
    "client",
    "credential",
    "patient_case",
    "order",
    "draft",
    "entry_code",
    "questionnaire_response",
    "correction",
}


def test_a_registrys_tables_begin_with_the_registry(database: Database) -> None:
    found = inspect(database.engine)
    ours = REGISTRYS | {"scoring_run", "audit_event"}
    published = {"instrument", "wording", "published_value_set"}
    nobodys = {"registry", "entry_try", "used_once"}
    centres = {"person", "person_link", "staff_session", "staff_token"}
    written = {"instrument_draft", "rehearsal"}
    licensed = {"agreement", "agreement_file"}
    assert ours | published | nobodys | centres | written | licensed == set(
        SQLModel.metadata.tables
    )
    for name in ours:
        assert found.get_pk_constraint(name)["constrained_columns"][0] == "registry_id"


def test_an_act_and_its_line_stand_or_fall_together(database: Database) -> None:
    def act() -> None:
        with database.write() as session:
            audit.append(session, "hips", "tests", "tried", "it")
            raise LookupError

    with pytest.raises(LookupError):
        act()
    with database.read() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.what == "tried")).first() is None


def test_an_audit_line_says_who_did_what_to_which_record(database: Database) -> None:
    with database.write() as session:
        audit.append(session, "hips", "client:a", "order.created", "42")
    with database.read() as session:
        line = session.exec(select(AuditEvent).where(AuditEvent.who == "client:a")).one()
    assert (line.registry_id, line.what, line.record) == ("hips", "order.created", "42")
    assert abs(line.at - now()) < timedelta(minutes=1)


def test_a_hash_stands_for_one_document(database: Database) -> None:
    with database.read() as session:
        row = catalogue.definition_row(session, "rand-12", "1.0")
    assert catalogue.sha256(row.document) == row.sha256
