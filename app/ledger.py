"""The ledger: where each order of a registry stands, in the order in which they changed.

An order's number is taken from the registry's row when the ledger is read, for all orders that have
changed, or whose window has closed, since it was read last. So a patient who sends waits for no
number, and what expires needs no nightly job. The row's lock orders the numbers as they are
committed: a reader that has come to a number has missed nothing before it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, cast, or_, select, update
from sqlalchemy import Text as AsText
from sqlmodel import Session

from app import orders
from app.db import Database
from app.errors import Refused
from app.models import Order, PatientCase, Registry, cursor, now, table
from app.orders import TAKES_ANSWERS, Status

CURSOR = re.compile("[0-9]{20}", re.ASCII)
CHUNK = 500
"""Orders read, and handed on, at a time by a stream."""

_order, _case, _registry = table(Order).c, table(PatientCase).c, table(Registry).c


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a registry's orders; None is any. `status` is as it stands when it is read."""

    registry_id: str
    status: Status | None = None
    unit: str | None = None
    time_point: str | None = None
    instrument: str | None = None
    external_id: str | None = None


class Entry(NamedTuple):
    """An order as the ledger has it; `why` says why there are no answers, where there are none."""

    place: int
    id: UUID
    external_id: str | None
    case: str
    unit: str
    time_point: str
    instruments: list[dict[str, str]]
    language: str
    opens: datetime
    closes: datetime
    status: Status
    why: str | None
    ordered_at: datetime
    opened_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    expired_at: datetime | None
    cancelled_at: datetime | None


class Slice(NamedTuple):
    """Some entries, the number behind the last that was looked at, and whether there are more."""

    entries: list[Entry]
    reached: int
    more: bool


def place(session: Session, registry_id: str, after: str | None) -> int:
    """Return the number of a cursor, or 0; raises Refused for what is no cursor of this ledger."""
    if not after:
        return 0
    if not CURSOR.fullmatch(after):
        raise Refused("after", "is not a cursor; send back `next`, or the `cursor` of an order")
    reached = _reached(session, registry_id)
    if int(after) > reached:
        raise Refused(
            "after",
            f"is ahead of this registry's ledger, which has come to {cursor(reached)}: it comes "
            "from the results, or from another registry or database. Leave it out to begin at the "
            "start.",
        )
    return int(after)


def _reached(session: Session, registry_id: str) -> int:
    query = select(_registry.next_place).where(_registry.id == registry_id)
    return int(session.connection().execute(query).scalar_one()) - 1


def page(session: Session, wanted: Wanted, after: int, limit: int) -> Slice:
    """List what has changed, and return the next `limit` orders; the session must be a writing one.

    At most `limit` are given a number at a time, so that nobody waits long for the registry's row.
    """
    at = now()
    waiting = _list(session, wanted.registry_id, at, limit)
    reached = _reached(session, wanted.registry_id)
    seen = _query(wanted, after, at, limit + 1).where(_order.place <= reached)
    rows = session.connection().execute(seen).all()
    entries = [_entry(row, at) for row in rows[:limit]]
    more = len(rows) > limit
    return Slice(entries, entries[-1].place if more else max(after, reached), more or waiting)


def stream(
    database: Database, wanted: Wanted, after: int, limit: int | None
) -> Iterator[Sequence[Entry]]:
    """Yield the next orders, some hundreds at a time, at most `limit` in all.

    Each part is a transaction of its own, so a slow reader keeps nobody waiting.
    """
    left, more = limit, True
    while more and (left is None or left > 0):
        size = CHUNK if left is None else min(CHUNK, left)
        with database.write() as session:
            found = page(session, wanted, after, size)
        if found.entries:
            yield found.entries
        after, more = found.reached, found.more
        left = None if left is None else left - len(found.entries)


def _waiting(registry_id: str, at: datetime) -> ColumnElement[bool]:
    return and_(_order.registry_id == registry_id, _order.due <= at)


