"""What may be used once: a signed text that somebody copied is worth nothing.

It is kept in the database until it would have expired, so that it holds for all workers.
"""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from app.models import UsedOnce, now

SWEPT = 100
"""Rows that have expired and are removed at a time; more than can be added meanwhile."""


def use(session: Session, registry_id: str, what: str, until: float) -> bool:
    """Note that `what` is used, until `until` (seconds since 1970); False if it was before."""
    _sweep(session)
    lite = session.get_bind().dialect.name == "sqlite"
    row = {
        "registry_id": registry_id,
        "digest": hashlib.sha256(what.encode()).digest(),
        "expires_at": datetime.fromtimestamp(until, UTC),
    }
    insert = (sqlite if lite else postgresql).insert(UsedOnce).values(row).on_conflict_do_nothing()
    added = session.connection().execute(insert.returning(col(UsedOnce.registry_id)))
    return added.first() is not None


def _sweep(session: Session) -> None:
    """Remove what has expired; what another worker is removing just now is left to it."""
    key = (col(UsedOnce.registry_id), col(UsedOnce.digest))
    old = select(*key).where(col(UsedOnce.expires_at) < now()).limit(SWEPT)
    old = old.with_for_update(skip_locked=True)
    session.connection().execute(delete(UsedOnce).where(tuple_(*key).in_(old)))
