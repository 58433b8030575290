"""How often a secret was tried in vain: counted for all workers, in the database."""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, literal, update
from sqlmodel import Session

from app.access.pace import network_of
from app.db import insert_into
from app.errors import TooMany
from app.models import EntryTry, now, table
from app.settings import Settings

PERIOD = timedelta(minutes=1)
KNOWN = timedelta(days=30)
"""How long an address from which a try has worked counts as known."""

Limit = tuple[str, int]
"""Whose tries are counted, and how many there may be in a period."""


def place(address: str) -> str:
    """Return how an address is counted: of IPv6, the network (/64) that it is in."""
    return f"address:{network_of(address)}"


def whose(settings: Settings, what: str) -> str:
    """Return how a place or an account is remembered: as a keyed hash."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.digest(key, f"svar.{what}".encode(), "sha256").hex()[:32]


def count(session: Session, one: Limit, beyond: Limit, words: str) -> list[str]:
    """Count a try of one address and, unless a try has worked from there, of a wider circle too.

    So who tries from everywhere shuts out new places for a minute at a time, and no known one.
    Returns whose tries were counted. Raises TooMany, saying `words`; then nothing is counted, and
    the minute is not prolonged.
    """
    known_at = _one_more(session, *one, words)
    if known_at and known_at > now() - KNOWN:
        return [one[0]]
    _one_more(session, *beyond, words)
    return [one[0], beyond[0]]


def _one_more(session: Session, who: str, most: int, words: str) -> datetime | None:
    """Count one try more and return when one last worked from there; raises TooMany."""
    at, there = now(), table(EntryTry).c
    over = there.since <= at - PERIOD
    insert = insert_into(session, EntryTry).values(who=who, tries=1, since=at)
    counted = insert.on_conflict_do_update(
        index_elements=["who"],
        set_={
            "tries": case((over, 1), else_=there.tries + 1),
            "since": case((over, literal(at, there.since.type)), else_=there.since),
        },
    ).returning(there.tries, there.since, there.known_at)
    tries, since, known_at = session.connection().execute(counted).one()
    if tries > most:
        wait = max(1, ceil((since + PERIOD - at).total_seconds()))
        raise TooMany(words, wait)
    return known_at  # type: ignore[no-any-return]


def forgive(session: Session, counted: Collection[str], *, lasting: Collection[str] = ()) -> None:
    """Take back the count of a try that was none, and remember its address, the first, as known.

    What is older than is needed is forgotten, but for what is `lasting`. Rows are taken in the
    order in which they are counted, so that two who come at once never wait for each other.
    """
    at, there, connection = now(), table(EntryTry).c, session.connection()
    unknown = there.known_at.is_(None) | (there.known_at < at - KNOWN)
    old = there.since < at - timedelta(days=1)
    connection.execute(delete(table(EntryTry)).where(there.who.not_in(lasting), old, unknown))
    fewer = {"tries": case((there.tries > 0, there.tries - 1), else_=0)}
    for number, who in enumerate(counted):
        known = {} if number else {"known_at": at}
        connection.execute(update(table(EntryTry)).where(there.who == who).values(fewer | known))
