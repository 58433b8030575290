"""An instrument's proof of itself: its examples are reproduced, and try all that they vouch for."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from scoring.checks.possible import beside, read_values
from scoring.checks.reach import worth
from scoring.instrument import (
    Case,
    Cases,
    Combine,
    Example,
    Instrument,
    Lookup,
    Mean,
    OfItems,
    Score,
)
from scoring.item import Choice
from scoring.methods import TOLERANCE, conditions, holds, needed
from scoring.problem import Problem
from scoring.score import Scorer
from scoring.structure import items_under

Problems = Iterator[Problem]
OTHERWISE = "left to the otherwise; if none can be, let the last case be the otherwise"

Made = Mapping[str, float | None]
"""What the scoring gives for an example."""

Tried = list[tuple[set[str], bool]]
"""Which items each example answers, and whether it expects a value of a score."""


def unproven(scorer: Scorer) -> Problems:
    """Yield every example that the instrument does not reproduce."""
    for example in scorer.instrument.examples:
        try:
            yield from _example(example, _made(scorer, example))
        except ValueError as error:
            yield Problem(f"examples.{example.name}", str(error))


def _example(example: Example, given: Made) -> Problems:
    for name, expected in example.expected.items():
        value = given[name]
        if expected is None or value is None:
            same = expected is value
        else:
            same = abs(expected - value) <= TOLERANCE
        if not same:
            path = f"examples.{example.name}.expected.{name}"
            yield Problem(path, f"is {_say(expected)}, but the scoring gives {_say(value)}")


def untried(scorer: Scorer) -> Problems:
    """Yield what the examples do not try: a score, a code, a term, a case, a side of a rule."""
    instrument = scorer.instrument
    under = items_under(instrument)
    made = [_made(scorer, example) for example in instrument.examples]
    for score in instrument.scores:
        for message in _untried(instrument, score, under[score.id], made):
            yield Problem(f"examples, for {score.id}", message)
    for item in instrument.items:
        given = {example.answers.get(item.id) for example in instrument.examples}
        for code in item.not_applicable if isinstance(item, Choice) else ():
            if code not in given:
                message = f"none answers {item.id} with {code}, which means not applicable"
                yield Problem("examples", message)


def _untried(
    instrument: Instrument, score: Score, items: tuple[str, ...], made: list[Made]
) -> Iterator[str]:
    """Say what is untried of one score of `items`; `made` is what each example comes to."""
    every = [example for example in instrument.examples if score.id in example.expected]
    own = [example for example in every if example.missing_rule is None]
    given = [example for example in own if example.expected[score.id] is not None]
    if not given:
        yield "none expects a value; add one that does"
        return
    match score:
        case Combine():
            yield from _terms_tried(score, given)
        case Lookup():
            yield from _entries_tried(score, _expected(instrument, score, made))
        case Cases():
            yield from _cases_tried(instrument, score, _expected(instrument, score, made))
        case _:
            for name in items:
                yield from _codes_tried(instrument, name, {one.answers.get(name) for one in given})
    yield from _missing_tried(score, items, _answered(instrument, score, own))
    if isinstance(score, OfItems):
        yield from _items_apart(instrument, score, given)
        yield from _options_tried(score, every)


def _expected(instrument: Instrument, score: Score, made: list[Made]) -> list[Made]:
    """Return what those examples come to that expect a value of a score, by any missing rule."""
    both = zip(instrument.examples, made, strict=True)
    return [values for one, values in both if one.expected.get(score.id) is not None]


def _entries_tried(score: Lookup, made: list[Made]) -> Iterator[str]:
    """See that no figure of a table may be wrong unseen."""
    tried = [values[score.score] for values in made]
    if lacking := [value for value in score.table if not _among(tried, value)]:
        yield f"none looks up {_list(lacking)} in its table"


def _cases_tried(instrument: Instrument, score: Cases, made: list[Made]) -> Iterator[str]:
    """See that every case decides an example, and that every bound is tried from both sides."""
    deciding = [
        next((n for n, case in enumerate(score.cases, 1) if _holds(case, values)), None)
        for values in made
    ]
    for number in (*range(1, len(score.cases) + 1), None):
        if number not in deciding:
            end = f"decided by case {number}; if none can be, remove it"
            yield f"none is {end if number else OTHERWISE}"
    known = read_values(instrument, Cases)
    for number, case in enumerate(score.cases, 1):
        for name, bounds in case.when.items():
            tried = [values[name] for values in made]
            for word, bound in bounds.model_dump(exclude_none=True).items():
                wanted = beside(known[name], word, bound)
                if lacking := [value for value in wanted if not _among(tried, value)]:
                    edge = f"{word} {bound:.10g} in case {number}"
                    yield f"none has {_list(lacking)} in {name}, to try {edge}"


def _among(values: Iterable[float | None], wanted: float) -> bool:
    return any(value is not None and abs(value - wanted) <= TOLERANCE for value in values)


def _made(scorer: Scorer, example: Example) -> Made:
    """Return what the scoring gives for an example."""
    scores = scorer.score_one(example.answers, example.missing_rule)
    return {name: one["value"] for name, one in scores.items()}


def _holds(case: Case, values: Made) -> bool:
    place = {name: row for row, name in enumerate(case.when)}
    column = np.array([[values[name]] for name in case.when], dtype=float)
    return bool(holds(conditions(case.when, place), column)[0])


def _terms_tried(score: Combine, given: list[Example]) -> Iterator[str]:
    """See that no term's weight may be wrong unseen, as where its score is at its mean."""
    for term in score.terms:
        if {one.expected.get(term.score) for one in given} <= {None, term.mean}:
            yield f"none expects both a value and one of {term.score} other than {term.mean:g}"


