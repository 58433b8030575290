"""What all tables share: names of constraints, ids, and times with their zone."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    DateTime,
    Dialect,
    MetaData,
    Table,
    TypeDecorator,
)
from sqlmodel import Field, SQLModel

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def now() -> datetime:
    """Return the time, with its zone (UTC)."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Return a UUIDv7: unique, and later ones sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def cursor(seq: int) -> str:
    """Return the text that stands for a place in a registry's feed; it sorts as the number does."""
    return f"{seq:020d}"


class UtcTime(TypeDecorator[datetime]):
    """A time with its zone, kept in UTC; SQLite would lose the zone and PostgreSQL would not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Refuse a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Give back the zone."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def table(model: type[SQLModel]) -> Table:
    """Return the table of a model, for a statement that is built once and run often."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def moment(**more: Any) -> Any:
    """Return the field of a time with its zone."""
    return Field(sa_type=UtcTime, **more)
