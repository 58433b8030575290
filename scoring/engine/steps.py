"""The steps of a compiled instrument: each writes one or more scores of some people at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from scoring import methods
from scoring.engine.coding import Coding
from scoring.engine.desk import Desk
from scoring.instrument import (
    Cases,
    Combine,
    Count,
    Index,
    Instrument,
    Lookup,
    Mean,
    NamedRule,
    Points,
    Sum,
)
from scoring.methods import Floats
from scoring.value_set import ValueSet

Total = Mean | Sum | Count | Points
"""A score that adds up what its items' codes are worth to it."""


Step = Callable[[Desk, Floats], None]
"""Writes its scores [scores, people] from the answers on the desk and the scores made before it."""

Place = Mapping[str, int]
"""The row in which each score stands."""


class Finish:
    """The last arithmetic of some scores: multiply x (value + plus) + add, then clamped.

    Where a multiplication may have made -0.0 of nothing, adding makes it 0.0 again.
    """

    def __init__(self, scores: Sequence[Total | Combine]) -> None:
        self._plus = _column(s.constant if isinstance(s, Points) else 0.0 for s in scores)
        self._multiply = _column(score.affine.multiply for score in scores)
        self._add = _column(score.affine.add for score in scores)
        free = (-np.inf, np.inf)
        self._least = _column((score.clamp or free)[0] for score in scores)
        self._most = _column((score.clamp or free)[1] for score in scores)
        self._starts = bool(self._plus.any())
        self._multiplies = bool((self._multiply != 1).any())
        weighted = any(isinstance(score, Combine) for score in scores)
        self._adds = self._multiplies or weighted or bool(self._add.any())
        self._clamps = any(score.clamp for score in scores)

    def __call__(self, values: Floats) -> None:
        """Finish values [scores, people] where they stand."""
        if self._starts:
            values += self._plus
        if self._multiplies:
            values *= self._multiply
        if self._adds:
            values += self._add
        if self._clamps:
            np.clip(values, self._least, self._most, out=values)


class TotalsStep:
    """Every mean, sum, count and points score of an instrument: a total over a divisor.

    A row of worth is what one item's codes are worth to one or more of the scores.
    """

    def __init__(
        self,
        instrument: Instrument,
        coding: Coding,
        scores: Sequence[Total],
        rule: NamedRule | None,
    ) -> None:
        by_id = {score.id: score for score in scores}
        wanted = {(coding.row[item], _worth_to(s)) for s in scores for item in _items(s)}
        rows = sorted(wanted, key=lambda row: (row[1], row[0]))
        self.rows = len(rows)
        sums = [
            [rows.index((coding.row[item], _worth_to(score))) for item in _items(score)]
            for score in scores
        ]
        self._sums = methods.Rows(sums, filler=len(rows))
        self._worth = np.concatenate(
            [_worth(instrument, coding, item, by_id.get(to)) for item, to in rows]
        )
        items = [item for item, _ in rows]
        self._items = None if items == list(range(len(coding.items))) else np.array(items)
        self._shifts = _column((np.arange(len(rows)) - items) * coding.width).astype(np.intp)
        divisors = [_divisors(score, rule) for score in scores]
        self._divisors = np.concatenate(divisors)
        self._starts = _column(np.cumsum([0, *map(len, divisors[:-1])])).astype(np.intp)
        self._times = _column(_times(score) for score in scores)
        self._substitutes = bool((self._times != 1).any())
        self._finish = Finish(scores)

    def __call__(self, desk: Desk, scores: Floats) -> None:
        """Write the totals, which stand in the first rows of the scores."""
        made, places = scores[: len(self._starts)], desk.places
        if self._items is not None:
            places = places.take(self._items, axis=0, out=desk.found, mode="clip")
            places += self._shifts
        self._worth.take(places, out=desk.worth[:-1], mode="clip")
        self._sums.add(desk.worth, made)
        if self._substitutes:
            made *= self._times
        np.add(desk.counts[: len(made)], self._starts, out=desk.numbers)
        made /= self._divisors.take(desk.numbers, out=desk.divisors, mode="clip")
        self._finish(made)


def _items(score: Total) -> tuple[str, ...]:
    return tuple(one.item for one in score.items) if isinstance(score, Points) else score.items


def _worth_to(score: Total) -> str:
    """Return whose own the worth of codes is: a score's, or (empty) the instrument's recodes."""
    return "" if isinstance(score, Mean | Sum) else score.id


def _worth(instrument: Instrument, coding: Coding, row: int, score: Total | None) -> Floats:
    """Return what each code of an item is worth to a score, by its place [width]; else 0.0."""
    worth, item = np.zeros(coding.width), instrument.items[row]
    for code in instrument.scored_codes(item):
        value = instrument.value(item, code)
        match score:
            case Count():
                value = float(value in score.values)
            case Points():
                value = next(one.points[code] for one in score.items if one.item == item.id)
            case _:
                pass
        worth[code + 1] = value + 0.0  # so that -0.0 is 0.0
    return worth


