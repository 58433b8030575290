"""An instrument's proof of itself: its examples are reproduced, and try all that they vouch for."""

from collections.abc import Iterator

from scoring.instrument import Choice, Combine, Example, Instrument, Mean, Score
from scoring.methods import needed
from scoring.problem import Problem
from scoring.score import Scorer, items_under

Problems = Iterator[Problem]
Tried = list[tuple[set[str], bool]]
"""Which items each example answers, and whether it expects a value of a score."""

TOLERANCE = 1e-9
"""How far a score may be from an example's expected value."""


def unproven(scorer: Scorer) -> Problems:
    """Yield every example that the instrument does not reproduce."""
    for example in scorer.instrument.examples:
        try:
            given = scorer.score_one(example.answers, example.missing_rule)
        except ValueError as error:
            yield Problem(f"examples.{example.name}", str(error))
        else:
            yield from _example(example, {name: one["value"] for name, one in given.items()})


def _example(example: Example, given: dict[str, float | None]) -> Problems:
    for name, expected in example.expected.items():
        value = given[name]
        if expected is None or value is None:
            same = expected is value
        else:
            same = abs(expected - value) <= TOLERANCE
        if not same:
            path = f"examples.{example.name}.expected.{name}"
            yield Problem(path, f"is {_say(expected)}, but the scoring gives {_say(value)}")


def untried(instrument: Instrument) -> Problems:
    """Yield what the examples do not try: a score, a code, a term, a side of a missing rule."""
    under = items_under(instrument)
    for score in instrument.scores:
        for message in _untried(instrument, score, under[score.id]):
            yield Problem(f"examples, for {score.id}", message)


def _untried(instrument: Instrument, score: Score, items: tuple[str, ...]) -> Iterator[str]:
    every = [example for example in instrument.examples if score.id in example.expected]
    own = [example for example in every if example.missing_rule is None]
    given = [example for example in own if example.expected[score.id] is not None]
    if not given:
        yield "none expects a value; add one that does"
        return
    if isinstance(score, Combine):
        yield from _terms_tried(score, given)
    else:
        for name in items:
            yield from _codes_tried(instrument, name, {one.answers.get(name) for one in given})
    yield from _missing_tried(score, items, _answered(instrument, score, own))
    if isinstance(score, Mean):
        yield from _items_apart(instrument, score, given)
        yield from _options_tried(score, every)


def _terms_tried(score: Combine, given: list[Example]) -> Iterator[str]:
    """See that no term's weight may be wrong unseen, as where its score is at its mean."""
    for term in score.terms:
        if {one.expected.get(term.score) for one in given} <= {None, term.mean}:
            yield f"none expects both a value and one of {term.score} other than {term.mean:g}"


def _codes_tried(instrument: Instrument, name: str, tried: set[int | None]) -> Iterator[str]:
    item = instrument.item(name)
    lacking = [code for code in instrument.codes(item) if code not in tried]
    if isinstance(item, Choice) and lacking:
        yield f"none answers {name} with {lacking} and expects a value"
    elif len(lacking) == len(instrument.codes(item)):
        yield f"none answers {name} and expects a value"


def _items_apart(instrument: Instrument, score: Mean, given: list[Example]) -> Iterator[str]:
    """See that no item may be left out unseen, as where all answers are worth the same."""
    for name in score.items if len(score.items) > 1 else ():
        item = instrument.item(name)
        worth = {code: instrument.value(item, code) for code in instrument.codes(item)}
        apart = [
            abs(worth[code] - (one.expected[score.id] or 0.0))
            for one in given
            if (code := one.answers.get(name, -1)) in worth
        ]
        if apart and max(apart) <= TOLERANCE:
            yield f"none answers {name} with more or less than the mean; it could be left out"


def _missing_tried(score: Score, items: tuple[str, ...], tried: Tried) -> Iterator[str]:
    """See that one answer too few gives null, and that just enough gives a value."""
    counts = {(len(answered.intersection(items)), given) for answered, given in tried}
    if isinstance(score, Mean):
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


def _options_tried(score: Mean, every: list[Example]) -> Iterator[str]:
    for rule in score.missing_options:
        if rule not in {example.missing_rule for example in every}:
            yield f"none tries the missing rule {rule}, which it offers"


def _answered(instrument: Instrument, score: Score, examples: list[Example]) -> Tried:
    missing = {item.id: item.missing_codes for item in instrument.items}
    return [
        (
            {name for name, code in example.answers.items() if code not in missing[name]},
            example.expected[score.id] is not None,
        )
        for example in examples
    ]


def _say(value: float | None) -> str:
    return "null (no score)" if value is None else f"{value!r}"
