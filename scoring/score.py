"""From an instrument's definition to its scores: compiled once, then whole columns at a time.

There is one implementation: a single person is a matrix of one row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from math import isnan
from typing import Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from scoring import methods
from scoring.instrument import Combine, Index, Instrument, Mean, Points, Score, Sum
from scoring.methods import Counts, Floats
from scoring.problem import NotAnAnswer

NamedRule = Literal["all", "half", "any"]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of some people: one column [people] for each score id.

    `values` holds NaN where a score cannot be given; `answered` says how many of the `items` under
    a score each person answered.
    """

    values: Mapping[str, Floats]
    answered: Mapping[str, Counts]
    items: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Answers:
    """The people's answers, looked up: [items, people] codes, values, and table positions.

    `answered` [scores, people] counts the answered items under each score.
    """

    codes: Floats
    values: Floats
    positions: NDArray[np.intp]
    answered: Counts


_Step = Callable[[_Answers, Floats], Floats]
"""Gives one score [people] from the answers and the scores [scores, people] made before it."""


class Scorer:
    """Scores answers to one instrument. Make it with `compile_instrument`."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.items = tuple(item.id for item in instrument.items)
        self._row = {item: row for row, item in enumerate(self.items)}
        self._rows = np.arange(len(self.items))[:, np.newaxis]
        self._codes, self._values = _tables(instrument)
        self._order = in_order(instrument)
        self._place = {score.id: place for place, score in enumerate(self._order)}
        self._under = np.zeros((len(self._order), len(self.items)))
        under = items_under(instrument)
        for score, row in zip(self._order, self._under, strict=True):
            row[self._rows_of(under[score.id])] = 1
        self._items = {name: len(items) for name, items in under.items()}
        self._steps: dict[NamedRule | None, list[_Step]] = {
            rule: [self._step(score, rule) for score in self._order]
            for rule in (None, *_offered(instrument))
        }

    def score(self, answers: Floats, missing_rule: NamedRule | None = None) -> Scores:
        """Return the scores of `answers` [people, items], codes as in the definition, NaN = none.

        Columns stand in the order of `self.items`. An item's missing codes count as no answer.
        `missing_rule` replaces the instrument's own rule in the scores that offer it.

        Raises NotAnAnswer for a code that is not on offer, ValueError for a matrix of another
        shape or a missing rule that no score of this instrument offers.
        """
        steps = self._steps_under(missing_rule)
        looked_up = self._look_up(answers)
        values = np.empty(looked_up.answered.shape)
        for place, step in enumerate(steps):
            values[place] = step(looked_up, values)
        places = {score.id: self._place[score.id] for score in self.instrument.scores}
        return Scores(
            values={name: values[place] for name, place in places.items()},
            answered={name: looked_up.answered[place] for name, place in places.items()},
            items=self._items,
        )

    def score_one(
        self, answers: Mapping[str, int], missing_rule: NamedRule | None = None
    ) -> dict[str, dict[str, float | int | None]]:
        """Return one person's scores: {score: {"value": null or number, "answered", "items"}}.

        `answers` maps item ids to codes; an item left out is unanswered. Raises NotAnAnswer for an
        unknown item or a code that is not on offer.
        """
        row = np.full((1, len(self.items)), np.nan)
        for item, code in answers.items():
            if item not in self._row:
                raise NotAnAnswer(item, "is not an item of this instrument")
            row[0, self._row[item]] = code
        scores = self.score(row, missing_rule)
        return {
            name: {
                "value": None if isnan(column[0]) else float(column[0]),
                "answered": int(scores.answered[name][0]),
                "items": scores.items[name],
            }
            for name, column in scores.values.items()
        }

    def _look_up(self, answers: Floats) -> _Answers:
        if answers.ndim != 2 or answers.shape[1] != len(self.items):
            raise ValueError(f"answers must have shape [people, {len(self.items)}]")
        columns = np.ascontiguousarray(answers.T, dtype=np.float64)
        wide = self._codes.shape[1]
        known = (columns >= 0) & (columns < wide - 1) & (columns == np.floor(columns))
        positions = np.where(known, columns, wide - 1).astype(np.intp)
        codes = self._codes[self._rows, positions]
        wrong = np.isinf(codes) | ~(known | np.isnan(columns))
        if wrong.any():
            row, person = np.argwhere(wrong)[0]
            raise NotAnAnswer(
                self.items[row], f"{columns[row, person]:.10g} is not one of its codes"
            )
        answered = (self._under @ ~np.isnan(codes)).astype(np.int64)
        return _Answers(codes, self._values[self._rows, positions], positions, answered)

    def _steps_under(self, rule: NamedRule | None) -> list[_Step]:
        if rule not in self._steps:
            offered = ", ".join(str(one) for one in self._steps if one) or "none but its own"
            raise ValueError(f"{self.instrument.id} does not offer missing rule {rule}: {offered}")
        return self._steps[rule]

    def _step(self, score: Score, rule: NamedRule | None) -> _Step:
        match score:
            case Mean():
                return self._mean(score, rule)
            case Sum():
                rows = self._rows_of(score.items)
                return lambda answers, _: methods.add(answers.values[rows])
            case Points():
                return self._points(score)
            case Combine():
                return self._combine(score)
            case Index():
                return self._index(score)
            case _:
                assert_never(score)

    def _rows_of(self, items: tuple[str, ...]) -> NDArray[np.intp]:
        return np.array([self._row[item] for item in items], dtype=np.intp)

    def _mean(self, score: Mean, rule: NamedRule | None) -> _Step:
        rows, place = self._rows_of(score.items), self._place[score.id]
        chosen = rule if rule in score.missing_options else None
        least = methods.needed(chosen or score.missing, len(score.items))
        return lambda answers, _: methods.mean(answers.values[rows], answers.answered[place], least)

    def _points(self, score: Points) -> _Step:
        rows = self._rows_of(tuple(one.item for one in score.items))
        table = np.full((len(rows), self._codes.shape[1]), np.nan)
        for row, one in zip(table, score.items, strict=True):
            row[list(one.points)] = list(one.points.values())
        order = np.arange(len(rows))[:, np.newaxis]
        return lambda answers, _: (
            score.constant + methods.add(table[order, answers.positions[rows]])
        )

    def _combine(self, score: Combine) -> _Step:
        places = np.array([self._place[term.score] for term in score.terms])
        weights = np.array([[(t.weight, t.mean, t.sd) for t in score.terms]]).T
        affine = (score.affine.multiply, score.affine.add)
        rows = self._rows_of(score.requires)

        def step(answers: _Answers, scores: Floats) -> Floats:
            value = methods.combine(scores[places], weights, affine)
            if score.requires:
                value[np.isnan(answers.codes[rows]).any(axis=0)] = np.nan
            return value

        return step

    def _index(self, score: Index) -> _Step:
        rows = self._rows_of(score.items)
        found = self.instrument.value_sets[score.value_set]
        return lambda answers, _: methods.index(answers.codes[rows], found.indices, found.levels)


def compile_instrument(instrument: Instrument) -> Scorer:
    """Return the scorer of an instrument whose value sets are resolved and whose rules hold."""
    return Scorer(instrument)


def items_under(instrument: Instrument) -> dict[str, tuple[str, ...]]:
    """Return the ids of all items that each score rests on, through other scores too, once each."""
    under: dict[str, tuple[str, ...]] = {}
    for score in in_order(instrument):
        terms = score.terms if isinstance(score, Combine) else ()
        parts = (*(under[term.score] for term in terms), own_items(score))
        under[score.id] = tuple(dict.fromkeys(item for items in parts for item in items))
    return under


def own_items(score: Score) -> tuple[str, ...]:
    """Return the ids of the items that a score itself names."""
    match score:
        case Mean() | Sum() | Index():
            return score.items
        case Points():
            return tuple(one.item for one in score.items)
        case Combine():
            return score.requires
        case _:
            assert_never(score)


def _offered(instrument: Instrument) -> list[NamedRule]:
    """Return the missing rules that a registry may ask for instead of the instrument's own."""
    means = (score for score in instrument.scores if isinstance(score, Mean))
    return sorted({rule for mean in means for rule in mean.missing_options})


def in_order(instrument: Instrument) -> tuple[Score, ...]:
    """Return the scores so that each stands after those it is combined from."""
    by_id = {score.id: score for score in instrument.scores}
    terms = {
        score.id: [term.score for term in score.terms] if isinstance(score, Combine) else []
        for score in instrument.scores
    }
    return tuple(by_id[name] for name in TopologicalSorter(terms).static_order())


def _tables(instrument: Instrument) -> tuple[Floats, Floats]:
    """Return two tables [items, codes + 1]: each code itself, and what it is worth.

    The last column stands for "no answer" (NaN). A code that is not on offer is infinite in the
    first table; one that means "missing" is NaN in both.
    """
    largest = max(max((*instrument.codes(i), *i.missing_codes)) for i in instrument.items)
    codes = np.full((len(instrument.items), largest + 2), np.inf)
    values = np.full_like(codes, np.nan)
    codes[:, -1] = np.nan
    for row, item in enumerate(instrument.items):
        codes[row, list(item.missing_codes)] = np.nan
        for code in instrument.codes(item):
            codes[row, code] = code
            values[row, code] = instrument.value(item, code)
    return codes, values
