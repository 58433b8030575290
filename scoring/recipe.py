"""How each score is figured, before anyone has answered: its steps, and what each answer adds.

The steps are named, with what belongs to them, so that a page can say them in its own language.
"""

from collections.abc import Iterator
from typing import NamedTuple, assert_never

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
)
from scoring.item import Choice, Scale
from scoring.methods import needed

SAID = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
"""How the bounds of a case are written."""


class Line(NamedTuple):
    """One step: what is done (`mean`, `clamp`), to what in names and signs, and its numbers.

    In `to`, each `{}` stands for the next of the numbers.
    """

    step: str
    to: str = ""
    numbers: tuple[float, ...] = ()


class Worth(NamedTuple):
    """What a code is worth in some scores: those that take its recoded value, or one of points."""

    scores: tuple[str, ...]
    by_code: dict[int, float]


def recipe(score: Score) -> tuple[Line, ...]:
    """Return the steps that lead to a score, in their order; last, when there is none."""
    return (*_steps(score), *_moved(score), *_rule(score))


def _steps(score: Score) -> Iterator[Line]:
    match score:
        case Mean() | Sum():
            yield Line(score.method, ", ".join(score.items))
        case Count():
            values = " / ".join("{}" for _ in score.values)
            yield Line("count", f"{', '.join(score.items)} = {values}", score.values)
        case Points():
            items = " + ".join(one.item for one in score.items)
            yield Line("points", f"{{}} + {items}", (score.constant,))
        case Combine():
            yield _combined(score)
        case Index():
            yield Line("value-set", f"{score.value_set}: {', '.join(score.items)}")
        case Lookup():
            pairs = "; ".join("{} → {}" for _ in score.table)
            numbers = tuple(float(part) for pair in score.table.items() for part in pair)
            yield Line("lookup", f"{score.score}: {pairs}", numbers)
        case Cases():
            yield from _cases(score)
        case _:
            assert_never(score)


def _combined(score: Combine) -> Line:
    parts: list[str] = []
    numbers: list[float] = []
    for term in score.terms:
        plain = (term.mean, term.sd) == (0, 1)
        parts.append(f"{{}} × {term.score}" if plain else f"{{}} × ({term.score} - {{}}) / {{}}")
        numbers += [term.weight] if plain else [term.weight, term.mean, term.sd]
    return Line("combine", " + ".join(parts), tuple(numbers))


def _cases(score: Cases) -> Iterator[Line]:
    for case in score.cases:
        bounds = [
            (f"{name} {SAID[word]} {{}}", bound)
            for name, some in case.when.items()
            for word, bound in some.model_dump(exclude_none=True).items()
        ]
        texts, numbers = zip(*bounds, strict=True)
        yield Line("case", f"{', '.join(texts)}: {{}}", (*numbers, case.value))
    yield Line("otherwise", "{}", (score.otherwise,))


def _moved(score: Score) -> Iterator[Line]:
    """Yield what is done to the figure at last: it is moved and turned, and kept within bounds."""
    if isinstance(score, Index | Lookup | Cases):
        return
    affine = score.affine
    if (affine.multiply, affine.add) != (1, 0):
        yield Line("affine", "× {} + {}", (affine.multiply, affine.add))
    if score.clamp is not None:
        yield Line("clamp", "{} – {}", score.clamp)


def _rule(score: Score) -> Iterator[Line]:
    """Yield how much must be answered for there to be a score, and what stands in for the rest."""
    match score:
        case Mean() | Sum() | Count():
            yield from _rule_of_items(score)
        case Points() | Index():
            yield Line("every_item")
        case Combine() if score.requires:
            yield Line("every_score")
            yield Line("requires", ", ".join(score.requires))
        case _:
            yield Line("every_score")


def _rule_of_items(score: OfItems) -> Iterator[Line]:
    number = len(score.items)
    least = needed(score.missing, number)
    yield Line("every_item") if least == number else Line("least", "{} / {}", (least, number))
    if isinstance(score, Sum | Count) and score.substitute:
        yield Line("substitute")
    for name in score.missing_options:
        yield Line("option", f"{name}: {{}} / {{}}", (needed(name, number), number))


def worth(instrument: Instrument, item: Choice | Scale) -> tuple[Worth, ...]:
    """Return what each code of an item adds to the scores that are made of it directly.

    A code that is "not applicable" is worth nothing, and stands in none.
    """
    codes = instrument.scored_codes(item)
    takes = [score for score in instrument.scores if isinstance(score, Mean | Sum | Count)]
    names = tuple(score.id for score in takes if item.id in score.items)
    value = {code: instrument.value(item, code) for code in codes}
    points = (
        Worth((score.id,), {code: one.points[code] for code in codes})
        for score in instrument.scores
        if isinstance(score, Points)
        for one in score.items
        if one.item == item.id
    )
    return (*([Worth(names, value)] if names else ()), *points)
