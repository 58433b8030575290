"""Every value that a score can have, exactly: what a table must hold to be looked up in."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from scoring.instrument import (
    Cases,
    Combine,
    Count,
    Instrument,
    Lookup,
    Points,
    Score,
    Sum,
    Term,
)
from scoring.problem import Problem
from scoring.reach import worth

MOST = 10_000
"""A score of more different values than this is not looked up in a table."""

Values = set[Fraction]


def lookups(instrument: Instrument) -> Iterator[Problem]:
    """Yield every table that lacks a value which may be looked up in it."""
    by_id = {score.id: score for score in instrument.scores}
    for score in instrument.scores:
        if isinstance(score, Lookup):
            found = possible(instrument, by_id, by_id[score.score])
            path = f"scores.{score.id}"
            if found is None:
                message = f"{score.score} has no limited number of values that could be looked up"
                yield Problem(f"{path}.score", message)
            elif broken := [value for value in found if value.denominator != 1 or value < 0]:
                message = f"{score.score} can be {float(min(broken)):g}"
                yield Problem(f"{path}.score", f"{message}; a table is of whole numbers from 0")
            else:
                lacking = sorted(int(value) for value in found - set(score.table))
                for value in lacking:
                    yield Problem(f"{path}.table", f"lacks {value}, which {score.score} can be")


def possible(instrument: Instrument, by_id: Mapping[str, Score], score: Score) -> Values | None:
    """Return every value that a score can have; None where there is no end of them."""
    match score:
        case Sum() | Count() if score.substitute is None:
            return _last(score, _sums(_exact(worth(instrument, score, i)) for i in score.items))
        case Points():
            sums = _sums(
                [{exact(score.constant)}, *(_exact(i.points.values()) for i in score.items)]
            )
            return _last(score, sums)
        case Combine():
            terms = [possible(instrument, by_id, by_id[term.score]) for term in score.terms]
            return _last(score, _sums(map(_standardised, score.terms, terms)))
        case Lookup():
            return _exact(score.table.values())
        case Cases():
            return _exact([*(case.value for case in score.cases), score.otherwise])
        case _:
            return None


def exact(number: float) -> Fraction:
    """Return a number as it is written."""
    return Fraction(repr(number))


def _exact(numbers: Iterable[float]) -> Values:
    return set(map(exact, numbers))


def _standardised(term: Term, values: Values | None) -> Values | None:
    if values is None:
        return None
    return {exact(term.weight) * (value - exact(term.mean)) / exact(term.sd) for value in values}


def _sums(parts: Iterable[Values | None]) -> Values | None:
    """Return every sum of one value from each part."""
    sums = {Fraction(0)}
    for part in parts:
        if part is None or len(sums) > MOST:
            return None
        sums = {one + other for one in sums for other in part}
    return sums if len(sums) <= MOST else None


def _last(score: Sum | Count | Points | Combine, values: Values | None) -> Values | None:
    """Return the values after the affine step and the clamp."""
    if values is None:
        return None
    multiply, add = exact(score.affine.multiply), exact(score.affine.add)
    moved = {add + multiply * value for value in values}
    if score.clamp is None:
        return moved
    low, high = map(exact, score.clamp)
    return {min(max(value, low), high) for value in moved}
