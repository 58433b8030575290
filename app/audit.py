"""The audit trail: who did what to which record. One explicit line for each act."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, col, select

from app.db import insert_rows
from app.models import AuditEvent, new_id, now, table

NO_REGISTRY = "-"

_INSERT = insert(table(AuditEvent))


def append(session: Session, registry_id: str, who: str, what: str, record: str) -> None:
    """Append a line in the caller's transaction: an act and its line stand or fall together.

    `who` is `client:hips-demo`, `patient` or `cli`; `what` is a verb such as `order.created`;
    `record` is the id of the record, never its content.
    """
    line = {"registry_id": registry_id, "id": new_id(), "at": now()}
    session.connection().execute(_INSERT, line | {"who": who, "what": what, "record": record})


def append_all(
    session: Session, registry_id: str, who: str, what: str, records: Iterable[str]
) -> None:
    """Append a line for each of many records that one act was done to."""
    line = {"registry_id": registry_id, "at": now(), "who": who, "what": what}
    lines = [line | {"id": new_id(), "record": record} for record in records]
    insert_rows(session, table(AuditEvent), lines)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which lines are looked for: whose, of which act, and from when until before when."""

    who: str = ""
    what: str = ""
    begin: datetime | None = None
    end: datetime | None = None


def lines(
    session: Session, registry_id: str, wish: Wish, most: int, before: UUID | None = None
) -> Sequence[AuditEvent]:
    """Return at most so many lines of one registry (or of none), newest first.

    `before` is the id of the last line that was read already. `who` is found anywhere in a name.
    """
    query = select(AuditEvent).where(AuditEvent.registry_id == registry_id)
    if before is not None:
        query = query.where(col(AuditEvent.id) < before)
    if wish.who:
        query = query.where(col(AuditEvent.who).icontains(wish.who, autoescape=True))
    if wish.what:
        query = query.where(AuditEvent.what == wish.what)
    if wish.begin:
        query = query.where(col(AuditEvent.at) >= wish.begin)
    if wish.end:
        query = query.where(col(AuditEvent.at) < wish.end)
    return session.exec(query.order_by(col(AuditEvent.id).desc()).limit(most)).all()


def of_record(session: Session, record: str, most: int) -> Sequence[AuditEvent]:
    """Return the newest lines of no registry about a record, or about what stands below it."""
    own, below = col(AuditEvent.record) == record, f"{record}/"
    query = select(AuditEvent).where(
        AuditEvent.registry_id == NO_REGISTRY,
        own | col(AuditEvent.record).startswith(below, autoescape=True),
    )
    return session.exec(query.order_by(col(AuditEvent.id).desc()).limit(most)).all()
