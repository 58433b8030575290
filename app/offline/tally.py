"""Counts what became of a file's rows, and says how many scores are null, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from scoring import Instrument, Scores
from scoring.instrument import (
    Cases,
    Combine,
    Count,
    Index,
    Lookup,
    Mean,
    NamedRule,
    Points,
    Score,
    Sum,
)
from scoring.methods import needed


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
        case Mean() | Sum() | Count():
            chosen = rule if rule in score.missing_options else None
            least, number = needed(chosen or score.missing, len(score.items)), len(score.items)
            if least == number:
                return _not_all(number)
            return f"fewer than {least} of {number} answered" if least > 1 else "no item answered"
        case Points() | Index():
            return _not_all(len(score.items))
        case Combine() if score.requires:
            besides = f"or of {len(score.requires)} items not all answered"
            return f"a score that it is made of is null, {besides}"
        case Combine() | Lookup() | Cases():
            return "a score that it is made of is null"
        case _:
            assert_never(score)


def _not_all(items: int) -> str:
    return f"not all {items} answered" if items > 1 else "not answered"