def _codes_tried(instrument: Instrument, name: str, tried: set[int | None]) -> Iterator[str]:
    item = instrument.item(name)
    codes = instrument.scored_codes(item)
    lacking = [code for code in codes if code not in tried]
    if isinstance(item, Choice) and lacking:
        yield f"none answers {name} with {_list(lacking)} and expects a value"
    elif len(lacking) == len(codes):
        yield f"none answers {name} and expects a value"


def _items_apart(instrument: Instrument, score: OfItems, given: list[Example]) -> Iterator[str]:
    """See that no item may be left out unseen, as where all answers are worth the same."""
    averaged = isinstance(score, Mean) or score.substitute is not None
    if not averaged or len(score.items) == 1:
        return
    added = {name: _added(instrument, score, name) for name in score.items}
    means = [(one, _average(added, one)) for one in given]
    for name in score.items:
        apart = [
            abs(added[name][code] - mean)
            for one, mean in means
            if (code := one.answers.get(name, -1)) in added[name]
        ]
        if apart and max(apart) <= TOLERANCE:
            yield f"none answers {name} with more or less than the mean; it could be left out"


def _added(instrument: Instrument, score: OfItems, name: str) -> dict[int, float]:
    """Return what each code of an item adds to a score."""
    codes = instrument.scored_codes(instrument.item(name))
    return dict(zip(codes, worth(instrument, score, name), strict=True))


def _average(added: Mapping[str, Mapping[int, float]], example: Example) -> float:
    """Return the mean of what an example's answers to the items of a score are worth."""
    found = [
        worths[code]
        for name, worths in added.items()
        if (code := example.answers.get(name, -1)) in worths
    ]
    return sum(found) / len(found)


def _missing_tried(score: Score, items: tuple[str, ...], tried: Tried) -> Iterator[str]:
    """See that one answer too few gives null, and that just enough gives a value."""
    counts = {(len(answered.intersection(items)), given) for answered, given in tried}
    if isinstance(score, OfItems):
        least = needed(score.missing, len(items))
        if (least, True) not in counts:
            yield f"none has just {least} of its items answered and expects a value"
        if (least - 1, False) not in counts:
            yield f"none has {least - 1} of its items answered and expects null"
    elif all(given for _, given in tried):
        yield "none has an item unanswered and expects null"
    for name in score.requires if isinstance(score, Combine) else ():
        if all(given or set(items) - answered != {name} for answered, given in tried):
            yield f"none has only {name} unanswered and expects null"


def _options_tried(score: OfItems, every: list[Example]) -> Iterator[str]:
    for rule in score.missing_options:
        if rule not in {example.missing_rule for example in every}:
            yield f"none tries the missing rule {rule}, which it offers"


def _answered(instrument: Instrument, score: Score, examples: list[Example]) -> Tried:
    scored = {item.id: instrument.scored_codes(item) for item in instrument.items}
    return [
        (
            {name for name, code in example.answers.items() if code in scored[name]},
            example.expected[score.id] is not None,
        )
        for example in examples
    ]


def _list(numbers: Iterable[float]) -> str:
    return ", ".join(f"{number:.10g}" for number in numbers)


def _say(value: float | None) -> str:
    return "null (no score)" if value is None else f"{value!r}"
