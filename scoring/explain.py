"""One person's scores with all their arithmetic, so that anyone can follow it with pen and paper.

It figures each score a second time, in plain steps, and shows them; a law in the tests holds what
it figures against what the engine gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from scoring.instrument import (
    Bounds,
    Case,
    Cases,
    Combine,
    Count,
    Index,
    Instrument,
    Lookup,
    MaxMissing,
    Mean,
    MinAnswered,
    MissingRule,
    NamedRule,
    OfItems,
    Points,
    Score,
    Sum,
)
from scoring.item import Choice
from scoring.methods import TOLERANCE, named, needed
from scoring.score import OneScore, Scorer
from scoring.structure import in_order

Answers = Mapping[str, int]


class Told(NamedTuple):
    """The steps that lead to a score, a line each, and what they come to; None for no score."""

    steps: tuple[str, ...]
    value: float | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One score of one person: what the engine gives, and the arithmetic told step by step."""

    score: Score
    given: OneScore
    told: Told


def explain(
    scorer: Scorer, answers: Answers, missing_rule: NamedRule | None = None
) -> list[Explained]:
    """Return every score of one person with its arithmetic, in the order of the definition.

    `answers` maps item ids to codes, as in `Scorer.score_one`. Raises NotAnAnswer for an unknown
    item or a code that is not on offer, ValueError for a missing rule that is not offered.
    """
    given = scorer.score_one(answers, missing_rule)
    person = _Person(scorer.instrument, answers, missing_rule)
    told = {score.id: person.tell(score) for score in in_order(scorer.instrument)}
    return [Explained(score, given[score.id], told[score.id]) for score in scorer.instrument.scores]


def answer_in_words(instrument: Instrument, answers: Answers, item_id: str) -> str:
    """Return what a person answered to an item, and what that means where it is no score."""
    item, code = instrument.item(item_id), answers.get(item_id)
    if code is None:
        return "not answered"
    if code in item.missing_codes:
        return f"{code}, which means no answer"
    if isinstance(item, Choice) and code in item.not_applicable:
        return f"{code}, which means not applicable"
    return str(code)