def _divisors(score: Total, rule: NamedRule | None) -> Floats:
    if isinstance(score, Points):
        return methods.divisors(len(score.items), len(score.items), averaged=False)
    chosen = rule if rule in score.missing_options else None
    least = methods.needed(chosen or score.missing, len(score.items))
    averaged = isinstance(score, Mean) or score.substitute is not None
    return methods.divisors(least, len(score.items), averaged=averaged)


def _times(score: Total) -> int:
    """A sum or count with substitutes is the person's mean, as many times as there are items.

    The total is multiplied before it is divided, so that nothing is lost where all are answered.
    """
    substituted = isinstance(score, Sum | Count) and score.substitute is not None
    return len(score.items) if substituted else 1


class CombineStep:
    """Some combinations of the same scores, standardised alike, each with weights of its own."""

    def __init__(self, place: Place, scores: Sequence[Combine], required: int | None) -> None:
        first = scores[0]
        self._from = np.array([place[term.score] for term in first.terms])
        self._means = _column(term.mean for term in first.terms)
        self._sds = _column(term.sd for term in first.terms)
        self._weights = np.array([[term.weight for term in score.terms] for score in scores])
        self._required, self._needed = required, len(first.requires)
        self._out = np.array([place[score.id] for score in scores])
        self._finish = Finish(scores)

    def __call__(self, desk: Desk, scores: Floats) -> None:
        """Write the combinations; NaN where any of their scores or required items is missing."""
        standardised = desk.parts[: len(self._from)]
        scores.take(self._from, axis=0, out=standardised, mode="clip")
        standardised -= self._means
        standardised /= self._sds
        made = methods.combine(standardised, self._weights)
        if self._required is not None:
            made[:, desk.counts[self._required] < self._needed] = np.nan
        self._finish(made)
        scores[self._out] = made


def alike(score: Combine) -> object:
    """Return what combinations must have in common to be made in one step."""
    return score.requires, tuple((term.score, term.mean, term.sd) for term in score.terms)


class IndexStep:
    """One index: the value of a health state in a published value set.

    A state's number is made of its levels as a number is of its digits (see `ValueSet.indices`).
    """

    def __init__(
        self, value_set: ValueSet, coding: Coding, place: Place, score: Index, counted: int
    ) -> None:
        self._table = np.append(value_set.indices, np.nan)
        self._incomplete = len(value_set.indices)
        sizes = [value_set.levels**power for power in reversed(range(len(score.items)))]
        self._digits = [
            (coding.row[item], np.uint16(size))
            for item, size in zip(score.items, sizes, strict=True)
        ]
        self._first = np.uint16(sum(sizes) * 2)  # the number of 11111, were it not to be 0
        self._counted, self._items = counted, len(score.items)
        self._out = place[score.id]

    def __call__(self, desk: Desk, scores: Floats) -> None:
        """Write the index of each health state; NaN for a state that is not complete."""
        number, digit = desk.number, desk.digit
        number.fill(0)
        for row, size in self._digits:
            number += np.multiply(desk.codes[row], size, out=digit)
        number -= self._first
        np.less(desk.counts[self._counted], self._items, out=desk.lacking)
        np.copyto(number, self._incomplete, where=desk.lacking)
        scores[self._out] = self._table.take(number)


class LookupStep:
    """One score read from a table by another score."""

    def __init__(self, place: Place, score: Lookup) -> None:
        self._from, self._out = place[score.score], place[score.id]
        self._table = np.full(max(score.table) + 2, np.nan)
        self._table[list(score.table)] = list(score.table.values())
        self._table += 0.0  # so that -0.0 is 0.0

    def __call__(self, _: Desk, scores: Floats) -> None:
        """Write what the table gives."""
        scores[self._out] = methods.lookup(scores[self._from], self._table)


class CasesStep:
    """One score decided by ordered cases on other scores."""

    def __init__(self, place: Place, score: Cases) -> None:
        self._out, self._otherwise = place[score.id], score.otherwise + 0.0
        self._cases = [
            (methods.conditions(case.when, place), case.value + 0.0)  # so that -0.0 is 0.0
            for case in reversed(score.cases)
        ]
        self._from = np.array([place[name] for name in methods.named(score)])

    def __call__(self, _: Desk, scores: Floats) -> None:
        """Write the value of the first case that holds; NaN where any score it names is missing."""
        value = scores[self._out]
        value.fill(self._otherwise)
        for all_of, decided in self._cases:
            np.copyto(value, decided, where=methods.holds(all_of, scores))
        np.copyto(value, np.nan, where=np.isnan(scores[self._from]).any(axis=0))


def _column(numbers: Iterable[float]) -> Floats:
    column: Floats = np.array(list(numbers), dtype=np.float64)[:, np.newaxis] + 0.0
    return column
