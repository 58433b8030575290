"""The order of the work: which steps make an instrument's scores, each after what it needs."""

from collections.abc import Iterator

from scoring.engine.coding import Coding
from scoring.engine.desk import Size
from scoring.engine.steps import (
    CasesStep,
    CombineStep,
    IndexStep,
    LookupStep,
    Step,
    Total,
    TotalsStep,
    alike,
)
from scoring.instrument import (
    Cases,
    Combine,
    Index,
    Instrument,
    Lookup,
    NamedRule,
    OfItems,
)
from scoring.methods import Rows
from scoring.structure import in_order, items_under


class Plan:
    """The steps of one instrument under each missing rule that it offers, its own first (None).

    `place` is the row of each score, and `counted` that of how many answers stand under it;
    `count` adds those up. The totals come first in both, for one step makes them all.
    """

    def __init__(self, instrument: Instrument, coding: Coding) -> None:
        order = in_order(instrument)
        totals = [score for score in order if isinstance(score, Total)]
        others = [score for score in order if not isinstance(score, Total)]
        self._totals, self._others = totals, others
        self._groups = _groups(others)
        self.place = {score.id: row for row, score in enumerate([*totals, *others])}
        under = items_under(instrument)
        sets = [under[score.id] for score in totals]
        later = [under[score.id] for score in others]
        later += [
            score.requires for score in others if isinstance(score, Combine) and score.requires
        ]
        sets += dict.fromkeys(later)
        self._sets = {items: row for row, items in reversed(list(enumerate(sets)))}
        self.counted = {score.id: self._sets[under[score.id]] for score in order}
        rows = [[coding.row[item] for item in items] for items in sets]
        self.count = Rows(rows, filler=len(coding.items))
        rules: list[NamedRule | None] = [None, *_offered(instrument)]
        self.steps = {rule: list(self._steps(instrument, coding, rule)) for rule in rules}
        worths = sum(step.rows for step in self.steps[None] if isinstance(step, TotalsStep))
        terms = max((len(s.terms) for s in others if isinstance(s, Combine)), default=0)
        self.size = Size(len(coding.items), worths, len(totals), len(sets), terms)

    def _steps(
        self, instrument: Instrument, coding: Coding, rule: NamedRule | None
    ) -> Iterator[Step]:
        if self._totals:
            yield TotalsStep(instrument, coding, self._totals, rule)
        for score in self._others:
            match score:
                case Index():
                    value_set = instrument.value_sets[score.value_set]
                    counted = self.counted[score.id]
                    yield IndexStep(value_set, coding, self.place, score, counted)
                case Lookup():
                    yield LookupStep(self.place, score)
                case Cases():
                    yield CasesStep(self.place, score)
                case Combine() if self._groups[alike(score)][0] is score:
                    yield self._combine(score)
                case _:
                    pass  # a combination that is made with the first of its group

    def _combine(self, first: Combine) -> CombineStep:
        group = self._groups[alike(first)]
        return CombineStep(self.place, group, self._sets.get(first.requires))


def _groups(scores: list[Cases | Combine | Index | Lookup]) -> dict[object, list[Combine]]:
    """Return the combinations that are made in one step, by what they have in common."""
    groups: dict[object, list[Combine]] = {}
    for score in scores:
        if isinstance(score, Combine):
            groups.setdefault(alike(score), []).append(score)
    return groups


def _offered(instrument: Instrument) -> list[NamedRule]:
    """Return the missing rules that a registry may ask for instead of the instrument's own."""
    scores = (score for score in instrument.scores if isinstance(score, OfItems))
    return sorted({rule for score in scores for rule in score.missing_options})
