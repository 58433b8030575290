"""A second opinion on value sets: one state's index, from the written meaning of each term.

It shares no code with `scoring/`. It takes a value set's JSON as it stands and goes through its
terms one by one, asking of each how often it counts for a state such as "21345".
"""

import re
from fractions import Fraction
from functools import cache
from typing import Any

DIMENSIONS = ["MO", "SC", "UA", "PD", "AD"]


def index(document: dict[str, Any], state: str) -> Fraction:
    """Return the index of a state: looked up, overridden, multiplied or added."""
    for table in ("values", "overrides"):
        if state in document.get(table, {}):
            return exact(document[table][state])
    terms = document["coefficients"]
    if document.get("form") == "product":
        return multiplied(terms, state)
    if "Power" in terms:
        return raised(terms, state)
    return added(terms, state)


def added(terms: dict[str, float], state: str) -> Fraction:
    total = Fraction(0)
    for name, coefficient in terms.items():
        if times := counts(name, state):
            total += times * exact(coefficient)
    return total


def multiplied(terms: dict[str, float], state: str) -> Fraction:
    total = Fraction(1)
    for name, coefficient in terms.items():
        for _ in range(counts(name, state)):
            total *= exact(coefficient)
    return total


def raised(terms: dict[str, float], state: str) -> Fraction:
    """The sum d of the level terms is replaced by -((-d) ** Power)."""
    levels = {name: value for name, value in terms.items() if name[:2] in DIMENSIONS}
    others = {name: value for name, value in terms.items() if name not in {*levels, "Power"}}
    loss = -float(added(levels, state))
    return added(others, state) - Fraction(loss ** terms["Power"])


@cache
def exact(number: float) -> Fraction:
    return Fraction(str(number))


@cache
def counts(name: str, state: str) -> int:
    """Say how often a term counts for a state."""
    if parts := re.fullmatch("([A-Z]{2})([1-5]+)", name):
        return int(state[DIMENSIONS.index(parts[1])] in parts[2])
    if parts := re.fullmatch("([A-Z]{2}[23])([A-Z]{2}[23])", name):
        return counts(parts[1], state) * counts(parts[2], state)
    return interaction(name, [int(level) for level in state])


def interaction(name: str, levels: list[int]) -> int:
    """Say how often a term that looks at several dimensions counts."""
    mobility, *_, pain, anxiety = levels
    twos, threes, fours, fives = (levels.count(level) for level in (2, 3, 4, 5))
    ill = 5 - levels.count(1)
    severe = fours + fives
    return int(
        {
            "StartValue": 1,
            "FullHealth": 1,
            "Intercept": ill > 0,
            "AtLeastOne2Or3": ill > 0,
            "AtLeastOne3": threes > 0,
            "N4": severe > 0,
            "N5": fives > 0,
            "Num45sq": (severe - 1) ** 2 if severe else 0,
            "MOAD": (mobility - 1) * (anxiety - 1),
            "PDAD": (pain - 1) * (anxiety - 1),
            "D1": ill - 1 if ill else 0,
            "I2": twos - 1 if twos else 0,
            "I2square": (twos - 1) ** 2 if twos else 0,
            "I3": threes - 1 if threes else 0,
            "I3square": (threes - 1) ** 2 if threes else 0,
            "O2": set(levels) in ({1, 2}, {2}),
            "O3": set(levels) in ({1, 3}, {3}),
            "C2square": twos**2,
            "C3square": threes**2,
            "X5": ill == 5,
            "Z2": twos > 0 and threes > 0,
            "Z3": twos if threes else 0,
            "A3": threes == 5,
        }[name]
    )
