"""A patient's quality-adjusted life years over a course: the area under the curve of utility.

The area is a description of one course. It is no "QALYs gained": that needs a comparator.

Between two visits the curve is straight (the trapezoid rule, over the actual dates). A visit that
was missed inside is bridged, so that its interval is never lost; nothing is guessed before the
first visit or after the last. Who dies has 0 from then on, and the last utility until then.

Source: Manca, Hawkins, Sculpher 2005, Health Econ 14:487-496, doi 10.1002/hec.944.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scoring.change import Flags, States, add
from scoring.methods import Floats
from scoring.value_set import ValueSet

Inside = Literal["interpolate", "null"]
"""What a missed visit between two others does: the curve runs straight past it, or is not given."""

Discounting = Literal["continuous", "by_year"]

DAYS = 365.25
"""Days in a year."""

LONGEST = 150
"""More years than this are days by mistake."""

ROUNDING = 1e-9
"""What binary fractions may add to a utility of exactly 1."""


def in_years(days: Floats) -> Floats:
    """Return days, such as those from the index date to each visit, as years of 365.25 days."""
    return days / DAYS


def alive(people: int) -> Floats:
    """Return the column of deaths [people] where nobody is known to have died."""
    return np.full(people, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Utilities of some people at their visits, all by one value set.

    `years` [people, visits] from the index date, rising; `utility` [people, visits], NaN = missing;
    `died` [people], NaN = not known to have died. `value_sets` names the set of each column of
    `utility`, such as eq-5d-5l/no-2024: they must be one and the same.

    Raises ValueError, naming the first row (from 0) where there is one: columns of several value
    sets or other shapes, times that do not rise, a utility without a time, after death or above 1.
    """

    value_sets: Sequence[str]
    years: Floats
    utility: Floats
    died: Floats

    def __post_init__(self) -> None:
        people = self.utility.shape[:1]
        if self.utility.ndim != 2 or self.years.shape != self.utility.shape:
            raise ValueError("years and utility must both have shape [people, visits]")
        if self.died.shape != people:
            raise ValueError("died must have shape [people]")
        if len(self.value_sets) != self.utility.shape[1] or len(set(self.value_sets)) != 1:
            raise ValueError("a curve has visits, each scored by one and the same value set")
        self._check_times()
        self._check_utilities()

    def _check_utilities(self) -> None:
        given = ~np.isnan(self.utility)
        number = np.isfinite(self.utility) & (self.utility <= 1 + ROUNDING)
        _refuse(given & ~number, "a utility must be a number, and 1 (full health) at most")
        _refuse(given & np.isnan(self.years), "a utility has no time")
        _refuse(given & (self.years > self.died[:, np.newaxis]), "a utility is from after death")

    def _check_times(self) -> None:
        _check_years(np.column_stack([self.years, self.died]))
        before = np.fmax.accumulate(self.years, axis=1)[:, :-1]
        _refuse(self.years[:, 1:] <= before, "times must rise from visit to visit")


