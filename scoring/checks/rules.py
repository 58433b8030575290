"""What a definition may not say: the rules of meaning, each with a message that can be acted on.

In stages, each run only when the one before found nothing: does every name stand for something,
does every code have a value, can scores be made of the values, does every table hold what is looked
up in it, can the arithmetic give what is declared, and (`examples.py`) does the instrument prove
itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from scoring.checks.asking import answers_that_fit, condition_codes, conditions
from scoring.checks.examples import unproven, untried
from scoring.checks.possible import lookups
from scoring.checks.reach import bands, directions, not_turned_round, ranges, too_large
from scoring.instrument import (
    AS_IT_IS,
    Cases,
    Combine,
    Count,
    Index,
    Instrument,
    Mean,
    OfItems,
    Points,
    Score,
    Sum,
)
from scoring.item import (
    Choice,
    Code,
    Item,
    MultipleChoice,
)
from scoring.methods import needed
from scoring.problem import Problem
from scoring.score import compile_instrument
from scoring.structure import own_items, own_scores
from scoring.value_set import DIMENSIONS

Problems = Iterator[Problem]

LONGEST_SUFFIX = "_answered"
NAME_LENGTH = 32


def instrument_problems(instrument: Instrument) -> list[Problem]:
    """Return every broken rule of meaning; an empty list for an instrument that may be published.

    Value sets must be resolved into `instrument.value_sets` first.
    """
    if found := unscorable(instrument):
        return found
    if found := list(misnamed(instrument)):
        return found
    scorer = compile_instrument(instrument)
    return list(unproven(scorer)) or list(untried(scorer))


def unscorable(instrument: Instrument) -> list[Problem]:
    """Return the broken rules that are about scoring itself, whatever the examples say.

    An instrument without any scores whatever answers it may be given, within its ranges.
    """
    for stage in STAGES:
        if found := [problem for rule in stage for problem in rule(instrument)]:
            return found
    return []


def _unique(instrument: Instrument) -> Problems:
    for part in ("pages", "scores"):
        yield from _twice(part, [one.id for one in getattr(instrument, part)])
    yield from _twice("items", [item.id for item in (*instrument.items, *instrument.open_items)])
    for name, codes in instrument.option_sets.items():
        yield from _twice(f"option_sets.{name}", codes)
    items = {item.id: item for item in instrument.items}
    asked = {**items, **{item.id: item for item in instrument.open_items}}
    taken = {*asked, *(score.id for score in instrument.scores)}
    for score in instrument.scores:
        if f"{score.id}{LONGEST_SUFFIX}" in taken:
            message = f"with {LONGEST_SUFFIX} it is the name of something else; rename one"
            yield Problem(f"scores.{score.id}", message)
        if score.id in asked and not _unchanged(score, items.get(score.id)):
            yield Problem(f"scores.{score.id}", "has an item's id but not its value; rename it")


def _unchanged(score: Score, item: Item | None) -> bool:
    """Say whether a score is one item's answer as given, and so may share its name (EQ VAS)."""
    if item is None:
        return False
    recoded = isinstance(item, Choice) and item.recode is not None
    plain = isinstance(score, Mean | Sum) and (score.affine, score.clamp) == (AS_IT_IS, None)
    apart = isinstance(item, Choice) and item.not_applicable
    return plain and own_items(score) == (item.id,) and not (recoded or apart)


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
    several = [item for item in instrument.open_items if isinstance(item, MultipleChoice)]
    for one in several:
        path = f"open_items.{one.id}.options"
        yield from _known(path, [one.options], instrument.option_sets, "option_sets")
    used = {item.options for item in choices} | {item.options for item in several}
    for name in sorted(set(instrument.option_sets) - used):
        yield Problem(f"option_sets.{name}", "is not used by any item; remove it")
    for name in sorted(set(instrument.recodes) - {item.recode for item in choices}):
        yield Problem(f"recodes.{name}", "is not used by any item; remove it")


def _codes(instrument: Instrument) -> Problems:
    for item in instrument.items:
        both = set(item.missing_codes) & set(instrument.codes(item))
        for code in sorted(both):
            message = f"{code} is also an answer; it cannot be both"
            yield Problem(f"items.{item.id}.missing_codes", message)
        if isinstance(item, Choice):
            yield from _apart(instrument, item)
    choices = [item for item in instrument.items if isinstance(item, Choice) and item.recode]
    pairs = {(str(item.recode), instrument.scored_codes(item)) for item in choices}
    for recode, codes in sorted(pairs):
        yield from _every_code(f"recodes.{recode}", instrument.recodes[recode], codes)


def _apart(instrument: Instrument, item: Choice) -> Problems:
    """See that the codes for "not applicable" are on offer, and that they are not all there is."""
    path = f"items.{item.id}.not_applicable"
    for code in sorted(set(item.not_applicable) - set(instrument.codes(item))):
        offer = f"the codes of {item.options} are {_list(instrument.codes(item))}"
        yield Problem(path, f"{code} is not on offer: {offer}; offer it, or remove it here")
    if len(instrument.scored_codes(item)) < 2:
        yield Problem(path, "leaves fewer than 2 codes that count")


def _every_code(path: str, given: Iterable[Code], codes: tuple[Code, ...]) -> Problems:
    for code in sorted(set(codes) - set(given)):
        yield Problem(f"{path}.{code}", "has no value; every code that counts needs one")
    for code in sorted(set(given) - set(codes)):
        yield Problem(f"{path}.{code}", f"is not a code that counts; those are {_list(codes)}")


