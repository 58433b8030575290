"""The arithmetic: what a whole column of answers is worth, one method at a time.

Arrays are float64 with people along the last axis; NaN means "no score". Sums run over rows in
their written order, so that a person's score never depends on how many others are scored with them.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.instrument import (
    Bounds,
    Cases,
    MaxMissing,
    MinAnswered,
    MissingRule,
)

Floats = NDArray[np.float64]
Counts = NDArray[np.int16]
Places = NDArray[np.intp]
Number = TypeVar("Number", np.float64, np.int16)

TOLERANCE = 1e-9
"""How far rounding may put a score from what it should be; one so near an edge is at the edge."""

FEW = 64
"""Of so few people a running sum in one call is the faster of two ways to the same figures."""


def needed(rule: MissingRule, items: int) -> int:
    """Return how many of `items` items must be answered under a missing rule; never less than 1.

    `half` means at least half: 2 of 3, 3 of 5 (the rule of the SF-36 manual).
    """
    if isinstance(rule, MinAnswered):
        return rule.min_answered
    if isinstance(rule, MaxMissing):
        return max(1, items - rule.max_missing)
    return {"all": items, "half": (items + 1) // 2, "any": 1}[rule]


class Rows:
    """Some sums: which rows each of them adds up, in that order."""

    def __init__(self, rows: Sequence[Sequence[int]], filler: int) -> None:
        """`filler` is a row of zeros, with which the shorter sums are filled up."""
        longest = max(map(len, rows), default=0)
        self._rows = [list(some) for some in rows]
        filled = [[*some, *[filler] * (longest - len(some))] for some in rows]
        self._filled = np.array(filled, dtype=np.intp).reshape(len(rows), longest)

    def add(self, values: NDArray[Number], out: NDArray[Number]) -> None:
        """Write the sums [sums, people] of rows of `values` [rows, people] into `out`.

        Both ways below add in the written order, so their figures are equal to the last bit;
        numpy's plain sum takes another order for one person than for many.
        """
        if values.shape[1] < FEW:
            out[:] = np.add.accumulate(values.take(self._filled, axis=0), axis=1)[:, -1]
            return
        for total, rows in zip(out, self._rows, strict=True):
            total[:] = values[rows[0]]
            for row in rows[1:]:
                np.add(total, values[row], out=total)


def divisors(least: int, items: int, *, averaged: bool) -> Floats:
    """Return what a total of the answered items is divided by, [items + 1], by how many they are.

    NaN for fewer than `least`: then there is no score. A total that is not `averaged` stays as it
    is, and so needs every item: an answer left out of it would count as 0.
    """
    counts = np.arange(items + 1, dtype=np.float64)
    return np.where(counts >= least, counts if averaged else 1.0, np.nan)


def combine(standardised: Floats, weights: Floats) -> Floats:
    """Return sum(weight x standardised score) [scores, people], term by term in order.

    `standardised` is [terms, people], `weights` [scores, terms]. NaN where any term is NaN.
    """
    if standardised.shape[1] < FEW:
        parts = weights[:, :, np.newaxis] * standardised
        running: Floats = np.add.accumulate(parts, axis=1)[:, -1]
        return running
    total: Floats = weights[:, :1] * standardised[0]
    part = np.empty_like(total)
    for term in range(1, len(standardised)):
        total += np.multiply(weights[:, term : term + 1], standardised[term], out=part)
    return total


def lookup(score: Floats, table: Floats) -> Floats:
    """Return what `table` [values + 1] gives for each whole-numbered score [people]; NaN for NaN.

    The table's last place stands for "no score".
    """
    none = len(table) - 1
    return table.take(np.where(np.isnan(score), none, np.rint(score)).astype(np.intp))


Conditions = Sequence[tuple[int, np.ufunc, float]]
"""What must hold of some rows of scores: the row, how it is compared, and with what."""


def conditions(when: Mapping[str, Bounds], place: Mapping[str, int]) -> Conditions:
    """Return a case's bounds, ready to be compared with the rows in which its scores stand.

    A score within TOLERANCE of a bound is at the bound: ten times 0.1 is 1.
    """
    compared = (
        (place[name], compare, bound, error)
        for name, bounds in when.items()
        for compare, bound, error in (
            (np.greater_equal, bounds.at_least, -TOLERANCE),
            (np.greater, bounds.above, TOLERANCE),
            (np.less_equal, bounds.at_most, TOLERANCE),
            (np.less, bounds.below, -TOLERANCE),
        )
    )
    return [
        (row, compare, bound + error)
        for row, compare, bound, error in compared
        if bound is not None
    ]


def holds(all_of: Conditions, scores: Floats) -> NDArray[np.bool_]:
    """Say of each person [people] whether all conditions hold; NaN is within no bound.

    `scores` is [rows, people].
    """
    (row, compare, bound), *others = all_of
    within: NDArray[np.bool_] = compare(scores[row], bound)
    for row, compare, bound in others:
        within &= compare(scores[row], bound)
    return within


def named(method: Cases) -> tuple[str, ...]:
    """Return the ids of the scores that any case names, once each."""
    return tuple(dict.fromkeys(name for case in method.cases for name in case.when))
