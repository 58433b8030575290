"""EQ-5D value sets: every health state's index, from published coefficients or a published table.

The table of all states is built once in exact decimal arithmetic, so that it holds the published
figures and no rounding of ours; scoring is then a look-up by the state's number.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, cached_property
from itertools import product
from math import prod
from typing import Annotated, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from scoring.terms import (
    DIMENSIONS as DIMENSIONS,
)
from scoring.terms import (
    FIRST_LEVEL,
    INTERACTIONS,
    LEVELS,
    POWER,
    START,
    State,
    help_with_terms,
    level_terms,
    states,
    vocabulary,
)

TYPES: Mapping[str, tuple[str, ...]] = {
    "eq-5d-5l": ("VT", "CW"),
    "eq-5d-3l": ("TTO", "VAS", "RCW"),
    "eq-5d-y-3l": ("IVP",),
}
"""What kinds of value set an instrument has.

VT: EuroQol's valuation technology. TTO: time trade-off. VAS: visual analogue scale. IVP:
international valuation protocol. CW: crosswalk, from 5L states to a country's 3L values. RCW:
reverse crosswalk, from 3L states to a country's 5L values.
"""

TABLES = ("CW", "RCW")
"""The types that are published as a table of all states, and used as published."""

SHOWN = 5
"""How many states a message names before it only counts the others."""

Number = Annotated[float, Strict(), Field(ge=-10, le=10)]
"""A coefficient or an index; anything beyond ten is a slip of the decimal point."""

ZERO, ONE = Decimal(0), Decimal(1)

Exact = Mapping[str, Decimal]

_TERM: JsonDict = {
    "propertyNames": {
        "enum": [*dict.fromkeys(term for name in LEVELS for term in vocabulary(name))]
    }
}
_STATE: JsonDict = {"propertyNames": {"pattern": "^[1-5]{5}$"}}


def _refuse(message: str) -> NoReturn:
    raise PydanticCustomError("value_set", "{message}", {"message": message})


class ValueSet(BaseModel):
    """A published value set: its coefficients or its table, and the paper they were read from.

    The index of a state is where every state starts (`StartValue`, `FullHealth`), plus one
    coefficient for each dimension above level 1 (`MO2` ... `AD5`), plus what the interaction terms
    add (`terms.py`); with `form` product they are multiplied. `overrides` are states whose
    published index is not what the coefficients give. A crosswalk has `values`: the table itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=17)]
    version: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})$")]
    instrument: Literal["eq-5d-5l", "eq-5d-3l", "eq-5d-y-3l"]
    country: Annotated[str, Field(pattern=r"\S")]
    year: Annotated[int, Field(ge=1990, le=2100)] | None
    type: Literal["VT", "CW", "TTO", "VAS", "IVP", "RCW"]
    citation: Annotated[str, Field(pattern=r"\S")]
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,}/\S*[^\s.]$")] | None
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    isbn: Annotated[str, Field(pattern=r"^[0-9][0-9-]{8,15}[0-9X]$")] | None = None
    checked: Literal["two-sources", "one-source", "disputed"]
    note: str
    form: Literal["sum", "product"] = "sum"
    coefficients: dict[str, Number] | None = Field(None, json_schema_extra=_TERM)
    overrides: dict[str, Number] = Field({}, json_schema_extra=_STATE)
    values: dict[str, Number] | None = Field(None, json_schema_extra=_STATE)

    @field_validator("type")
    @classmethod
    def _of_the_instrument(cls, kind: str, info: ValidationInfo) -> str:
        if (instrument := info.data.get("instrument")) and kind not in TYPES[instrument]:
            _refuse(f"{kind} is no type of {instrument} set; those are {_list(TYPES[instrument])}")
        return kind

    @field_validator("coefficients")
    @classmethod
    def _complete(cls, given: dict[str, float] | None, info: ValidationInfo) -> object:
        if given is not None and (instrument := info.data.get("instrument")):
            _check_terms(given, instrument)
            _check_power(given, instrument, info.data.get("form"))
        return given

    @field_validator("overrides", "values")
    @classmethod
    def _of_known_states(cls, given: dict[str, float] | None, info: ValidationInfo) -> object:
        if given is not None and (instrument := info.data.get("instrument")):
            _check_states(given, instrument, every=info.field_name == "values")
        return given

    @model_validator(mode="after")
    def _whole(self) -> "ValueSet":
        if not (self.doi or self.url or self.isbn):
            _refuse("has no doi; give the url or the isbn of what was published")
        if self.year is None and not self.note.strip():
            _refuse("has no year; say why in the note")
        right, other = ("values", "coefficients")[:: 1 if self.type in TABLES else -1]
        if getattr(self, right) is None or getattr(self, other) is not None:
            _refuse(f"a set of type {self.type} needs {right}, and takes no {other}")
        if self.values and (self.overrides or self.form == "product"):
            _refuse("values stand as published; there is nothing to override or to multiply")
        return self

    @property
    def levels(self) -> int:
        """How many levels each dimension has."""
        return LEVELS[self.instrument]

    @cached_property
    def indices(self) -> NDArray[np.float64]:
        """Every state's index, shape [levels ** 5], by the state's number.

        The number of state (mo, sc, ua, pd, ad) is the base-`levels` number whose digits are the
        levels minus one: 11111 is 0, 11112 is 1, and 55555 is 3124.
        """
        values = self.values or {}
        if self.coefficients is not None:
            exact = {name: Decimal(repr(value)) for name, value in self.coefficients.items()}
            values = dict(_indices(exact, self.instrument, self.form)) | self.overrides
        table = np.array([values[name] for name in _names(self.instrument)])
        table.flags.writeable = False
        return table

    def tell(self, state: State) -> tuple[list[str], float]:
        """Return how the index of a state such as (2, 1, 3, 4, 5) comes about, and the index.

        A line for every coefficient that applies, so that they can be added up by hand.
        """
        name = "".join(map(str, state))
        index = float(self.indices[_names(self.instrument).index(name)])
        given = self.coefficients
        if given is None or name in self.overrides:
            return [f"the published value of {name}: {index:.10g}"], index
        levels = (f"{d}{level}" for d, level in zip(DIMENSIONS, state, strict=True))
        times = {START[self.instrument]: 1} | dict.fromkeys(levels, 1)
        times |= {term: count(state) for term, count in INTERACTIONS[self.instrument].items()}
        lines = [
            f"{term}: {given[term]:.10g}" + (f", {count} times" if count > 1 else "")
            for term, count in times.items()
            if term in given and count
        ]
        if POWER in given:
            lines.append(f"the levels together are raised to the power {given[POWER]:.10g}")
        return [*lines, f"{'sum' if self.form == 'sum' else 'product'}: {index:.10g}"], index