def _list(things: Iterable[object]) -> str:
    return ", ".join(str(thing) for thing in things)


def _pages(instrument: Instrument) -> Problems:
    ids = [item.id for item in (*instrument.items, *instrument.open_items)]
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
    unscored = {item.id for item in instrument.open_items} - {*known}
    for score in instrument.scores:
        path = f"scores.{score.id}"
        items, where = own_items(score), "requires" if isinstance(score, Combine) else "items"
        for name in sorted({*items} & unscored):
            yield Problem(f"{path}.{where}.{name}", "is an open item, of which no score is made")
        yield from _known(f"{path}.{where}", {*items} - unscored, known, "items")
        yield from _twice(f"{path}.{where}", items)
        if isinstance(score, OfItems):
            yield from _missing_rules(path, score)


def _missing_rules(path: str, score: OfItems) -> Problems:
    """See that a missing rule can be met, and that no missing answer would count as 0."""
    items = len(score.items)
    if needed(score.missing, items) > items:
        message = f"asks for {needed(score.missing, items)} answers of {items} items"
        yield Problem(f"{path}.missing", message)
    averaged = isinstance(score, Mean) or score.substitute
    rules = {"missing": [score.missing], "missing_options": score.missing_options}
    for where, some in rules.items():
        if not averaged and any(needed(rule, items) < items for rule in some):
            message = (
                "does without some answers, which would then count as 0; ask for `all`, or let "
                "the person's mean stand for them: write person-mean as its `substitute`, which "
                "is a column of a spreadsheet's sheet scores"
            )
            yield Problem(f"{path}.{where}", message)


def _points(instrument: Instrument) -> Problems:
    for score in instrument.scores:
        if isinstance(score, Points):
            for one in score.items:
                path = f"scores.{score.id}.items.{one.item}.points"
                codes = instrument.scored_codes(instrument.item(one.item))
                yield from _every_code(path, one.points, codes)


def _counted(instrument: Instrument) -> Problems:
    for score in instrument.scores:
        if isinstance(score, Count):
            worth = {value for item in score.items for value in instrument.values(item)}
            for value in sorted(set(score.values) - worth):
                message = f"no code of its items is worth {value:.10g}; they are worth"
                yield Problem(f"scores.{score.id}.values", f"{message} {_numbers(worth)}")


def _numbers(values: Iterable[float]) -> str:
    return _list(f"{value:.10g}" for value in sorted(values))


def _parts(instrument: Instrument) -> Problems:
    """See that a score is made of other scores that exist, and never of itself."""
    parts = {score.id: own_scores(score) for score in instrument.scores}
    for score in instrument.scores:
        path = f"scores.{score.id}.{PART_NAMES.get(score.method, 'items')}"
        yield from _known(path, parts[score.id], parts, "scores")
        if isinstance(score, Combine):
            yield from _twice(path, parts[score.id])
        if score.id in _reached(score.id, parts):
            yield Problem(path, "leads back to the score itself; break the circle")


PART_NAMES = {"combine": "terms", "lookup": "score", "cases": "cases"}


def _reached(name: str, parts: dict[str, tuple[str, ...]]) -> set[str]:
    reached: set[str] = set()
    coming = set(parts[name])
    while coming:
        reached |= coming
        coming = {one for by in coming for one in parts.get(by, ())} - reached
    return reached


def _clamps(instrument: Instrument) -> Problems:
    for score in instrument.scores:
        clamp = score.clamp if isinstance(score, OfItems | Points | Combine) else None
        if clamp and clamp[0] >= clamp[1]:
            message = f"is [{clamp[0]:.10g}, {clamp[1]:.10g}]; the first must be the lower"
            yield Problem(f"scores.{score.id}.clamp", message)


def _bounds(instrument: Instrument) -> Problems:
    for score in instrument.scores:
        for number, case in enumerate(score.cases if isinstance(score, Cases) else (), start=1):
            for name, bounds in case.when.items():
                if not bounds.model_dump(exclude_none=True):
                    path = f"scores.{score.id}.cases.{number}.when.{name}"
                    message = "names no bound; say at_least, above, at_most or below"
                    yield Problem(path, message)


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
        if instrument.scored_codes(instrument.item(item)) != levels:
            yield Problem(
                f"items.{item}", f"its codes that count must be {_list(levels)}, in order"
            )


def misnamed(instrument: Instrument) -> Problems:
    """Yield each item and score that an example names and that does not exist."""
    items = [item.id for item in instrument.items]
    scores = [score.id for score in instrument.scores]
    for example in instrument.examples:
        path = f"examples.{example.name}"
        yield from _known(f"{path}.answers", example.answers, items, "items")
        yield from _known(f"{path}.expected", example.expected, scores, "scores")


NAMES = (
    _unique,
    _short_names,
    _options,
    _pages,
    _score_items,
    _parts,
    _bounds,
    _clamps,
)
CODES = (_codes, _points, _value_sets, conditions, answers_that_fit)
WORTH = (_counted, too_large, condition_codes)
TABLES = (lookups,)
ENDS = (ranges, bands, directions, not_turned_round)
STAGES = (NAMES, CODES, WORTH, TABLES, ENDS)
