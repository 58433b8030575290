"""What the terms of a value set mean: how many times each counts for a health state.

Papers add the same few kinds of term to their level coefficients, under names that the two public
collections of value sets share. Each function here makes one kind of term; the tables below say
which instrument has which.
"""

from collections.abc import Callable, Mapping
from itertools import combinations, product

State = tuple[int, ...]
"""The levels of the five dimensions, in order: 21345 is (2, 1, 3, 4, 5)."""

Times = Callable[[State], int]
"""How many times a term counts for a state."""

DIMENSIONS = ("MO", "SC", "UA", "PD", "AD")
"""Mobility, self-care, usual activities, pain/discomfort, anxiety/depression."""

LEVELS: Mapping[str, int] = {"eq-5d-5l": 5, "eq-5d-3l": 3, "eq-5d-y-3l": 3}
"""How many levels each dimension of an instrument has."""

START: Mapping[str, str] = {
    "eq-5d-5l": "StartValue",
    "eq-5d-3l": "FullHealth",
    "eq-5d-y-3l": "FullHealth",
}
"""The term that every state starts from."""

POWER = "Power"
"""The sum d of the level terms becomes -((-d) ** Power), to 28 digits; it is no term of its own."""


def states(levels: int) -> tuple[State, ...]:
    """Return every state of five dimensions by its number: 11111, 11112, and so on."""
    return tuple(product(range(1, levels + 1), repeat=len(DIMENSIONS)))


def level_terms(levels: int) -> tuple[str, ...]:
    """Return the names of the terms of one dimension at one level above the first: MO2 to AD5."""
    return tuple(f"{d}{level}" for d in DIMENSIONS for level in range(2, levels + 1))


FIRST_LEVEL = tuple(f"{dimension}1" for dimension in DIMENSIONS)
"""The terms of level 1, in the few models whose start lies above every state."""


def _at(dimension: str, *levels: int) -> Times:
    """MO45: once when that dimension is at one of those levels."""
    place = DIMENSIONS.index(dimension)
    return lambda state: int(state[place] in levels)


def _steps(dimension: str) -> Times:
    """For MOAD and PDAD: as many times as that dimension is steps away from level 1."""
    place = DIMENSIONS.index(dimension)
    return lambda state: state[place] - 1


def _each(*levels: int) -> Times:
    """For C2square: as many times as there are dimensions at one of those levels."""
    return lambda state: sum(level in levels for level in state)


def _further(*levels: int) -> Times:
    """D1, I2, I3: as many times as there are dimensions at those levels, but for the first."""
    return lambda state: max(0, _each(*levels)(state) - 1)


def _any(*levels: int) -> Times:
    """N5, AtLeastOne3, Intercept: once when any dimension is at one of those levels."""
    return lambda state: min(1, _each(*levels)(state))


def _none(level: int) -> Times:
    """X5: once when no dimension is at that level."""
    return lambda state: int(level not in state)


def _all(level: int) -> Times:
    """A3: once when all five dimensions are at that level."""
    return lambda state: int(set(state) == {level})


def _both(one: Times, other: Times) -> Times:
    """MO3SC3, O2, Z3, MOAD: the times of one, times those of another: once when both are so."""
    return lambda state: one(state) * other(state)


def _squared(times: Times) -> Times:
    """I2square, C3square, Num45sq: the square of how many times another term would count."""
    return lambda state: times(state) ** 2


PAIRS: Mapping[str, Times] = {
    f"{one}{n}{other}{m}": _both(_at(one, n), _at(other, m))
    for one, other in combinations(DIMENSIONS, 2)
    for n, m in product((2, 3), repeat=2)
}
"""Two dimensions at two levels at once, MO2SC2 to PD3AD3."""

INTERACTIONS: Mapping[str, Mapping[str, Times]] = {
    "eq-5d-5l": {
        "Intercept": _any(2, 3, 4, 5),
        "N4": _any(4, 5),
        "N5": _any(5),
        **{f"{dimension}45": _at(dimension, 4, 5) for dimension in DIMENSIONS},
        "Num45sq": _squared(_further(4, 5)),
        "MOAD": _both(_steps("MO"), _steps("AD")),
        "PDAD": _both(_steps("PD"), _steps("AD")),
    },
    "eq-5d-3l": {
        "AtLeastOne2Or3": _any(2, 3),
        "AtLeastOne3": _any(3),
        "D1": _further(2, 3),
        "I2": _further(2),
        "I2square": _squared(_further(2)),
        "I3": _further(3),
        "I3square": _squared(_further(3)),
        "O2": _both(_any(2), _none(3)),
        "O3": _both(_any(3), _none(2)),
        "C2square": _squared(_each(2)),
        "C3square": _squared(_each(3)),
        "X5": _none(1),
        "Z2": _both(_any(2), _any(3)),
        "Z3": _both(_each(2), _any(3)),
        **PAIRS,
    },
    "eq-5d-y-3l": {
        "Intercept": _any(2, 3),
        "A3": _all(3),
    },
}
"""The terms beside the level terms, by instrument."""


def vocabulary(instrument: str) -> tuple[str, ...]:
    """Return every term that a value set of an instrument may have."""
    levels = (*FIRST_LEVEL, *level_terms(LEVELS[instrument]))
    power = (POWER,) if instrument == "eq-5d-y-3l" else ()
    return START[instrument], *levels, *INTERACTIONS[instrument], *power


def help_with_terms(instrument: str) -> str:
    """Return a sentence that names the terms of an instrument."""
    levels = f"MO1 to AD{LEVELS[instrument]}"
    others = [term for term in INTERACTIONS[instrument] if term not in PAIRS]
    pairs = ["pairs such as MO3SC3"] if len(others) < len(INTERACTIONS[instrument]) else []
    power = [POWER] if POWER in vocabulary(instrument) else []
    return f"the terms are {', '.join([START[instrument], levels, *others, *pairs, *power])}"
