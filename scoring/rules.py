"""What a definition may not say: the rules of meaning, each with a message that can be acted on.

In stages, each run only when the one before found nothing: does every name stand for something,
does every code have a value, can the arithmetic give what is declared, and (`examples.py`) does the
instrument prove itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import assert_never

import numpy as np

from scoring.examples import TOLERANCE, unproven, untried
from scoring.instrument import (
    Choice,
    Code,
    Combine,
    Index,
    Instrument,
    Item,
    Mean,
    Points,
    Score,
    Sum,
)
from scoring.methods import needed
from scoring.problem import Problem
from scoring.score import Scorer, compile_instrument, in_order, own_items
from scoring.value_set import DIMENSIONS

Problems = Iterator[Problem]

LONGEST_SUFFIX = "_answered"
NAME_LENGTH = 32
SLACK = 0.01
"""How much wider than the arithmetic a declared range may be, as a share of the range."""


def instrument_problems(instrument: Instrument) -> list[Problem]:
    """Return every broken rule of meaning; an empty list for an instrument that may be published.

    Value sets must be resolved into `instrument.value_sets` first.
    """
    for stage in (NAMES, CODES):
        if found := [problem for rule in stage for problem in rule(instrument)]:
            return found
    scorer = compile_instrument(instrument)
    able = [*_ranges(instrument), *_directions(scorer), *_reversed(instrument)]
    return able or list(unproven(scorer)) or list(untried(instrument))


def _unique(instrument: Instrument) -> Problems:
    for part in ("items", "pages", "scores"):
        yield from _twice(part, [one.id for one in getattr(instrument, part)])
    for name, codes in instrument.option_sets.items():
        yield from _twice(f"option_sets.{name}", codes)
    items = {item.id: item for item in instrument.items}
    taken = {*items, *(score.id for score in instrument.scores)}
    for score in instrument.scores:
        if f"{score.id}{LONGEST_SUFFIX}" in taken:
            message = f"with {LONGEST_SUFFIX} it is the name of something else; rename one"
            yield Problem(f"scores.{score.id}", message)
        if score.id in items and not _unchanged(score, items[score.id]):
            yield Problem(f"scores.{score.id}", "has an item's id but not its value; rename it")


def _unchanged(score: Score, item: Item) -> bool:
    """Say whether a score is one item's answer as given, and so may share its name (EQ VAS)."""
    recoded = isinstance(item, Choice) and item.recode is not None
    return isinstance(score, Mean | Sum) and score.items == (item.id,) and not recoded


def _twice(path: str, names: Iterable[object]) -> Problems:
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem(f"{path}.{name}", f"stands {times} times; each may stand once")


def _short_names(instrument: Instrument) -> Problems:
    most = NAME_LENGTH - len(LONGEST_SUFFIX)
    for score in instrument.scores:
        if len(score.id) > most:
            yield Problem(
                f"scores.{score.id}.id",
                f"is {len(score.id)} characters; at most {most}, so that {LONGEST_SUFFIX} still "
                f"makes a variable name of {NAME_LENGTH}",
            )


def _options(instrument: Instrument) -> Problems:
    choices = [item for item in instrument.items if isinstance(item, Choice)]
    for item in choices:
        path = f"items.{item.id}"
        yield from _known(f"{path}.options", [item.options], instrument.option_sets, "option_sets")
        if item.recode is not None:
            yield from _known(f"{path}.recode", [item.recode], instrument.recodes, "recodes")
    for name in sorted(set(instrument.option_sets) - {item.options for item in choices}):
        yield Problem(f"option_sets.{name}", "is not used by any item; remove it")
    for name in sorted(set(instrument.recodes) - {item.recode for item in choices}):
        yield Problem(f"recodes.{name}", "is not used by any item; remove it")


def _codes(instrument: Instrument) -> Problems:
    for item in instrument.items:
        both = set(item.missing_codes) & set(instrument.codes(item))
        for code in sorted(both):
            message = f"{code} is also an answer; it cannot be both"
            yield Problem(f"items.{item.id}.missing_codes", message)
    choices = [item for item in instrument.items if isinstance(item, Choice) and item.recode]
    pairs = {(str(item.recode), instrument.codes(item)) for item in choices}
    for recode, codes in sorted(pairs):
        yield from _every_code(f"recodes.{recode}", instrument.recodes[recode], codes)