@cache
def _names(instrument: str) -> tuple[str, ...]:
    """Return the name of every state, such as 21345, by its number."""
    return tuple("".join(map(str, state)) for state in states(LEVELS[instrument]))


def _indices(exact: Exact, instrument: str, form: str) -> Iterator[tuple[str, float]]:
    """Yield every state's name with the index that the coefficients give it."""
    start, power, absent = exact[START[instrument]], exact.get(POWER, ONE), Decimal(form != "sum")
    levels = range(1, LEVELS[instrument] + 1)
    steps = product(*([exact.get(f"{d}{level}", absent) for level in levels] for d in DIMENSIONS))
    others = [
        (exact[term], times) for term, times in INTERACTIONS[instrument].items() if term in exact
    ]
    every = zip(_names(instrument), states(LEVELS[instrument]), steps, strict=True)
    for name, state, of_levels in every:
        counted = [(value, times(state)) for value, times in others]
        if form == "sum":
            yield name, float(start + _added(of_levels, counted, power))
        else:
            yield name, float(start * _multiplied(of_levels, counted))


Counted = Iterable[tuple[Decimal, int]]
"""The interaction terms of a set: each coefficient, and how many times it counts for a state."""


def _added(levels: Iterable[Decimal], counted: Counted, power: Decimal) -> Decimal:
    below = -sum(levels, start=ZERO)
    return sum((value * times for value, times in counted), start=-(below**power))


def _multiplied(levels: Iterable[Decimal], counted: Counted) -> Decimal:
    return prod((value**times for value, times in counted if times), start=prod(levels, start=ONE))


def _check_terms(given: Mapping[str, float], instrument: str) -> None:
    """Refuse a term that the instrument does not know, and a level that has none."""
    problems = []
    if unknown := [term for term in given if term not in vocabulary(instrument)]:
        problems.append(f"has {_list(unknown)}, unknown here; {help_with_terms(instrument)}")
    wanted = [START[instrument], *level_terms(LEVELS[instrument])]
    wanted += FIRST_LEVEL if set(FIRST_LEVEL) & set(given) else ()
    if lacking := [term for term in wanted if term not in given]:
        why = "each level has one, even if it is 0 (in a product 1)"
        problems.append(f"lacks {_list(lacking)}; {why}")
    if problems:
        _refuse(". It ".join(problems))


def _check_power(given: Mapping[str, float], instrument: str, form: str | None) -> None:
    """Refuse a power that has no meaning: of a gain, or of a product."""
    if POWER in given:
        levels = (*level_terms(LEVELS[instrument]), *FIRST_LEVEL)
        if gains := [term for term in levels if given.get(term, 0) > 0]:
            _refuse(f"has {POWER}, which raises a sum of losses; {_list(gains)} is above 0")
        if given[POWER] <= 0 or form == "product":
            _refuse(f"has {POWER}, which must be above 0 and stand in a sum")


def _check_states(given: Mapping[str, float], instrument: str, *, every: bool) -> None:
    """Refuse what is no state of the instrument, and a table that lacks one."""
    names = _names(instrument)
    if unknown := sorted(set(given) - set(names)):
        _refuse(f"has {_few(unknown)}; the states of {instrument} are {names[0]} to {names[-1]}")
    if every and (lacking := [name for name in names if name not in given]):
        _refuse(f"lacks {_few(lacking)}; a table has each of the {len(names)} states")


def _few(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return _list(names[:SHOWN]) + more


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
