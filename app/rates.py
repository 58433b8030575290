"""The response rate: of those who were asked, and could have answered, how many did."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import ColumnElement, and_, case, cast, func, literal, select
from sqlalchemy import Text as AsText
from sqlmodel import Session

from app.ledger import asks_for
from app.models import Order, PatientCase, now, table

Dimension = Literal["instrument", "time_point", "unit", "period"]
Period = Literal["month", "quarter"]

DIMENSIONS: tuple[Dimension, ...] = ("instrument", "time_point", "unit", "period")
LEFT_OUT = ("cancelled_before_opening", "not_yet_closed")
"""What is ordered and not counted: it could not be answered, or can be still."""
COUNTED = ("completed", "partial", "opened_only", "never_opened", "cancelled_after_opening")
"""What the denominator is made of."""
SPELLED_OUT = f"ordered - {' - '.join(LEFT_OUT)} = {' + '.join(COUNTED)}"

_order, _case = table(Order).c, table(PatientCase).c


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which orders to count, and by what; None is any. The days are those on which orders open."""

    registry_id: str
    by: Sequence[Dimension] = DIMENSIONS
    period: Period = "month"
    instrument: str | None = None
    time_point: str | None = None
    unit: str | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """The orders of one group: of what, and how many came to what."""

    group: tuple[str, ...]
    numbers: Mapping[str, int]

    @property
    def ordered(self) -> int:
        """All that were ordered."""
        return sum(self.numbers.values())

    @property
    def denominator(self) -> int:
        """Those who could have answered, and whose window is over."""
        return sum(self.numbers[what] for what in COUNTED)

    @property
    def rate(self) -> float | None:
        """The share that answered, from 0 to 1; None where nobody could have."""
        return self.numbers["completed"] / self.denominator if self.denominator else None


def rates(session: Session, zone: ZoneInfo, asked: Question) -> list[Rate]:
    """Return the rate of each group, sorted; an order counts once for each instrument it asks for.

    Where orders are not told apart by instrument, each counts once.
    """
    periods = _periods(session, zone, asked)
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for instruments, time_point, unit, begun, what, number in _counted(
        session, zone, asked, periods
    ):
        for instrument in _each(instruments, asked):
            found = {
                "instrument": instrument,
                "time_point": time_point,
                "unit": unit,
                "period": _named(periods[begun], asked.period),
            }
            group = tuple(found[name] for name in asked.by)
            counts.setdefault(group, Counter())[what] += number
    everything = (*LEFT_OUT, *COUNTED)
    return [
        Rate(group, {what: counts[group][what] for what in everything}) for group in sorted(counts)
    ]


def _each(instruments: str, asked: Question) -> list[str]:
    if "instrument" not in asked.by:
        return [""]
    names = [str(one["instrument"]) for one in orjson.loads(instruments)]
    return [name for name in names if asked.instrument in (None, name)]


def _periods(session: Session, zone: ZoneInfo, asked: Question) -> list[date]:
    """Return the first day of each period in which there are orders, and of those between."""
    ends = select(func.min(_order.opens), func.max(_order.opens)).select_from(_WITH_CASE)
    query = ends.where(*_which(zone, asked))
    first, last = session.connection().execute(query).one()
    if first is None:
        return []
    day, days = first.astimezone(zone).date().replace(day=1), []
    if asked.period == "quarter":
        day = day.replace(month=day.month - (day.month - 1) % 3)
    while day <= last.astimezone(zone).date():
        days.append(day)
        month = day.month + (3 if asked.period == "quarter" else 1)
        day = date(day.year + (month > 12), (month - 1) % 12 + 1, 1)
    return days


def _named(day: date, period: Period) -> str:
    """Return 2026-11, or 2026-Q4."""
    if period == "month":
        return f"{day:%Y-%m}"
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _counted(
    session: Session, zone: ZoneInfo, asked: Question, periods: Sequence[date]
) -> Iterator[Any]:
    """Yield (instruments as JSON, time point, unit, number of the period, what came of it, n)."""
    if not periods:
        return
    ends = [_midnight(day, zone) for day in periods[1:]]
    chain = [(_order.opens < end, literal(number)) for number, end in enumerate(ends)]
    begun = case(*chain, else_=literal(len(ends))) if chain else literal(0)
    columns = (
        cast(_order.instruments, AsText).label("instruments"),
        _order.time_point.label("time_point"),
        _case.unit_id.label("unit"),
        begun.label("begun"),
        _outcome(now()).label("outcome"),
    )
    inner = select(*columns).select_from(_WITH_CASE).where(*_which(zone, asked)).subquery()
    yield from session.connection().execute(select(*inner.c, func.count()).group_by(*inner.c))


_WITH_CASE = table(Order).join(
    table(PatientCase), and_(_case.registry_id == _order.registry_id, _case.id == _order.case_id)
)


def _which(zone: ZoneInfo, asked: Question) -> Iterator[ColumnElement[bool]]:
    yield _order.registry_id == asked.registry_id
    if asked.time_point is not None:
        yield _order.time_point == asked.time_point
    if asked.unit is not None:
        yield _case.unit_id == asked.unit
    if asked.instrument is not None:
        yield asks_for(asked.instrument)
    if asked.first_day is not None:
        yield _order.opens >= _midnight(asked.first_day, zone)
    if asked.last_day is not None:
        yield _order.opens < _midnight(asked.last_day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins, where the service is."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _outcome(at: datetime) -> ColumnElement[str]:
    """Return what came of an order, as a word.

    Until its window has closed an order is not counted, answered or not: the quick would make the
    rate too high.
    """
    cancelled = _order.status == "cancelled"
    return case(
        (and_(cancelled, _order.opened_at.is_(None)), "cancelled_before_opening"),
        (cancelled, "cancelled_after_opening"),
        (_order.closes > at, "not_yet_closed"),
        (_order.status == "completed", "completed"),
        (_order.status == "started", "partial"),
        (_order.opened_at.is_not(None), "opened_only"),
        else_="never_opened",
    )
