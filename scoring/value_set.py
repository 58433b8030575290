"""EQ-5D value sets: every health state's index from its published coefficients.

The table of all states is built once in exact decimal arithmetic, so that it holds the published
figures and no rounding of ours; scoring is then a look-up by the state's number.
"""

from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

DIMENSIONS = ("MO", "SC", "UA", "PD", "AD")
"""Mobility, self-care, usual activities, pain/discomfort, anxiety/depression."""

LEVELS = {"eq-5d-5l": 5}
"""How many levels each dimension of an instrument has."""

START = "StartValue"


class ValueSet(BaseModel):
    """A published value set: its coefficients, and the paper that they were read from.

    The index of a state is `StartValue` plus one coefficient for each dimension above level 1
    (`MO2` ... `AD5`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=17)]
    version: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})$")]
    instrument: Literal["eq-5d-5l"]
    country: Annotated[str, Field(min_length=1)]
    year: Annotated[int, Field(ge=1990, le=2100)]
    type: Literal["VT"]
    citation: Annotated[str, Field(min_length=1)]
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,}/\S+$")]
    checked: Literal["two-sources", "one-source", "disputed"]
    note: str
    coefficients: dict[str, Annotated[float, Field(allow_inf_nan=False)]]

    @model_validator(mode="after")
    def _complete(self) -> "ValueSet":
        wanted = {START} | {f"{d}{n}" for d in DIMENSIONS for n in range(2, self.levels + 1)}
        lacking, unknown = wanted - set(self.coefficients), set(self.coefficients) - wanted
        if lacking:
            raise ValueError(f"coefficients lacks {', '.join(sorted(lacking))}")
        if unknown:
            raise ValueError(f"coefficients has unknown names: {', '.join(sorted(unknown))}")
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
        exact = {name: Decimal(repr(value)) for name, value in self.coefficients.items()}
        states = product(range(1, self.levels + 1), repeat=len(DIMENSIONS))
        table = np.array([float(_index(exact, state)) for state in states])
        table.flags.writeable = False
        return table


def _index(coefficients: dict[str, Decimal], state: tuple[int, ...]) -> Decimal:
    steps = (coefficients[f"{d}{n}"] for d, n in zip(DIMENSIONS, state, strict=True) if n > 1)
    return sum(steps, start=coefficients[START])