def _every_code(path: str, given: Iterable[Code], codes: tuple[Code, ...]) -> Problems:
    for code in sorted(set(codes) - set(given)):
        yield Problem(f"{path}.{code}", "has no value; every code that can be answered needs one")
    for code in sorted(set(given) - set(codes)):
        yield Problem(f"{path}.{code}", f"is not an answer here; the codes are {_list(codes)}")


def _list(things: Iterable[object]) -> str:
    return ", ".join(str(thing) for thing in things)


def _pages(instrument: Instrument) -> Problems:
    ids = [item.id for item in instrument.items]
    standing = Counter(item for page in instrument.pages for item in page.items)
    for page in instrument.pages:
        yield from _known(f"pages.{page.id}.items", page.items, ids, "items")
    for item in ids:
        if standing[item] != 1:
            yield Problem(f"pages.{item}", f"stands on {standing[item]} pages; it must be on one")


def _known(path: str, names: Iterable[str], known: Iterable[str], what: str) -> Problems:
    for name in sorted(set(names) - set(known)):
        yield Problem(f"{path}.{name}", f"is not among the {what}; mend the name or add it")


def _score_items(instrument: Instrument) -> Problems:
    known = [item.id for item in instrument.items]
    for score in instrument.scores:
        path = f"scores.{score.id}"
        items = own_items(score)
        yield from _known(f"{path}.items", items, known, "items")
        yield from _twice(f"{path}.items", items)
        if isinstance(score, Mean) and needed(score.missing, len(items)) > len(items):
            yield Problem(f"{path}.missing", f"asks for more answers than its {len(items)} items")


def _points(instrument: Instrument) -> Problems:
    for score in instrument.scores:
        if isinstance(score, Points):
            for one in score.items:
                path = f"scores.{score.id}.items.{one.item}.points"
                yield from _every_code(
                    path, one.points, instrument.codes(instrument.item(one.item))
                )


def _terms(instrument: Instrument) -> Problems:
    combined = {
        s.id: [t.score for t in s.terms] for s in instrument.scores if isinstance(s, Combine)
    }
    known = [score.id for score in instrument.scores]
    for name, terms in combined.items():
        yield from _known(f"scores.{name}.terms", terms, known, "scores")
        yield from _twice(f"scores.{name}.terms", terms)
        if name in _reached(name, combined):
            yield Problem(
                f"scores.{name}.terms", "leads back to the score itself; break the circle"
            )