_TAKE = (
    update(table(Registry))
    .where(_registry.id == bindparam("registry"))
    .values(next_place=_registry.next_place + bindparam("number"))
    .returning(_registry.next_place)
)
_UNSENT = or_(*[_order.status == word for word in TAKES_ANSWERS])
_LIST = (
    update(table(Order))
    .where(_order.registry_id == bindparam("registry"), _order.id == bindparam("of"))
    .values(
        place=bindparam("number"),
        due=case((and_(_UNSENT, _order.closes > bindparam("at")), _order.closes)),
    )
)


def _list(session: Session, registry_id: str, at: datetime, most: int) -> bool:
    """Give the orders that have changed their next numbers; say whether there are more of them.

    One that another transaction is changing just now is passed over: it is listed the next time, as
    it then stands. So nobody waits here for anybody who may be waiting for the registry's row.
    """
    changed = select(_order.id).where(_waiting(registry_id, at)).order_by(_order.due, _order.id)
    locked = changed.limit(most + 1).with_for_update(key_share=True, skip_locked=True)
    connection = session.connection()
    found = list(connection.execute(locked).scalars())
    if ids := found[:most]:
        taken = {"registry": registry_id, "number": len(ids)}
        first = int(connection.execute(_TAKE, taken).scalar_one()) - len(ids)
        numbered = [
            {"registry": registry_id, "of": one, "number": number, "at": at}
            for number, one in enumerate(ids, first)
        ]
        connection.execute(_LIST, numbered)
    return len(found) > most


def _query(wanted: Wanted, after: int, at: datetime, limit: int) -> Any:
    """Return the statement for listed orders; one whose change is not listed yet is left out."""
    joined = table(Order).join(
        table(PatientCase),
        and_(_case.registry_id == _order.registry_id, _case.id == _order.case_id),
    )
    query = (
        select(*[one for one in _order if one.name != "link_hash"], _case.unit_id)
        .select_from(joined)
        .where(_order.registry_id == wanted.registry_id, _order.place > after)
        .where(or_(_order.due.is_(None), _order.due > at))
    )
    for condition in _conditions(wanted, at):
        query = query.where(condition)
    return query.order_by(_order.place).limit(limit)


def _conditions(wanted: Wanted, at: datetime) -> Iterator[ColumnElement[bool]]:
    named = {
        _case.unit_id: wanted.unit,
        _order.time_point: wanted.time_point,
        _order.external_id: wanted.external_id,
    }
    yield from (column == value for column, value in named.items() if value is not None)
    if wanted.instrument is not None:
        yield asks_for(wanted.instrument)
    if wanted.status == "expired":
        yield and_(_order.status.in_(TAKES_ANSWERS), _order.closes <= at)
    elif wanted.status is not None:
        yield _order.status == wanted.status
        yield or_(_order.status.not_in(TAKES_ANSWERS), _order.closes > at)


def asks_for(instrument: str) -> ColumnElement[bool]:
    """Return the condition that an order asks for an instrument, whatever its version."""
    return cast(_order.instruments, AsText).contains(f'"instrument":"{instrument}"')


def _entry(row: Row[Any], at: datetime) -> Entry:
    status = orders.status_of(row.status, row.closes, at)
    found = row._mapping  # noqa: SLF001 - it is the public name of a row's columns
    given = {name: found[name] for name in Entry._fields if name in found}
    more = {
        "case": row.case_id,
        "unit": row.unit_id,
        "status": status,
        "why": _why(row, status),
        "expired_at": row.closes if status == "expired" else None,
    }
    return Entry(**given | more)


def _why(row: Row[Any], status: Status) -> str | None:
    """Return why there are no answers: the registry's reason, or how far the patient came."""
    if status != "expired":
        return row.cancel_reason  # type: ignore[no-any-return]
    if row.started_at is not None:
        return "started, not sent"
    return "never opened" if row.opened_at is None else "opened, not started"