class _Person:
    """Tells one person's scores, each from the answers and from those told before it."""

    def __init__(self, instrument: Instrument, answers: Answers, rule: NamedRule | None) -> None:
        self.instrument, self.answers, self.rule = instrument, answers, rule
        self.values: dict[str, float | None] = {}

    def tell(self, score: Score) -> Told:
        told = self._tell(score)
        self.values[score.id] = told.value
        return told

    def _tell(self, score: Score) -> Told:
        match score:
            case Mean() | Sum() | Count():
                return self._of_items(score)
            case Points():
                return self._points(score)
            case Combine():
                return self._combine(score)
            case Index():
                return self._index(score)
            case Lookup():
                return self._lookup(score)
            case Cases():
                return self._cases(score)
            case _:
                assert_never(score)

    def _code(self, item_id: str) -> int | None:
        """Return the answer to an item if it is one that counts."""
        code = self.answers.get(item_id)
        return code if code in self.instrument.scored_codes(self.instrument.item(item_id)) else None

    def _words(self, item_id: str) -> str:
        return f"{item_id}: {answer_in_words(self.instrument, self.answers, item_id)}"

    def _of_items(self, score: OfItems) -> Told:
        codes = {item: code for item in score.items if (code := self._code(item)) is not None}
        worth = {item: self._worth(item, code) for item, code in codes.items()}
        steps = [self._words(item) + self._recoded(score, item, worth) for item in score.items]
        rule = self.rule if self.rule in score.missing_options else None
        least, items = needed(rule or score.missing, len(score.items)), len(score.items)
        steps.append(
            f"missing rule {_rule(rule or score.missing)}: at least {least} of {items} must be "
            f"answered, and {len(worth)} {'is' if len(worth) == 1 else 'are'}"
        )
        if len(worth) < least:
            return Told((*steps, "too few: no score"), None)
        parts = list(worth.values())
        if isinstance(score, Count):
            parts = [float(value in score.values) for value in parts]
        total, line = sum(parts), f"{_sum(parts)} = {_n(sum(parts))}"
        if isinstance(score, Mean):
            total /= len(parts)
            line = f"mean: ({_sum(parts)}) / {len(parts)} = {_n(total)}"
        elif score.substitute and len(parts) < items:
            total = total / len(parts) * items
            line += f"; the person's mean for each of {items} items: {_n(total)}"
        return _finished(score, (*steps, line), total)

    def _worth(self, item_id: str, code: int) -> float:
        return self.instrument.value(self.instrument.item(item_id), code)

    def _recoded(self, score: OfItems, item_id: str, worth: Mapping[str, float]) -> str:
        """Return what an answer is worth, where that is not the answer itself."""
        item = self.instrument.item(item_id)
        if item_id not in worth:
            return ""
        recode = item.recode if isinstance(item, Choice) else None
        told = f" is worth {_n(worth[item_id])}" if recode else ""
        if isinstance(score, Count):
            among = " or ".join(map(_n, score.values))
            told += f": is {'' if worth[item_id] in score.values else 'not '}{among}"
        return told

    def _points(self, score: Points) -> Told:
        steps, found = [], [score.constant]
        for one in score.items:
            code = self._code(one.item)
            if code is None:
                steps.append(self._words(one.item))
            else:
                found.append(one.points[code])
                steps.append(f"{self._words(one.item)} gives {_n(one.points[code])}")
        if len(found) <= len(score.items):
            return Told((*steps, "an item is not answered: no score"), None)
        steps.append(f"constant {_n(score.constant)} and points: {_sum(found)} = {_n(sum(found))}")
        return _finished(score, steps, sum(found))

    def _combine(self, score: Combine) -> Told:
        steps, parts = [], []
        for term in score.terms:
            value = self.values[term.score]
            if value is None:
                steps.append(f"{term.score}: no score")
                continue
            plain = (term.mean, term.sd) == (0, 1)
            inner = _n(value) if plain else f"({_n(value)} - {_n(term.mean)}) / {_n(term.sd)}"
            parts.append(term.weight * ((value - term.mean) / term.sd))
            steps.append(f"{term.score}: {_n(term.weight)} x {inner} = {_n(parts[-1])}")
        lacking = [item for item in score.requires if self._code(item) is None]
        if lacking:
            steps.append(f"must be answered too: {', '.join(lacking)}")
        if lacking or len(parts) < len(score.terms):
            return Told((*steps, "not everything is there: no score"), None)
        steps.append(f"sum: {_sum(parts)} = {_n(sum(parts))}")
        return _finished(score, steps, sum(parts))

    def _index(self, score: Index) -> Told:
        steps = [self._words(item) for item in score.items]
        levels = [level for item in score.items if (level := self._code(item)) is not None]
        if len(levels) < len(score.items):
            return Told((*steps, "the health state is not complete: no index"), None)
        value_set = self.instrument.value_sets[score.value_set]
        lines, index = value_set.tell(tuple(levels))
        return Told((*steps, f"health state {''.join(map(str, levels))}", *lines), index)

    def _lookup(self, score: Lookup) -> Told:
        value = self.values[score.score]
        if value is None:
            return Told((f"{score.score}: no score, so nothing to look up",), None)
        found = score.table[round(value)]
        return Told((f"{score.score} is {_n(value)}: the table gives {_n(found)}",), found)

    def _cases(self, score: Cases) -> Told:
        names = named(score)
        steps = [f"{name} is {_n(self.values[name])}" for name in names]
        if any(self.values[name] is None for name in names):
            return Told((*steps, "not all of them are given: no score"), None)
        for number, case in enumerate(score.cases, start=1):
            line = f"case {number} ({_when(case)})"
            if all(self._within(name, bounds) for name, bounds in case.when.items()):
                return Told((*steps, f"{line} holds: {_n(case.value)}"), case.value)
            steps.append(f"{line} does not hold")
        return Told((*steps, f"otherwise {_n(score.otherwise)}"), score.otherwise)

    def _within(self, name: str, bounds: Bounds) -> bool:
        """Say whether a score is within its bounds; so near a bound, it is at the bound."""
        value = self.values[name]
        return value is not None and all(
            (
                bounds.at_least is None or value >= bounds.at_least - TOLERANCE,
                bounds.above is None or value > bounds.above + TOLERANCE,
                bounds.at_most is None or value <= bounds.at_most + TOLERANCE,
                bounds.below is None or value < bounds.below - TOLERANCE,
            )
        )


def _finished(score: OfItems | Points | Combine, steps: Iterable[str], value: float) -> Told:
    """Tell the affine step and the clamp, where there are any."""
    steps = list(steps)
    multiply, add = score.affine.multiply, score.affine.add
    if (multiply, add) != (1, 0):
        moved = multiply * value + add
        steps.append(f"{_n(multiply)} x {_n(value)} + {_n(add)} = {_n(moved)}")
        value = moved
    if score.clamp is not None:
        kept = min(max(value, score.clamp[0]), score.clamp[1])
        steps.append(f"kept within {_n(score.clamp[0])} and {_n(score.clamp[1])}: {_n(kept)}")
        value = kept
    return Told(tuple(steps), value)


def _rule(rule: MissingRule) -> str:
    match rule:
        case MinAnswered():
            return f"min_answered {rule.min_answered}"
        case MaxMissing():
            return f"max_missing {rule.max_missing}"
        case _:
            return rule


def _when(case: Case) -> str:
    bounds = {name: bounds.model_dump(exclude_none=True) for name, bounds in case.when.items()}
    return ", ".join(
        f"{name} {word.replace('_', ' ')} {_n(bound)}"
        for name, some in bounds.items()
        for word, bound in some.items()
    )


def _sum(parts: Iterable[float]) -> str:
    return " + ".join(_n(part) if part >= 0 else f"({_n(part)})" for part in parts)


def _n(number: float | None) -> str:
    return "not given" if number is None else f"{number:.10g}"
