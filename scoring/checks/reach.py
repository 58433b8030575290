"""What the arithmetic of an instrument can give, held against what its definition declares."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import inf
from typing import assert_never

import numpy as np

from scoring.instrument import (
    Cases,
    Combine,
    Count,
    Index,
    Instrument,
    Lookup,
    Mean,
    OfItems,
    Points,
    Score,
    Sum,
)
from scoring.item import Direction
from scoring.methods import TOLERANCE, needed
from scoring.problem import Problem
from scoring.score import compile_instrument
from scoring.structure import in_order

Problems = Iterator[Problem]
Reach = tuple[float, float]

SLACK = 0.01
"""How much wider than the arithmetic a declared range may be, as a share of the range."""

LARGEST = 100_000.0
"""Of numbers up to this, a computer's rounding stays well within the tolerance."""


def too_large(instrument: Instrument) -> Problems:
    """Yield every score that is figured out of numbers too large for it to be exact."""
    sizes: dict[str, float] = {}
    for score in in_order(instrument):
        sizes[score.id] = _size(instrument, score, sizes)
    for score in instrument.scores:
        if sizes[score.id] > LARGEST:
            yield Problem(
                f"scores.{score.id}",
                f"is figured out of numbers as large as {sizes[score.id]:.10g}; beyond "
                f"{LARGEST:g} a computer is not exact to nine decimals",
            )


def _size(instrument: Instrument, score: Score, sizes: Mapping[str, float]) -> float:
    """Return the largest number that may come up while a score is figured out, if not more.

    `sizes` holds those of the scores that it is made of.
    """
    match score:
        case Mean() | Sum() | Count():
            most = max(_largest(worth(instrument, score, item)) for item in score.items)
            size = most * len(score.items)
        case Points():
            size = sum(_largest(one.points.values()) for one in score.items) + abs(score.constant)
        case Combine():
            parts = [(sizes[term.score] + abs(term.mean)) / term.sd for term in score.terms]
            sizes_of = zip(score.terms, parts, strict=True)
            size = sum(part * (abs(term.weight) if part < inf else 1) for term, part in sizes_of)
        case Index():
            return _largest(instrument.value_sets[score.value_set].indices.tolist())
        case Lookup():
            return _largest(score.table.values())
        case Cases():
            return _largest([*(case.value for case in score.cases), score.otherwise])
        case _:
            assert_never(score)
    return max(size, size * abs(score.affine.multiply) + abs(score.affine.add))


def _largest(numbers: Iterable[float]) -> float:
    return max(map(abs, numbers))


def ranges(instrument: Instrument) -> Problems:
    """Yield every declared range that is not the one the arithmetic has."""
    reaches: dict[str, Reach] = {}
    for score in in_order(instrument):
        reaches[score.id] = reach(instrument, score, reaches)
    for score in instrument.scores:
        low, high = reaches[score.id]
        slack = SLACK * (high - low) + TOLERANCE
        inside = score.range[0] <= low + TOLERANCE and score.range[1] >= high - TOLERANCE
        snug = score.range[0] >= low - slack and score.range[1] <= high + slack
        if not (inside and snug):
            given = f"[{score.range[0]:.10g}, {score.range[1]:.10g}]"
            right = f"[{low:.10g}, {high:.10g}]"
            message = f"is {given}, but the arithmetic can give {right}"
            yield Problem(f"scores.{score.id}.range", message)


def reach(instrument: Instrument, score: Score, reaches: Mapping[str, Reach]) -> Reach:
    """Return the least and the largest value that a score's arithmetic can give.

    For a combination the bounds treat its scores as free of each other, so they are the widest;
    `reaches` holds those of its scores.
    """
    match score:
        case Mean() | Sum() | Count() | Points() | Combine():
            return _finished(score, _unfinished(instrument, score, reaches))
        case Index():
            indices = instrument.value_sets[score.value_set].indices
            return float(indices.min()), float(indices.max())
        case Lookup():
            return min(score.table.values()), max(score.table.values())
        case Cases():
            values = (*(case.value for case in score.cases), score.otherwise)
            return min(values), max(values)
        case _:
            assert_never(score)


