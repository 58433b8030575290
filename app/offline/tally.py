"""Counts what became of a file's rows, and says how many scores are null, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from scoring import Instrument, Scores
from scoring.instrument import Combine, Index, Mean, Points, Score, Sum
from scoring.methods import needed
from scoring.score import NamedRule


@dataclass(slots=True)
class Tally:
    """What became of the rows: scored, kept without scores, or left out.

    `null` counts, for each score, the scored rows for which it could not be given.
    """

    scored: int = 0
    unscored: int = 0
    left_out: int = 0
    null: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return self.scored + self.unscored + self.left_out

    def count(self, scores: Scores, unscored: int, left_out: int) -> None:
        """Count a batch's rows; `unscored` of them could not be read, and so have no score."""
        people = 0
        for name, column in scores.values.items():
            people = len(column)
            without = int(np.isnan(column).sum()) - unscored
            self.null[name] = self.null.get(name, 0) + without
        self.scored += people - unscored
        self.unscored += unscored
        self.left_out += left_out

    def told(self, instrument: Instrument, rule: NamedRule | None) -> Iterator[str]:
        """Yield the summary's lines."""
        yield f"{self.rows:,} rows: {self.scored:,} scored"
        if self.unscored:
            yield f"  {self.unscored:,} kept without scores: an answer could not be read"
        if self.left_out:
            yield f"  {self.left_out:,} left out: the row could not be read at all"
        wide = max(len(score.id) for score in instrument.scores)
        for score in instrument.scores:
            if without := self.null[score.id]:
                yield f"  {score.id:<{wide}}  {without:>9,} null: {why_null(score, rule)}"


def why_null(score: Score, rule: NamedRule | None) -> str:
    """Return when a score is null for answers that could be read."""
    match score:
        case Mean():
            chosen = rule if rule in score.missing_options else None
            number = len(score.items)
            least = needed(chosen or score.missing, number)
            return f"fewer than {least} of {number} answered" if least > 1 else "no item answered"
        case Sum() | Points() | Index():
            return f"not all {len(score.items)} answered"
        case Combine():
            besides = f", or of {len(score.requires)} items not all answered" * bool(score.requires)
            return f"a score that it is made of is null{besides}"
        case _:
            assert_never(score)
