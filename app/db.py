"""The database: one engine, and one transaction for each request.

`Database.write` and `Database.read` are the only ways in. Both commit when their block ends, so a
caller that has left the block knows that what it wrote is durable.
"""

import select
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import JSON, Connection, Engine, Table, Uuid, create_engine, event, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Session, SQLModel

from app.models import UtcTime
from app.settings import HOUSE

if TYPE_CHECKING:
    from alembic.config import Config

Row = Mapping[str, Any]


class Database:
    """An engine for SQLite or PostgreSQL with the settings that keep answers safe."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        lite = self.engine.dialect.name == "sqlite"
        self._turn = threading.Lock() if lite else nullcontext()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose transaction may write; commit at the end, roll back on error.

        On SQLite it takes the write lock at once, so that what it reads cannot change under it;
        writers stand in line for it, as SQLite would let them try at random until one starves.
        """
        with self._turn, _session(self.engine) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that reads only, and so never waits for a writer on SQLite."""
        with _session(self.engine.execution_options(svar_read_only=True)) as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _session(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False, autoflush=False) as session, session.begin():
        yield session


def _engine(url: str) -> Engine:
    more: dict[str, Any] = {
        "json_serializer": to_json,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,  # an error's text must not carry answers into the log
    }
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_size=16, max_overflow=4, **more)
        event.listen(engine, "checkout", _still_there)
        return engine
    engine = create_engine(url, connect_args={"timeout": 30}, **more)
    event.listen(engine, "connect", _safe_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _still_there(connection: Any, *_: object) -> None:
    """Replace a waiting PostgreSQL connection that the server has closed.

    One that is alive has nothing to read. To look costs no round trip, which `pool_pre_ping` does.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


FEW = 8
"""So many rows or more are copied into PostgreSQL; fewer are inserted."""


def to_json(value: Any) -> str:
    """Return JSON text as it is stored."""
    return orjson.dumps(value).decode()


def upsert(session: Session, table: type[SQLModel], key: Row, values: Row) -> None:
    """Insert a row, or set these values in the one that has this key."""
    statement = insert_into(session, table).values({**key, **values})
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=values)
    session.connection().execute(statement)


def insert_rows(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert many rows, which all have the same columns, by the quickest way that there is."""
    connection = session.connection()
    if connection.dialect.name == "sqlite" or len(rows) < FEW:
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    written = [(name, _AS_TEXT.get(type(table.c[name].type))) for name in names]
    columns = ", ".join(names)
    driver: Any = connection.connection.cursor()
    with driver.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                [
                    row[name] if write is None or row[name] is None else write(row[name])
                    for name, write in written
                ]
            )


def insert_into(session: Session, table: type[SQLModel]) -> Any:
    """Return an INSERT of the engine's own, which can say what to do with a row that is there."""
    lite = session.get_bind().dialect.name == "sqlite"
    return (sqlite if lite else postgresql).insert(table)


_AS_TEXT: Mapping[type, Callable[[Any], str]] = {
    JSON: to_json,
    Uuid: str,
    UtcTime: datetime.isoformat,
}
"""How PostgreSQL reads what is copied, where the driver does not know."""


def _safe_sqlite(connection: Any, _: Any) -> None:
    """Make SQLite durable and strict, and leave the start of transactions to `_begin_sqlite`."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("svar_read_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def migrate(database: Database) -> None:
    """Bring the database's tables up to date."""
    from alembic import command

    with database.engine.begin() as connection:
        command.upgrade(_alembic(connection), "head")


def is_current(database: Database) -> bool:
    """Say whether the database's tables are those that this version of Svar works with."""
    from alembic.runtime.migration import MigrationContext

    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _newest()


@cache
def _newest() -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_alembic(None)).get_current_head()


def _alembic(connection: Connection | None) -> "Config":
    from alembic.config import Config

    config = Config(HOUSE / "alembic.ini")
    config.attributes["connection"] = connection
    return config
