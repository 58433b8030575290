"""Reminders of licences: which agreement runs out soon, and which has while orders are open."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Text, cast, func, select
from sqlmodel import Session

from app import agreements
from app.agreements import Entry
from app.models import Order, now, table
from app.orders import TAKES_ANSWERS
from app.settings import Settings

AHEAD = timedelta(days=60)
"""How long before the last day of an agreement one is reminded of it."""

Period = tuple[date, date]


class Reminder(NamedTuple):
    """A registry whose agreement for an instrument runs out soon, or has, and its last day.

    `open_orders` still take answers though it has run out; none as long as it is valid.
    """

    instrument: str
    registry: str
    last_day: date
    open_orders: int


def reminders(
    session: Session, settings: Settings, instrument: str | None = None
) -> list[Reminder]:
    """Return what is to be done about agreements, of all instruments or of one, soonest first.

    An agreement that another one goes on from is none of them. One that has run out is, as long as
    it left open orders behind.
    """
    day, names = agreements.today(settings), agreements.registries(session)
    periods = _periods(settings, agreements.entries(session, instrument))
    until = {key: agreements.covered_until(some, day) for key, some in periods.items()}
    left = _open_orders(session) if any(last < day for last in until.values()) else Counter()
    made = [
        Reminder(one, names[registry], last, 0)
        for (one, registry), last in until.items()
        if day <= last <= day + AHEAD
    ]
    for (one, registry), last in until.items():
        past = [end for _, end in periods[one, registry] if end < day]
        if last < day and past and left[one, registry]:
            made.append(Reminder(one, names[registry], max(past), left[one, registry]))
    return sorted(made, key=lambda one: (one.last_day, one.instrument, one.registry))


def _periods(settings: Settings, found: Iterable[Entry]) -> dict[tuple[str, str], list[Period]]:
    """Return by instrument and registry the days on which there is an agreement."""
    periods: dict[tuple[str, str], list[Period]] = {}
    for entry in found:
        one = entry.agreement
        for registry in entry.registries:
            period = (one.valid_from, agreements.last_day(settings, one))
            periods.setdefault((one.instrument, registry), []).append(period)
    return periods


def _open_orders(session: Session) -> Counter[tuple[str, str]]:
    """Return how many orders still take answers, by instrument and registry."""
    order = table(Order).c
    asked = cast(order.instruments, Text)
    query = (
        select(order.registry_id, asked, func.count())
        .where(order.status.in_(TAKES_ANSWERS), order.closes > now())
        .group_by(order.registry_id, asked)
    )
    found: Counter[tuple[str, str]] = Counter()
    for registry, text, number in session.connection().execute(query):
        found.update({(one["instrument"], registry): number for one in json.loads(text)})
    return found
