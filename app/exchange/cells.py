"""How a field of a definition stands in one cell of a spreadsheet, and how it is read again."""

import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, NamedTuple

from app.exchange.workbook import Cell, Row, refused
from scoring import NotValid, Problem


class Way(NamedTuple):
    """How a field is written into a cell, how it is read, and what to write, in words."""

    write: Callable[[Any], Cell]
    read: Callable[[str], Any]
    wanted: str


def number(text: str) -> int | float:
    """Return the number that a text says, whole where it is; raises ValueError."""
    value = float(text.replace(",", "."))
    if not isfinite(value):
        raise ValueError(text)
    return int(value) if value.is_integer() else value


def pairs(text: str) -> dict[str, str]:
    """Return `1=Yes` and `2=No` of a cell, one a line or divided by |; raises ValueError."""
    lines = text.splitlines() if "\n" in text else text.split("|")
    found = [line.partition("=") for line in lines if line.strip()]
    named = {name.strip(): value.strip() for name, sign, value in found if sign}
    if len(named) != len(found):
        raise ValueError(text)
    return named


def lines(values: dict[Any, Any]) -> str:
    """Return names and values as `pairs` reads them, one a line."""
    return "\n".join(f"{name}={value}" for name, value in values.items())


def _joined(values: Any) -> str:
    return " ".join(str(value) for value in values)


def _split(text: str) -> list[str]:
    """Return the words of a cell, with spaces, commas or semicolons between."""
    return [word for word in re.split(r"[\s,;]+", text) if word]


def _codes(text: str) -> list[int]:
    return [int(word) for word in _split(text)]


def _numbers(text: str) -> list[int | float]:
    """Return the numbers of a cell; a comma inside one is its decimals', at its end it is not."""
    return [number(word.rstrip(",")) for word in re.split(r"[\s;]+", text) if word]


def expected(text: str) -> int | float | None:
    """Return the score that is expected; none where there must be none. Raises ValueError."""
    return None if text in NO_SCORE else number(text)


def _of_codes(text: str) -> dict[int, str]:
    return {int(code): worth for code, worth in pairs(text).items()}


def _worths(text: str) -> dict[str, int | float]:
    return {code: number(worth) for code, worth in pairs(text).items()}


NO_SCORE = ("null", "-", "–", "−")
"""What stands where a score must not be given, in a spreadsheet and on the bench."""


def _rule(text: str) -> str | dict[str, int]:
    name, _, value = text.partition(" ")
    return {name: int(value)} if value else name


def _conditions(text: str) -> dict[str, list[int]]:
    return {name: _codes(codes) for name, codes in pairs(text).items()}


TEXT = Way(str, str, "a text")
NUMBER = Way(lambda value: value, number, "a number")
CODES = Way(_joined, _codes, "codes with spaces between, such as 8 9")
NUMBERS = Way(_joined, _numbers, "numbers with spaces between: 0 100")
NAMES = Way(_joined, _split, "names with spaces between: q1 q2")
EXPECTED = Way(str, expected, "a number; null or - where no score must be given")
RULE = Way(
    lambda rule: rule if isinstance(rule, str) else _joined(*rule.items()),
    _rule,
    "all, half, any, min_answered 2 or max_missing 1",
)
WHEN = Way(
    lambda when: lines({name: _joined(codes) for name, codes in when.items()}),
    _conditions,
    "the item and its codes, one item a line: q1=1 2",
)
PAIRS = Way(lines, pairs, "a code and its text or worth, one a line: 1=Yes")
OPTIONS = Way(lines, _of_codes, PAIRS.wanted)
WORTHS = Way(lines, _worths, PAIRS.wanted)

ITEM = {
    "id": TEXT,
    "type": TEXT,
    "direction": TEXT,
    "options": TEXT,
    "recode": TEXT,
    "missing_codes": CODES,
    "not_applicable": CODES,
    "show_when": WHEN,
    "alone": CODES,
    "least": NUMBER,
    "most": NUMBER,
    "decimals": NUMBER,
    "earliest": TEXT,
    "latest": TEXT,
    "most_characters": NUMBER,
}
SCORE = {
    "id": TEXT,
    "name": TEXT,
    "method": TEXT,
    "items": NAMES,
    "missing": RULE,
    "missing_options": NAMES,
    "substitute": TEXT,
    "values": NUMBERS,
    "constant": NUMBER,
    "score": TEXT,
    "value_set": TEXT,
    "requires": NAMES,
    "otherwise": NUMBER,
    "clamp": NUMBERS,
    "range": NUMBERS,
    "direction": TEXT,
    "source": TEXT,
}


def value(row: Row, column: str, way: Way) -> Any:
    """Return what a cell says. Raises NotValid, naming the cell and what to write there."""
    text = row.texts[column]
    try:
        return way.read(text)
    except (ValueError, OverflowError):
        raise refused(row.place(column), f"is {text[:40]!r}; write {way.wanted}") from None


def faults(row: Row, column: str, way: Way) -> Iterator[Problem]:
    """Yield why a cell cannot be read."""
    try:
        value(row, column, way)
    except NotValid as error:
        yield from error.problems


def fields(row: Row, ways: dict[str, Way]) -> dict[str, Any]:
    """Return every field of a row that is filled in; raises NotValid, naming the cell."""
    return {name: value(row, name, way) for name, way in ways.items() if name in row.texts}


def written(entry: dict[str, Any], ways: dict[str, Way]) -> dict[str, Cell | None]:
    """Return the cells of an entry's fields, by column."""
    return {name: ways[name].write(one) for name, one in entry.items() if name in ways}
