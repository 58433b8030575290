"""Every value that a score can have: what a table must hold, and where a bound is tried."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import assert_never

from scoring.checks.reach import least_needed, worth
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
    Term,
)
from scoring.methods import TOLERANCE
from scoring.problem import Problem
from scoring.structure import in_order, items_under, own_scores

MOST = 10_000
"""Of a score with more different values than this, they are not found out."""

LAST = 999
"""The largest value that a table has a place for: it is written as a code."""

SHOWN = 10
"""How many values a message names before it only counts the others."""

Values = set[Fraction]
Known = Values | str
"""Every value that a score can have, or in words why they are not known."""


def lookups(instrument: Instrument) -> Iterator[Problem]:
    """Yield every table that does not hold just the values that can be looked up in it."""
    known = read_values(instrument, Lookup)
    for score in instrument.scores:
        if isinstance(score, Lookup):
            for part, message in _looked_up(score, known[score.score]):
                yield Problem(f"scores.{score.id}.{part}", message)


def _looked_up(score: Lookup, found: Known) -> Iterator[tuple[str, str]]:
    """Hold a table against the values of the score that is looked up in it."""
    if isinstance(found, str):
        yield "score", f"cannot be looked up: {found}"
    elif broken := {v for v in found if v.denominator != 1 or not 0 <= v <= LAST}:
        places = f"a table has places for whole numbers from 0 to {LAST} only"
        yield "score", f"{score.score} can be {_some(broken)}; {places}"
    else:
        table = set(map(Fraction, score.table))
        if lacking := found - table:
            yield "table", f"lacks {_some(lacking)}, which {score.score} can be; add what it gives"
        if beyond := table - found:
            yield "table", f"has {_some(beyond)}, which {score.score} cannot be; remove it"


def _some(values: Values) -> str:
    shown = ", ".join(f"{float(value):.10g}" for value in sorted(values)[:SHOWN])
    return shown + (f" and {len(values) - SHOWN} more" if len(values) > SHOWN else "")


def read_values(instrument: Instrument, reader: type[Lookup] | type[Cases]) -> Mapping[str, Known]:
    """Return every value of the scores that tables look up, or that cases are decided by.

    Those that cases are decided by are the values of people who answered every item: only they
    are sure to be given together.
    """
    order, under = in_order(instrument), items_under(instrument)
    read: set[str] = set()
    for score in reversed(order):
        made_of = isinstance(score, Combine | Lookup) and score.id in read
        read.update(own_scores(score) if made_of or isinstance(score, reader) else ())
    found: dict[str, Known] = {}
    for score in order:
        if score.id in read:
            complete = reader is Cases
            shared = isinstance(score, Combine) and _shared(score, under, complete=complete)
            found[score.id] = shared or _values(instrument, score, found, complete=complete)
    return found


def _shared(score: Combine, under: Mapping[str, tuple[str, ...]], *, complete: bool) -> str:
    """Say, where it is so, that an item has a part in a combination twice."""
    items = [item for term in score.terms for item in under[term.score]]
    items += () if complete else score.requires
    if len(items) == len(set(items)):
        return ""
    return (
        f"{score.id} combines scores of the same items, or requires one of their items, and so "
        "not all of their values come up; write it as `points`"
    )


def beside(found: Known, word: str, bound: float) -> list[float]:
    """Return the values that try a bound: the last on its one side and the first on its other.

    `word` is that of the bound: at_least, above, at_most or below. Empty where none are known.
    """
    if isinstance(found, str):
        return []
    error = TOLERANCE if word in ("above", "at_most") else -TOLERANCE  # a value at the bound
    cut = exact(bound) + exact(error)
    sides = (max, [v for v in found if v < cut]), (min, [v for v in found if v > cut])
    return [float(end(side)) for end, side in sides if side]


def _values(
    instrument: Instrument, score: Score, found: Mapping[str, Known], *, complete: bool
) -> Known:
    """Return every value of a score; `found` holds those of the scores that it is made of."""
    match score:
        case Mean() | Sum() | Count():
            return _finished(score, _of_items(instrument, score, complete=complete))
        case Points():
            points = (_exact(one.points.values()) for one in score.items)
            return _finished(score, _sums(score, [{exact(score.constant)}, *points]))
        case Combine():
            terms = (_standardised(term, found[term.score]) for term in score.terms)
            return _finished(score, _sums(score, terms))
        case Index():
            return _exact(instrument.value_sets[score.value_set].indices.tolist())
        case Lookup():
            read = found[score.score]
            if isinstance(read, str):
                return read
            return {exact(to) for value, to in score.table.items() if value in read}
        case Cases():
            return _exact([*(case.value for case in score.cases), score.otherwise])
        case _:
            assert_never(score)


def _of_items(instrument: Instrument, score: OfItems, *, complete: bool) -> Known:
    """Return every value of a score of items, by how many of them were answered."""
    parts = [_exact(worth(instrument, score, item)) for item in score.items]
    least = len(parts) if complete else least_needed(score)
    totals = {(0, Fraction(0))}
    for part in parts:
        answered = {(count + 1, total + one) for count, total in totals for one in part}
        totals = answered if least == len(parts) else answered | totals
        if len(totals) > MOST:
            return _too_many(score)
    times = 1 if isinstance(score, Mean) else len(parts)
    return {total / count * times for count, total in totals if count >= least}


def _standardised(term: Term, values: Known) -> Known:
    if isinstance(values, str):
        return values
    return {exact(term.weight) * (value - exact(term.mean)) / exact(term.sd) for value in values}


def _sums(score: Score, parts: Iterable[Known]) -> Known:
    """Return every sum of one value from each part."""
    sums = {Fraction(0)}
    for part in parts:
        if isinstance(part, str):
            return part
        sums = {one + other for one in sums for other in part}
        if len(sums) > MOST:
            return _too_many(score)
    return sums


def _too_many(score: Score) -> str:
    return f"{score.id} can have more than {MOST} different values"


def _finished(score: OfItems | Points | Combine, values: Known) -> Known:
    """Return the values after the affine step and the clamp."""
    if isinstance(values, str):
        return values
    multiply, add = exact(score.affine.multiply), exact(score.affine.add)
    moved = {add + multiply * value for value in values}
    if score.clamp is None:
        return moved
    low, high = map(exact, score.clamp)
    return {min(max(value, low), high) for value in moved}


def exact(number: float) -> Fraction:
    """Return a number as it is written."""
    return Fraction(repr(number))


def _exact(numbers: Iterable[float]) -> Values:
    return set(map(exact, numbers))
