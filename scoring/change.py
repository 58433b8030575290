"""Change between two time points: is a patient better or worse, and is it enough to matter?

People stand along the first axis. NaN going in means "no answer", and then no category is given:
categories are small whole numbers (`Pchc`, `Outcome`), with -1 for missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scoring.item import Direction
from scoring.methods import Floats
from scoring.reference import Bound, Mcid, Reliability
from scoring.terms import DIMENSIONS, LEVELS
from scoring.value_set import ValueSet

Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]
EqFiveD = Literal["eq-5d-5l", "eq-5d-3l", "eq-5d-y-3l"]

BETTER: Mapping[Direction, int] = {"higher_is_better": 1, "lower_is_better": -1}
"""Which way a score improves."""

RELIABLE = 1.96
"""A reliable change index beyond this is seen by chance in 5 % of people who did not change."""

ROUNDING = 1e-9
"""What binary fractions may cost a change that is exactly the smallest important one."""


class Pchc(IntEnum):
    """The Paretian Classification of Health Change."""

    MISSING = -1
    NO_PROBLEMS = 0
    NO_CHANGE = 1
    IMPROVE = 2
    WORSEN = 3
    MIXED_CHANGE = 4


class Outcome(IntEnum):
    """Whether a score changed by enough, and which way."""

    MISSING = -1
    UNCHANGED = 0
    IMPROVED = 1
    WORSENED = 2


def add(rows: Floats) -> Floats:
    """Return the sum [people] of `rows` [rows, people], NaN where any is NaN.

    A running sum, because it has but one order: numpy's plain sum takes another for one person.
    """
    total: Floats = np.add.accumulate(rows, axis=0)[-1]
    return total


def words(codes: Codes, kind: type[IntEnum]) -> list[str | None]:
    """Return a column of categories in words, such as `no change`; None for missing."""
    named = {int(one): one.name.lower().replace("_", " ") for one in kind if one >= 0}
    return [named[code] if code >= 0 else None for code in codes.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """EQ-5D health states at one time point: `levels` [people, 5], NaN = unanswered.

    The dimensions stand in the order MO SC UA PD AD. Raises ValueError for another shape, and for a
    level that the instrument does not have: missing codes such as 9 must have become NaN.
    """

    instrument: EqFiveD
    levels: Floats

    def __post_init__(self) -> None:
        if self.levels.ndim != 2 or self.levels.shape[1] != len(DIMENSIONS):
            raise ValueError(f"levels must have shape [people, {len(DIMENSIONS)}]")
        known = self.levels[~np.isnan(self.levels)]
        if not np.isin(known, np.arange(1.0, self.highest + 1)).all():
            raise ValueError(f"the levels of {self.instrument} are 1 to {self.highest}")

    @property
    def highest(self) -> int:
        """The level of the most severe problems."""
        return LEVELS[self.instrument]

    @property
    def incomplete(self) -> Flags:
        """Who lacks a dimension or more [people]."""
        return np.isnan(level_sum(self))

    def valued_by(self, value_set: ValueSet) -> Floats:
        """Return the index of each state [people]; NaN if incomplete.

        Raises ValueError for a value set of another instrument.
        """
        if value_set.instrument != self.instrument:
            raise ValueError(f"{value_set.id} is for {value_set.instrument}, not {self.instrument}")
        table = np.append(value_set.indices, np.nan)
        number = (self.levels - 1) @ self.highest ** np.arange(len(DIMENSIONS))[::-1]
        return table.take(np.where(self.incomplete, len(table) - 1, number).astype(np.intp))


def pchc(before: States, after: States, *, no_problems: bool = True) -> Codes:
    """Return each person's change in health as `Pchc` [people].

    Improve: better on one dimension or more, and worse on none. Worsen: the reverse. Mixed: both.
    With `no_problems`, 11111 both times is told apart from no change. Missing unless both states
    are complete. Raises ValueError when the two are not the same people and instrument.

    Source: Devlin, Parkin, Browne 2010, Health Econ 19:886-905, doi 10.1002/hec.1608.
    """
    better, worse, free, missing = _compare(before, after)
    none_at_all = np.all(free, axis=1) & no_problems
    return _classify(np.any(better, axis=1), np.any(worse, axis=1), none_at_all, missing)


def pchc_by_dimension(before: States, after: States, *, no_problems: bool = True) -> Codes:
    """Return the change in each dimension as `Pchc` [people, 5]; none is ever mixed.

    As for `pchc`; with `no_problems`, level 1 both times is told apart. A person who lacks any
    dimension has none, so that overall and in each dimension the same people are counted.
    """
    better, worse, free, missing = _compare(before, after)
    return _classify(better, worse, free & no_problems, missing[:, np.newaxis])


def _compare(before: States, after: States) -> tuple[Flags, Flags, Flags, Flags]:
    """Return what is better, worse, and level 1 both times [people, 5], and who is missing."""
    if before.instrument != after.instrument:
        raise ValueError(f"{before.instrument} and {after.instrument} have other levels")
    if before.levels.shape != after.levels.shape:
        raise ValueError("before and after must be the same people")
    free = (before.levels == 1) & (after.levels == 1)
    missing = before.incomplete | after.incomplete
    return after.levels < before.levels, after.levels > before.levels, free, missing


def _classify(better: Flags, worse: Flags, none_at_all: Flags, missing: Flags) -> Codes:
    table = [Pchc.NO_CHANGE, Pchc.IMPROVE, Pchc.WORSEN, Pchc.MIXED_CHANGE]
    changed = np.array(table, np.int8)[better + 2 * worse]
    given = np.where(none_at_all, np.int8(Pchc.NO_PROBLEMS), changed)
    return np.where(missing, np.int8(Pchc.MISSING), given)


def level_sum(states: States) -> Floats:
    """Return the sum of the five levels [people]: 5 is no problems; NaN if incomplete."""
    return add(states.levels.T)


def level_frequency(states: States) -> Codes:
    """Return how many dimensions are at each level [people, levels]; all -1 if incomplete.

    Source: Devlin, Parkin, Janssen 2020, Methods for Analysing and Reporting EQ-5D Data,
    doi 10.1007/978-3-030-47622-9.
    """
    dimensions = np.ascontiguousarray(states.levels.T)
    every = range(1, states.highest + 1)
    counts = [np.sum(dimensions == level, axis=0, dtype=np.int8) for level in every]
    found = np.where(states.incomplete, np.int8(-1), np.stack(counts))
    return np.ascontiguousarray(found.T)


def level_frequency_text(frequency: Codes) -> list[str | None]:
    """Return each person's level frequencies as usually written, such as 41000; None if missing."""
    return ["".join(map(str, row)) if row[0] >= 0 else None for row in frequency.tolist()]