def curve_of_states(
    value_set: ValueSet, visits: Sequence[States], years: Floats, died: Floats
) -> Curve:
    """Return the curve of health states, one `States` a visit, all valued by one set.

    Incomplete states have no utility. Raises ValueError as `Curve` does, and for states of another
    instrument than the value set's.
    """
    utility = np.column_stack([states.valued_by(value_set) for states in visits])
    name = f"{value_set.instrument}/{value_set.id}"
    return Curve([name] * len(visits), years, utility, died)


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Areas under the curve [people], and what they are read against; NaN where none is given.

    `area` is in quality-adjusted life years; `years` is how long the curve is; `baseline` its first
    utility.
    """

    area: Floats
    years: Floats
    baseline: Floats

    @property
    def mean_utility(self) -> Floats:
        """The utility that, held throughout, has the same area."""
        return self.area / self.years

    @property
    def over_baseline(self) -> Floats:
        """The area above what the first utility, carried forward, would have given."""
        return self.area - self.baseline * self.years


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """The straight pieces of each curve [pieces, people]: from where to where, and how steep.

    `begin`, `end` and `known` [people]: of the whole curve, and whether it is whole.
    """

    start: Floats
    stop: Floats
    utility: Floats
    slope: Floats
    begin: Floats
    end: Floats
    known: Flags


def area_under_curve(
    curve: Curve, *, to: float | Floats | None = None, inside: Inside = "interpolate"
) -> Area:
    """Return the area under each curve from its first visit to `to`.

    `to` is in years from the index date, for all or [people]; None is each one's last visit. With
    `inside` null, a curve with a missed visit is not given. NaN without the first utility, and for
    the living without a utility at `to` or later; a death after `to` changes nothing.

    Raises ValueError, naming the row, for a curve that ends before it begins, and for a death when
    neither `to` nor the last visit's time says where the curve ends.
    """
    pieces = _pieces(curve, to, inside)
    area = np.where(pieces.known, _area(pieces, pieces.start, pieces.stop), np.nan)
    length = np.where(pieces.known, pieces.end - pieces.begin, np.nan)
    return Area(area, length, np.where(pieces.known, curve.utility[:, 0], np.nan))


def discounted_area(
    curve: Curve,
    rate: float,
    way: Discounting,
    *,
    to: float | Floats | None = None,
    inside: Inside = "interpolate",
) -> Floats:
    """Return the area under each curve [people], what comes later counting for less.

    `rate` is a share a year, such as .04. Time counts from the first visit. continuous: a utility
    after s years is worth (1 + rate)^-s of itself, at every moment. by_year: the area of the k-th
    year is worth (1 + rate)^-(k - 1), so the first counts whole. Otherwise as `area_under_curve`.
    Raises ValueError also for a rate that is not between 0 and 1.
    """
    if not 0 < rate < 1:
        raise ValueError("the rate is a share a year, above 0 and below 1: .04 is 4 %")
    pieces = _pieces(curve, to, inside)
    count = {"continuous": _continuous, "by_year": _by_year}[way]
    return np.where(pieces.known, count(pieces, rate), np.nan)


def _pieces(curve: Curve, to: float | Floats | None, inside: Inside) -> _Pieces:
    end = _end(curve, to)
    times, utility, dead = curve.years.T, curve.utility.T, curve.died <= end
    given = ~np.isnan(utility)
    visits = np.arange(len(times))[:, np.newaxis]
    last = np.maximum.accumulate(np.where(given, visits, 0), axis=0)
    # A missed visit stands where the last answered one stood, so that its piece has no width.
    at, height = (np.take_along_axis(column, last, axis=0) for column in (times, utility))
    at = np.vstack([at, np.where(dead, curve.died, at[-1])])
    height = np.vstack([height, height[-1]])
    width = np.diff(at, axis=0)
    slope = np.divide(np.diff(height, axis=0), width, np.zeros(width.shape), where=width > 0)
    missed = _missed(times, given, last[-1], end, np.where(dead, curve.died, -np.inf))
    bridged = {"interpolate": np.True_, "null": ~missed}[inside]
    known = given[0] & (dead | (at[-1] >= end)) & bridged
    start, stop = np.minimum(at[:-1], end), np.minimum(at[1:], end)
    return _Pieces(start, stop, height[:-1], slope, times[0], end, known)


def _missed(times: Floats, given: Flags, last: Floats, end: Floats, died: Floats) -> Flags:
    """Return who has a missed visit inside [people]: before the last that counts, or before death.

    The last that counts is the first answered one at the end or after, if there is one.
    """
    visits = np.arange(len(times))[:, np.newaxis]
    past = given & (times >= end)
    counts = np.where(past.any(axis=0), past.argmax(axis=0), last)
    missed: Flags = np.any(~given & ((visits < counts) | (times < died)), axis=0)
    return missed


def _area(pieces: _Pieces, start: Floats, stop: Floats) -> Floats:
    """Return the area [people] of the pieces, each from `start` to `stop` [pieces, people]."""
    middle = (start + stop) / 2 - pieces.start
    return add((stop - start) * (pieces.utility + pieces.slope * middle))


def _continuous(pieces: _Pieces, rate: float) -> Floats:
    """Return the integral of utility x (1 + rate)^-s, s in years from the first visit [people]."""
    force = np.log1p(rate)
    width = pieces.stop - pieces.start
    flat = -np.expm1(-force * width) / force
    rising = (flat - width * np.exp(-force * width)) / force
    worth = np.exp(-force * (pieces.start - pieces.begin))
    return add(worth * (pieces.utility * flat + pieces.slope * rising))


def _by_year(pieces: _Pieces, rate: float) -> Floats:
    """Return the sum over years k = 0, 1, ... of the year's area x (1 + rate)^-k [people]."""
    longest = (pieces.end - pieces.begin)[pieces.known].max(initial=0)
    total = np.zeros(pieces.begin.shape)
    for year in range(int(np.ceil(longest))):
        first, last = pieces.begin + year, pieces.begin + year + 1
        inside = (np.clip(edge, first, last) for edge in (pieces.start, pieces.stop))
        total += _area(pieces, *inside) / (1 + rate) ** year
    return total


def _end(curve: Curve, to: float | Floats | None) -> Floats:
    """Return where each curve ends [people], in years from the index date."""
    if to is None:
        end = curve.years[:, -1]
        _refuse(np.isnan(end) & ~np.isnan(curve.died), "died: say in `to` where the curve ends")
    else:
        end = np.broadcast_to(np.asarray(to, np.float64), curve.died.shape)
    _check_years(end)
    _refuse(end <= curve.years[:, 0], "the curve must end later than its first visit")
    return end


def _check_years(times: Floats) -> None:
    _refuse(np.abs(times) > LONGEST, f"a time is beyond {LONGEST} years; are these days?")


def _refuse(wrong: Flags, why: str) -> None:
    """Raise ValueError, naming the first row of `wrong` [people, …] where anything is true."""
    if wrong.any():
        raise ValueError(f"row {np.argwhere(wrong)[0][0]}: {why}")
