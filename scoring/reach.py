"""What the arithmetic of an instrument can give, held against what its definition declares."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
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
from scoring.methods import needed
from scoring.problem import Problem
from scoring.score import Scorer
from scoring.structure import in_order

Problems = Iterator[Problem]
Reach = tuple[float, float]

TOLERANCE = 1e-9
"""How far a score may be from the figure that it should be."""

SLACK = 0.01
"""How much wider than the arithmetic a declared range may be, as a share of the range."""


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
            given = f"[{score.range[0]:g}, {score.range[1]:g}]"
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
            low, high = reaches[score.score]
            found = [to for value, to in score.table.items() if low <= value <= high]
            return min(found), max(found)
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
    rules = (score.missing, *score.missing_options)
    least = min(needed(rule, len(values)) for rule in rules)
    lowest = sorted(map(min, values))[:least]
    highest = sorted(map(max, values), reverse=True)[:least]
    times = 1 if isinstance(score, Mean) else len(values)
    return sum(lowest) / least * times, sum(highest) / least * times


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
        if len({band.label for band in score.bands}) < len(score.bands):
            yield Problem(path, "has the same label twice; tell them apart")


def directions(scorer: Scorer) -> Problems:
    """Yield every declared direction that the best and the worst answers do not bear out."""
    instrument = scorer.instrument
    ends = np.array(
        [[_end(instrument, item, best=end) for item in scorer.items] for end in (True, False)]
    )
    values = scorer.score(ends).values
    for score in instrument.scores:
        best, worst = values[score.id]
        gives = {1: "higher_is_better", -1: "lower_is_better", 0: "none"}[
            int(np.sign(best - worst))
        ]
        if score.direction not in (gives, "none"):
            yield Problem(
                f"scores.{score.id}.direction",
                f"is {score.direction}, but the best answers give {best:g} and the worst {worst:g}",
            )


def not_turned_round(instrument: Instrument) -> Problems:
    """Yield every item that pulls its score the wrong way: it was not turned round before."""
    for score in (score for score in instrument.scores if isinstance(score, OfItems)):
        wanted = {"higher_is_better": 1, "lower_is_better": -1, "none": 0}[score.direction]
        for name in score.items:
            codes = instrument.scored_codes(instrument.item(name))
            added = dict(zip(codes, worth(instrument, score, name), strict=True))
            best, worst = (added[int(_end(instrument, name, best=end))] for end in (True, False))
            rise = (best - worst) * score.affine.multiply
            if rise * wanted < 0:
                message = (
                    f"its best answer is worth {best:g} and its worst {worst:g}; turn it round"
                )
                yield Problem(f"scores.{score.id}.items.{name}", message)


def _end(instrument: Instrument, item_id: str, *, best: bool) -> float:
    item = instrument.item(item_id)
    codes = instrument.scored_codes(item)
    if item.direction == "none":
        return float(codes[0])
    return float(max(codes) if (item.direction == "higher_is_better") == best else min(codes))
