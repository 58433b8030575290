"""The arithmetic: what a whole column of answers is worth, one method at a time.

Arrays are float64 with people along the last axis; NaN means "no answer" going in and "no score"
coming out. Sums run over items in their written order, so that a person's score never depends on
how many others are scored with them.
"""

import numpy as np
from numpy.typing import NDArray

from scoring.instrument import MaxMissing, MinAnswered, MissingRule

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def needed(rule: MissingRule, items: int) -> int:
    """Return how many of `items` items must be answered under a missing rule; never less than 1.

    `half` means at least half: 2 of 3, 3 of 5 (the rule of the SF-36 manual).
    """
    if isinstance(rule, MinAnswered):
        return rule.min_answered
    if isinstance(rule, MaxMissing):
        return max(1, items - rule.max_missing)
    return {"all": items, "half": (items + 1) // 2, "any": 1}[rule]


def mean(values: Floats, answered: Counts, least: int) -> Floats:
    """Return the mean of the answered items [people] of `values` [items, people].

    `answered` [people] counts them; NaN where they are fewer than `least` (1 or more). A missing
    answer is left out, never counted.
    """
    total = add(np.where(np.isnan(values), 0.0, values))
    return total / np.where(answered >= least, answered, np.nan)


def add(values: Floats) -> Floats:
    """Return the sum [people] of `values` [items, people]; NaN where any of them is NaN.

    A running sum, because it has but one order: numpy's plain sum takes another for one person.
    """
    total: Floats = np.add.accumulate(values, axis=0)[-1]
    return total


def combine(scores: Floats, weights: Floats, affine: tuple[float, float]) -> Floats:
    """Return add + multiply x sum(weight x (score - mean) / sd) [people].

    `scores` is [terms, people]; `weights` [3, terms, 1] holds each term's weight, mean and sd;
    `affine` holds (multiply, add). NaN where any score is NaN.
    """
    weight, mean, sd = weights
    multiply, plus = affine
    return plus + multiply * add(weight * ((scores - mean) / sd))


def index(levels: Floats, table: Floats, count: int) -> Floats:
    """Return each health state's index [people] from `levels` [5, people], each 1..count.

    `table` [count ** 5] holds the index of every state by its number. NaN for a state with any
    dimension unanswered.
    """
    number = levels[0] - 1
    for level in levels[1:]:
        number = number * count + (level - 1)
    whole = ~np.isnan(number)
    found = table.take(np.where(whole, number, 0).astype(np.intp))
    return np.where(whole, found, np.nan)