def _reached(name: str, combined: dict[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    coming = set(combined[name])
    while coming:
        reached |= coming
        coming = {one for by in coming for one in combined.get(by, ())} - reached
    return reached


def _value_sets(instrument: Instrument) -> Problems:
    for score in instrument.scores:
        if isinstance(score, Index):
            yield from _value_set(instrument, score)


def _value_set(instrument: Instrument, score: Index) -> Problems:
    path = f"scores.{score.id}"
    named = "index_" + score.value_set.replace("-", "_")
    if score.id != named:
        yield Problem(f"{path}.id", f"must carry its value set: {named}")
    if score.value_set not in instrument.value_sets:
        yield Problem(f"{path}.value_set", f"{score.value_set} is not a value set that we have")
        return
    dimensions = tuple(dimension.lower() for dimension in DIMENSIONS)
    if score.items != dimensions:
        yield Problem(f"{path}.items", f"must be {_list(dimensions)}, in this order")
        return
    levels = tuple(range(1, instrument.value_sets[score.value_set].levels + 1))
    for item in score.items:
        if instrument.codes(instrument.item(item)) != levels:
            yield Problem(f"items.{item}", f"its codes must be {_list(levels)}, in order")


def _example_names(instrument: Instrument) -> Problems:
    items = [item.id for item in instrument.items]
    scores = [score.id for score in instrument.scores]
    for example in instrument.examples:
        path = f"examples.{example.name}"
        yield from _known(f"{path}.answers", example.answers, items, "items")
        yield from _known(f"{path}.expected", example.expected, scores, "scores")


NAMES = (_unique, _short_names, _options, _pages, _score_items, _terms, _example_names)
CODES = (_codes, _points, _value_sets)


def _ranges(instrument: Instrument) -> Problems:
    reaches: dict[str, tuple[float, float]] = {}
    for score in in_order(instrument):
        reaches[score.id] = reach(instrument, score, reaches)
    for score in instrument.scores:
        low, high = reaches[score.id]
        slack = SLACK * (high - low) + TOLERANCE
        inside = score.range[0] <= low + TOLERANCE and score.range[1] >= high - TOLERANCE
        snug = score.range[0] >= low - slack and score.range[1] <= high + slack
        if not (inside and snug):
            given = f"[{score.range[0]:g}, {score.range[1]:g}]"
            right = f"[{low:.10g}, {high:.10g}]"
            message = f"is {given}, but the arithmetic can give {right}"
            yield Problem(f"scores.{score.id}.range", message)


def reach(
    instrument: Instrument, score: Score, reaches: dict[str, tuple[float, float]]
) -> tuple[float, float]:
    """Return the least and the largest value that a score's arithmetic can give.

    For a combination the bounds treat its scores as free of each other, so they are the widest;
    `reaches` holds those of its scores.
    """
    match score:
        case Mean():
            return _mean_reach(instrument, score)
        case Sum():
            ends = [_ends(instrument, item) for item in score.items]
            return sum(low for low, _ in ends), sum(high for _, high in ends)
        case Points():
            given = [one.points.values() for one in score.items]
            low, high = sum(map(min, given)), sum(map(max, given))
            return score.constant + low, score.constant + high
        case Combine():
            return _combine_reach(score, reaches)
        case Index():
            indices = instrument.value_sets[score.value_set].indices
            return float(indices.min()), float(indices.max())
        case _:
            assert_never(score)


def _ends(instrument: Instrument, item_id: str) -> tuple[float, float]:
    item = instrument.item(item_id)
    values = [instrument.value(item, code) for code in instrument.codes(item)]
    return min(values), max(values)


def _mean_reach(instrument: Instrument, score: Mean) -> tuple[float, float]:
    rules = (score.missing, *score.missing_options)
    least = min(needed(rule, len(score.items)) for rule in rules)
    ends = [_ends(instrument, item) for item in score.items]
    lowest = sorted(low for low, _ in ends)[:least]
    highest = sorted((high for _, high in ends), reverse=True)[:least]
    return sum(lowest) / least, sum(highest) / least


def _combine_reach(score: Combine, reaches: dict[str, tuple[float, float]]) -> tuple[float, float]:
    low = high = 0.0
    for term in score.terms:
        ends = sorted(term.weight * (end - term.mean) / term.sd for end in reaches[term.score])
        low, high = low + ends[0], high + ends[1]
    multiply, add = score.affine.multiply, score.affine.add
    low, high = sorted((add + multiply * low, add + multiply * high))
    return low, high


def _directions(scorer: Scorer) -> Problems:
    instrument = scorer.instrument
    ends = np.array(
        [[_end(instrument, item, best=end) for item in scorer.items] for end in (True, False)]
    )
    values = scorer.score(ends).values
    for score in instrument.scores:
        best, worst = values[score.id]
        gives = {1: "higher_is_better", -1: "lower_is_better", 0: "none"}[
            int(np.sign(best - worst))
        ]
        if score.direction not in (gives, "none"):
            yield Problem(
                f"scores.{score.id}.direction",
                f"is {score.direction}, but the best answers give {best:g} and the worst {worst:g}",
            )


def _reversed(instrument: Instrument) -> Problems:
    """Find an item that was not turned round before it was averaged or summed."""
    for score in instrument.scores:
        for name in score.items if isinstance(score, Mean | Sum) else ():
            best, worst = (
                instrument.value(instrument.item(name), int(_end(instrument, name, best=end)))
                for end in (True, False)
            )
            upside_down = best < worst if score.direction == "higher_is_better" else best > worst
            if upside_down and score.direction != "none":
                message = (
                    f"its best answer is worth {best:g} and its worst {worst:g}; turn it round"
                )
                yield Problem(f"scores.{score.id}.items.{name}", message)


def _end(instrument: Instrument, item_id: str, *, best: bool) -> float:
    item = instrument.item(item_id)
    codes = instrument.codes(item)
    if item.direction == "none":
        return float(codes[0])
    return float(max(codes) if (item.direction == "higher_is_better") == best else min(codes))
