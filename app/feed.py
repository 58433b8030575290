"""Scored results in the order in which they became visible: nothing skipped, nothing twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from app.db import Database
from app.errors import Refused
from app.models import Registry, ScoringRun, cursor

CURSOR = re.compile("[0-9]{20}", re.ASCII)
CHUNK = 500
"""Rows read, and handed on, at a time: the memory a pull takes does not grow with the feed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a registry's feed to go on, and which instrument to look at (None: all)."""

    registry_id: str
    after: int
    instrument: str | None


@dataclass(frozen=True, slots=True)
class Slice:
    """Some result documents, the cursor behind the last of them, and whether there are more."""

    documents: list[str]
    next: str
    more: bool


def place(session: Session, registry_id: str, after: str | None, instrument: str | None) -> Place:
    """Return the place behind a cursor, or the start; raises Refused for what is no cursor here.

    A cursor that this feed has not reached is another registry's or another database's: to wait
    there would be to skip.
    """
    if not after:
        return Place(registry_id, 0, instrument)
    if not CURSOR.fullmatch(after):
        raise Refused("after", "is not a cursor; send back `next`, or the `cursor` of a result")
    reached = session.exec(select(Registry.next_seq).where(Registry.id == registry_id)).one() - 1
    if int(after) > reached:
        raise Refused(
            "after",
            f"is ahead of this registry's feed, which has come to {cursor(reached)}: it comes from "
            "another registry or database. Leave it out to begin at the start.",
        )
    return Place(registry_id, int(after), instrument)


def page(session: Session, at: Place, limit: int) -> Slice:
    """Return the next `limit` results."""
    rows = session.connection().execute(_query(at, limit + 1)).all()
    kept = rows[:limit]
    last = kept[-1][0] if kept else at.after
    return Slice([document for _, document in kept], cursor(last), len(rows) > limit)


def stream(database: Database, at: Place, limit: int | None) -> Iterator[bytes]:
    """Yield the next results as NDJSON, some hundreds a chunk, at most `limit` in all.

    Each chunk is a query of its own behind the last number, so a slow reader holds neither a
    connection nor a transaction. What is appended meanwhile is read too.
    """
    left = limit
    while left is None or left > 0:
        wanted = CHUNK if left is None else min(CHUNK, left)
        with database.read() as session:
            rows = session.connection().execute(_query(at, wanted)).all()
        if rows:
            yield ("\n".join([document for _, document in rows]) + "\n").encode()
            at = Place(at.registry_id, rows[-1][0], at.instrument)
        if len(rows) < wanted:
            return
        left = None if left is None else left - len(rows)


def _query(at: Place, limit: int) -> Select[int, str]:
    query = select(ScoringRun.seq, ScoringRun.document).where(
        ScoringRun.registry_id == at.registry_id, ScoringRun.seq > at.after
    )
    if at.instrument is not None:
        query = query.where(ScoringRun.instrument == at.instrument)
    return query.order_by(col(ScoringRun.seq)).limit(limit)
