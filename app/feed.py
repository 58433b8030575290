"""Scored results in the order in which they became visible: nothing skipped, nothing twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import JSON, ColumnElement, cast, exists, func, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app import runs
from app.db import Database
from app.errors import Refused
from app.models import Registry, ScoringRun, cursor

CURSOR = re.compile("[0-9]{20}", re.ASCII)
CHUNK = 500
"""Rows read, and handed on, at a time: the memory a pull takes does not grow with the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which results are looked at; None is all.

    `version` is that of the definition that gave the scores; the days are those of sending, in UTC,
    the first and the last that count. All others are as the result document has them.
    """

    instrument: str | None = None
    version: str | None = None
    time_point: str | None = None
    unit: str | None = None
    language: str | None = None
    mode: str | None = None
    submitted_from: date | None = None
    submitted_to: date | None = None


ALL = Filters()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a registry's feed to go on, and which results to look at.

    With `until`, only the newest run of each response counts, as the feed was when it had come to
    this number: what is appended while it is read changes nothing. A response that was amended or
    withdrawn does not count.
    """

    registry_id: str
    after: int
    filters: Filters = ALL
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Some result documents, the cursor behind the last of them, and whether there are more."""

    documents: list[str]
    next: str
    more: bool


def reached(session: Session, registry_id: str) -> int:
    """Return the number that a registry's feed has come to."""
    return session.exec(select(Registry.next_seq).where(Registry.id == registry_id)).one() - 1


def place(session: Session, registry_id: str, after: str | None, filters: Filters = ALL) -> Place:
    """Return the place behind a cursor, or the start; raises Refused for what is no cursor here.

    A cursor that this feed has not reached is another registry's or another database's: to wait
    there would be to skip.
    """
    if not after:
        return Place(registry_id, 0, filters)
    if not CURSOR.fullmatch(after):
        raise Refused("after", "is not a cursor; send back `next`, or the `cursor` of a result")
    there = reached(session, registry_id)
    if int(after) > there:
        raise Refused(
            "after",
            f"is ahead of this registry's feed, which has come to {cursor(there)}: it comes from "
            "another registry or database. Leave it out to begin at the start.",
        )
    return Place(registry_id, int(after), filters)


def newest(session: Session, registry_id: str, after: str | None, filters: Filters = ALL) -> Place:
    """Return the same place, for the newest run of each response as the feed is now."""
    at = place(session, registry_id, after, filters)
    return replace(at, until=reached(session, registry_id))


def page(session: Session, at: Place, limit: int) -> Slice:
    """Return the next `limit` results."""
    rows = session.connection().execute(_query(session, at, limit + 1)).all()
    kept = rows[:limit]
    last = kept[-1][0] if kept else at.after
    return Slice([document for _, document in kept], cursor(last), len(rows) > limit)


def chunks(database: Database, at: Place, limit: int | None) -> Iterator[list[str]]:
    """Yield the next results, some hundreds a chunk, at most `limit` in all.

    Each chunk is a query of its own behind the last number, so a slow reader holds neither a
    connection nor a transaction. What is appended meanwhile is read too, unless `at` has an end.
    """
    left = limit
    while left is None or left > 0:
        wanted = CHUNK if left is None else min(CHUNK, left)
        with database.read() as session:
            rows = session.connection().execute(_query(session, at, wanted)).all()
        if rows:
            yield [document for _, document in rows]
            at = replace(at, after=rows[-1][0])
        if len(rows) < wanted:
            return
        left = None if left is None else left - len(rows)


def stream(database: Database, at: Place, limit: int | None) -> Iterator[bytes]:
    """Yield the same chunks as NDJSON, a result a line."""
    for documents in chunks(database, at, limit):
        yield ("\n".join(documents) + "\n").encode()


def more_than(session: Session, at: Place, most: int) -> bool:
    """Say whether there are more results than so many."""
    some = _query(session, at, most + 1).with_only_columns(col(ScoringRun.seq)).subquery()
    number = session.connection().execute(select(func.count()).select_from(some)).scalar_one()
    return int(number) > most


def _query(session: Session, at: Place, limit: int) -> Select[int, str]:
    query = select(ScoringRun.seq, ScoringRun.document).where(
        ScoringRun.registry_id == at.registry_id, ScoringRun.seq > at.after
    )
    for name in ("instrument", "version"):
        if (wanted := getattr(at.filters, name)) is not None:
            query = query.where(getattr(ScoringRun, name) == wanted)
    query = query.where(*_told(session, at.filters))
    if at.until is not None:
        gone = _superseded(at.until) | runs.corrected(at.until)
        query = query.where(col(ScoringRun.seq) <= at.until, ~gone)
    return query.order_by(col(ScoringRun.seq)).limit(limit)


def _superseded(until: int) -> ColumnElement[bool]:
    later = aliased(ScoringRun)
    return exists().where(
        col(later.registry_id) == col(ScoringRun.registry_id),
        col(later.response_id) == col(ScoringRun.response_id),
        col(later.seq) > col(ScoringRun.seq),
        col(later.seq) <= until,
    )


def _told(session: Session, filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Yield what the document itself must say: what is asked for is what is read there."""
    text, lite = col(ScoringRun.document), session.get_bind().dialect.name == "sqlite"
    document = type_coerce(text, JSON) if lite else cast(text, JSON)
    for name in ("time_point", "unit", "language", "mode"):
        if (wanted := getattr(filters, name)) is not None:
            yield document[("response", name)].as_string() == wanted
    day = func.substr(document[("response", "submitted_at")].as_string(), 1, 10)
    if filters.submitted_from is not None:
        yield day >= filters.submitted_from.isoformat()
    if filters.submitted_to is not None:
        yield day <= filters.submitted_to.isoformat()
