"""What a definition may not say of how it asks: conditions, numbers, dates, choices of several."""

from collections.abc import Iterable, Iterator

from scoring.instrument import Instrument
from scoring.item import (
    AnyItem,
    Choice,
    Date,
    MultipleChoice,
    Quantity,
    Scale,
)
from scoring.problem import Problem

Problems = Iterator[Problem]


def conditions(instrument: Instrument) -> Problems:
    """Yield every condition on something that is not asked before, or that has no codes."""
    before: list[AnyItem] = []
    for item in instrument.in_order():
        for name in item.show_when:
            path = f"{_path(instrument, item)}.show_when.{name}"
            earlier = next((one for one in before if one.id == name), None)
            if earlier is None:
                yield Problem(path, "is not asked before this item; name an earlier one")
            elif not isinstance(earlier, Choice | Scale | MultipleChoice):
                yield Problem(path, f"is a {earlier.type}, whose answers have no codes")
        before.append(item)


def condition_codes(instrument: Instrument) -> Problems:
    """Yield every code that a condition waits for in vain."""
    for item in instrument.in_order():
        for name, codes in item.show_when.items():
            offered = instrument.codes(instrument.asked(name))
            for code in sorted(set(codes) - set(offered)):
                path = f"{_path(instrument, item)}.show_when.{name}"
                yield Problem(path, f"{code} is not an answer to {name}; those are {_few(offered)}")


def answers_that_fit(instrument: Instrument) -> Problems:
    """Yield every item whose type does not fit the answers that it takes."""
    for item in instrument.in_order():
        for where, message in _misfits(instrument, item):
            yield Problem(f"{_path(instrument, item)}.{where}", message)


def _misfits(instrument: Instrument, item: AnyItem) -> Iterator[tuple[str, str]]:
    match item:
        case Choice(type="yes_no") if len(instrument.codes(item)) != 2:
            number = len(instrument.codes(item))
            yield "type", f"is yes_no, but {item.options} has {number} codes; use single_choice"
        case Scale(type="numeric_rating", direction="none"):
            yield "direction", "is none; say which end of the scale is the better one"
        case MultipleChoice():
            for code in sorted(set(item.alone) - set(instrument.option_sets[item.options])):
                yield "alone", f"{code} is not among the codes of {item.options}"
        case Quantity() if item.least >= item.most:
            yield "most", f"is {item.most:.10g}; it must be more than least, {item.least:.10g}"
        case Date(earliest=str(earliest), latest=str(latest)) if latest < earliest:
            yield "latest", f"is {latest}, which comes before earliest, {earliest}"


def _path(instrument: Instrument, item: AnyItem) -> str:
    return f"{'items' if item in instrument.items else 'open_items'}.{item.id}"


def _few(codes: Iterable[int]) -> str:
    """Return some codes as a person would: the ends of a long row are enough."""
    listed = list(codes)
    if len(listed) > 12:
        return f"{listed[0]} to {listed[-1]}"
    return ", ".join(map(str, listed))
