"""The audit trail: who did what to which record. One explicit line for each act."""

from collections.abc import Iterable

from sqlalchemy import insert
from sqlmodel import Session

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
