"""Answers: what each type of question takes, and which questions the answers before leave out."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, assert_never

from app.errors import Refused
from scoring import Instrument
from scoring.item import AnyItem, Choice, Date, FreeText, MultipleChoice, Quantity, Scale, Statement

Value = int | float | str | list[int]
"""A code, a number, a date as 2026-11-01, a text, or the codes that were chosen of several."""

Answers = Mapping[str, Any]
"""The values that were given, by item."""


def offered(instrument: Instrument) -> frozenset[tuple[str, int]]:
    """Return each item that is answered by one code, with each code that is an answer to it."""
    return frozenset(
        (item.id, code)
        for item in instrument.in_order()
        if isinstance(item, Choice | Scale)
        for code in instrument.codes(item)
    )


def check(instrument: Instrument, item: AnyItem, value: object, today: date) -> None:
    """See that a value is an answer to an item; raises Refused, naming the item, if it is not."""
    if why := _why_not(instrument, item, value, today):
        raise Refused(item.id, why)


def _why_not(instrument: Instrument, item: AnyItem, value: object, today: date) -> str | None:
    match item:
        case Choice() | Scale():
            return (
                None
                if _is_one(value, instrument.codes(item))
                else f"{value} is not one of its answers"
            )
        case MultipleChoice():
            return _not_several(instrument, item, value)
        case Quantity():
            return _not_within(item, value)
        case Date():
            return _not_a_day(item, value, today)
        case FreeText():
            return _not_a_text(item, value)
        case Statement():
            return "is a statement, which has no answer"
        case _:
            assert_never(item)


def _not_several(instrument: Instrument, item: MultipleChoice, value: object) -> str | None:
    offered = instrument.codes(item)
    if not isinstance(value, list) or not value or not all(_is_one(one, offered) for one in value):
        return f"give a list of its codes: {', '.join(map(str, offered))}"
    if len(set(value)) < len(value):
        return "each code may be given once"
    alone = set(value) & set(item.alone)
    return f"{min(alone)} goes with no other answer" if alone and len(value) > 1 else None


def _is_one(value: object, offered: Iterable[int]) -> bool:
    return type(value) is int and value in offered


def _not_within(item: Quantity, value: object) -> str | None:
    if type(value) not in (int, float) or not item.least <= value <= item.most:  # type: ignore[operator]
        return f"give a number from {item.least:.10g} to {item.most:.10g}"
    if round(value, item.decimals) != value:  # type: ignore[call-overload]
        return f"give at most {item.decimals} decimals"
    return None


def _not_a_day(item: Date, value: object, today: date) -> str | None:
    try:
        day = date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        return "give a date such as 2026-11-01"
    earliest, latest = bounds(item, today)
    if not earliest <= day <= latest:
        return f"give a date from {earliest} to {latest}"
    return None


def bounds(item: Date, today: date) -> tuple[date, date]:
    """Return the first and the last day that may be given."""
    latest = today.isoformat() if item.latest == "today" else item.latest or "2199-12-31"
    return date.fromisoformat(item.earliest or "1800-01-01"), date.fromisoformat(latest)


def _not_a_text(item: FreeText, value: object) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "give a text"
    if "\0" in value or value != value.encode(errors="replace").decode():
        return "give a text without characters that cannot be stored"
    if len(value) > item.most_characters:
        return f"give at most {item.most_characters} characters; these are {len(value)}"
    return None


def left_out(way: Iterable[AnyItem], answers: Answers) -> frozenset[str]:
    """Return the items, of all in order, that are not asked because of the answers before them."""
    out: set[str] = set()
    for item in way:
        if not all(
            name not in out and _has_one(answers.get(name), codes)
            for name, codes in item.show_when.items()
        ):
            out.add(item.id)
    return frozenset(out)


def _has_one(value: object, codes: tuple[int, ...]) -> bool:
    given = value if isinstance(value, list) else [value]
    return any(code in codes for code in given)
