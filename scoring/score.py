"""From an instrument's definition to its scores: compiled once, then whole columns at a time.

There is one implementation: a single person is a matrix of one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from scoring.engine.coding import Coding
from scoring.engine.desk import Desk
from scoring.engine.plan import Plan
from scoring.engine.steps import Step
from scoring.instrument import Instrument, NamedRule, Score
from scoring.methods import TOLERANCE, Counts, Floats
from scoring.structure import items_under

CELLS = 2**18
"""So many answers are scored at a time: what is made of them fits into a processor's own memory."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of some people: one column [people] for each score id.

    `values` holds NaN where a score cannot be given; `answered` says how many of the `items` under
    a score each person answered.
    """

    values: Mapping[str, Floats]
    answered: Mapping[str, Counts]
    items: Mapping[str, int]


class OneScore(TypedDict):
    """One person's score, and how many of the items under it were answered."""

    value: float | None
    answered: int
    items: int
    band: NotRequired[str | None]


class Scorer:
    """Scores answers to one instrument. Make it with `compile_instrument`."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._coding = Coding(instrument)
        self._plan = Plan(instrument, self._coding)
        self.items = self._coding.items
        self._place = {score.id: self._plan.place[score.id] for score in instrument.scores}
        self._counted = self._plan.counted
        self._banded = [score for score in instrument.scores if score.bands]
        under = items_under(instrument)
        self._items = {score.id: len(under[score.id]) for score in instrument.scores}
        self._rows = [
            (name, row, self._counted[name], self._items[name]) for name, row in self._place.items()
        ]

    def score(self, answers: Floats, missing_rule: NamedRule | None = None) -> Scores:
        """Return the scores of `answers` [people, items], codes as in the definition, NaN = none.

        Columns stand in the order of `self.items`; in memory a column is best in one piece. An
        item's missing codes count as no answer. `missing_rule` replaces the instrument's own rule
        in the scores that offer it. Whole numbers score as the same numbers in float64.

        Raises NotAnAnswer for a code that is not on offer, ValueError for a matrix of another
        shape or of no plain numbers, or a missing rule that no score of this instrument offers.
        """
        steps, columns = self._steps_under(missing_rule), self._columns(answers)
        values = np.empty((len(self._place), columns.shape[1]))
        counts = np.empty((self._plan.size.counts, columns.shape[1]), dtype=np.int16)
        part = max(1, min(columns.shape[1], CELLS // len(self.items)))
        desk = Desk(self._plan.size, part)
        for start in range(0, columns.shape[1], part):
            place = slice(start, start + part)
            some = columns[:, place]
            if some.shape[1] < part:
                desk = Desk(self._plan.size, some.shape[1])
            self._coding.read(some, desk)
            self._score(desk, steps, values[:, place])
            counts[:, place] = desk.counts
        return Scores(
            values={name: values[row] for name, row in self._place.items()},
            answered={name: counts[self._counted[name]] for name in self._place},
            items=self._items,
        )

    def wrong(self, answers: Floats) -> NDArray[np.bool_]:
        """Say of each of `answers` [people, items] whether it is none: no code, and not NaN.

        Raises ValueError for a matrix of another shape or of no plain numbers.
        """
        return self._coding.wrong(self._columns(answers)).T

    def score_one(
        self, answers: Mapping[str, int], missing_rule: NamedRule | None = None
    ) -> dict[str, OneScore]:
        """Return one person's scores: {score: {"value": null or number, "answered", "items"}}.

        A score that has bands says besides in which the value is: "band", null where there is no
        value. `answers` maps item ids to codes; an item left out is unanswered. Raises NotAnAnswer
        for an unknown item or a code that is not on offer.
        """
        steps, desk = self._steps_under(missing_rule), Desk(self._plan.size, 1)
        self._coding.read_one(answers, desk)
        column = np.empty((len(self._place), 1))
        self._score(desk, steps, column)
        values, counts = column[:, 0].tolist(), desk.counts[:, 0].tolist()
        found: dict[str, OneScore] = {
            name: {
                "value": None if isnan(values[row]) else values[row],
                "answered": counts[counted],
                "items": items,
            }
            for name, row, counted, items in self._rows
        }
        for score in self._banded:
            found[score.id]["band"] = band(score, found[score.id]["value"])
        return found

    def _columns(self, answers: Floats) -> Floats:
        if answers.ndim != 2 or answers.shape[1] != len(self.items):
            raise ValueError(f"answers must have shape [people, {len(self.items)}]")
        if answers.dtype.kind not in "iuf" or isinstance(answers, np.ma.MaskedArray):
            raise ValueError("answers must be plain numbers, with NaN for no answer")
        return answers.T

    def _score(self, desk: Desk, steps: list[Step], out: Floats) -> None:
        """Count the answers, and write every score into `out` [scores, people]."""
        self._plan.count.add(desk.given, desk.counts)
        for step in steps:
            step(desk, out)

    def _steps_under(self, rule: NamedRule | None) -> list[Step]:
        if rule not in self._plan.steps:
            names = ", ".join(str(one) for one in self._plan.steps if one) or "none but its own"
            raise ValueError(f"{self.instrument.id} does not offer missing rule {rule}: {names}")
        return self._plan.steps[rule]


def compile_instrument(instrument: Instrument) -> Scorer:
    """Return the scorer of an instrument whose value sets are resolved and whose rules hold."""
    return Scorer(instrument)


def band(score: Score, value: float | None) -> str | None:
    """Return the label of the band that a value of a score is in; None for no value."""
    if value is None:
        return None
    return next(one.label for one in reversed(score.bands) if value >= one.at_least - TOLERANCE)