def _unfinished(
    instrument: Instrument, score: OfItems | Points | Combine, reaches: Mapping[str, Reach]
) -> Reach:
    match score:
        case Points():
            given = [one.points.values() for one in score.items]
            return score.constant + sum(map(min, given)), score.constant + sum(map(max, given))
        case Combine():
            ends = [
                sorted(term.weight * (end - term.mean) / term.sd for end in reaches[term.score])
                for term in score.terms
            ]
            return sum(low for low, _ in ends), sum(high for _, high in ends)
        case _:
            return _of_items(score, [worth(instrument, score, item) for item in score.items])


def _of_items(score: OfItems, values: list[tuple[float, ...]]) -> Reach:
    """Return the ends of a score of items, of which a missing rule may do without the others."""
    least = least_needed(score)
    lowest = sorted(map(min, values))[:least]
    highest = sorted(map(max, values), reverse=True)[:least]
    times = 1 if isinstance(score, Mean) else len(values)
    return sum(lowest) / least * times, sum(highest) / least * times


def least_needed(score: OfItems) -> int:
    """Return how few answers are enough under the freest of the missing rules on offer."""
    rules = (score.missing, *score.missing_options)
    return min(needed(rule, len(score.items)) for rule in rules)


def worth(instrument: Instrument, score: OfItems, item: str) -> tuple[float, ...]:
    """Return what each code of an item adds to a score of items, in the order of the codes."""
    values = instrument.values(item)
    if isinstance(score, Count):
        return tuple(float(value in score.values) for value in values)
    return values


def _finished(score: OfItems | Points | Combine, ends: Reach) -> Reach:
    low, high = sorted(score.affine.add + score.affine.multiply * end for end in ends)
    least, most = score.clamp or (low, high)
    return min(max(low, least), most), min(max(high, least), most)


def bands(instrument: Instrument) -> Problems:
    """Yield every score whose bands do not share out its range from its lower end upwards."""
    for score in instrument.scores:
        path = f"scores.{score.id}.bands"
        starts = [band.at_least for band in score.bands]
        if starts and starts[0] != score.range[0]:
            yield Problem(path, f"must begin at {score.range[0]:g}, where the range does")
        for before, after in pairwise(starts):
            if after <= before:
                yield Problem(path, f"{after:g} does not come after {before:g}; put them in order")
        if starts and starts[-1] > score.range[1]:
            yield Problem(
                path, f"{starts[-1]:g} is above the range, which ends at {score.range[1]:g}"
            )
        for label, times in Counter(band.label for band in score.bands).items():
            if times > 1:
                yield Problem(path, f"has the label {label} {times} times; tell them apart")


WANTED: Mapping[Direction, int] = {"higher_is_better": 1, "lower_is_better": -1, "none": 0}
"""Which way a score must go from the worst answers to the best."""


def directions(instrument: Instrument) -> Problems:
    """Yield every declared direction that the best and the worst answers do not bear out."""
    scorer = compile_instrument(instrument)
    ends = np.array(
        [[_end(instrument, item, best=end) for item in scorer.items] for end in (True, False)]
    )
    values = scorer.score(ends).values
    for score in instrument.scores:
        best, worst = values[score.id]
        rise = (best - worst) * WANTED[score.direction]
        if score.direction != "none" and rise <= TOLERANCE:
            yield Problem(
                f"scores.{score.id}.direction",
                f"is {score.direction}, but the best answers give {best:g} and the worst {worst:g}",
            )


def not_turned_round(instrument: Instrument) -> Problems:
    """Yield every item that pulls its score the wrong way: it was not turned round before."""
    for score in (score for score in instrument.scores if isinstance(score, OfItems)):
        for name in score.items:
            codes = instrument.scored_codes(instrument.item(name))
            added = dict(zip(codes, worth(instrument, score, name), strict=True))
            best, worst = (added[int(_end(instrument, name, best=end))] for end in (True, False))
            if (best - worst) * score.affine.multiply * WANTED[score.direction] < 0:
                message = f"its best answer is worth {best:g} and its worst {worst:g}"
                if score.affine.multiply < 0:
                    message += f", times {score.affine.multiply:g}"
                yield Problem(
                    f"scores.{score.id}.items.{name}",
                    f"{message}, and the score is {score.direction}; turn it round",
                )


def _end(instrument: Instrument, item_id: str, *, best: bool) -> float:
    item = instrument.item(item_id)
    codes = instrument.scored_codes(item)
    if item.direction == "none":
        return float(codes[0])
    return float(max(codes) if (item.direction == "higher_is_better") == best else min(codes))