def reached(
    change: Floats, mcid: Mcid, score: str, direction: Direction, bound: Bound | None = None
) -> Codes:
    """Return who changed by the smallest important amount or more, as `Outcome` [people].

    `change` [people] is after minus before; `score` its full name, such as `eq-5d-3l/vas`;
    `direction` which end is better. Where the amount is a range, `bound` says which end counts.
    Raises ValueError for another score than the MCID's, for a score without a better end, and for
    a range when no bound is named.
    """
    mcid.must_be_of(score, mcid.score)
    enough = np.abs(change) >= mcid.threshold(bound) - ROUNDING
    return _outcomes(change, enough, direction)


def reliable_change(before: Floats, after: Floats, reliability: Reliability, score: str) -> Floats:
    """Return the reliable change index [people]: the change in units of its standard error.

    (after - before) / (sd x sqrt(2) x sqrt(1 - reliability)); NaN where either is missing. Raises
    ValueError for another score than that of `reliability`.

    Source: Jacobson & Truax 1991, J Consult Clin Psychol 59:12-19,
    doi 10.1037/0022-006X.59.1.12.
    """
    reliability.must_be_of(score, reliability.score)
    error = reliability.sd * np.sqrt(2) * np.sqrt(1 - reliability.reliability)
    return np.asarray((after - before) / error)


def reliably_changed(index: Floats, direction: Direction) -> Codes:
    """Return who changed by more than 1.96 of a reliable change index, as `Outcome` [people].

    Raises ValueError for a score without a better end.
    """
    return _outcomes(index, np.abs(index) > RELIABLE, direction)


def _outcomes(change: Floats, enough: Flags, direction: Direction) -> Codes:
    if direction not in BETTER:
        raise ValueError(f"a score whose direction is {direction} has no better end")
    better = change * BETTER[direction] > 0
    way = np.where(better, np.int8(Outcome.IMPROVED), np.int8(Outcome.WORSENED))
    given = np.where(enough, way, np.int8(Outcome.UNCHANGED))
    return np.where(np.isnan(change), np.int8(Outcome.MISSING), given)
