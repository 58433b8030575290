"""What may be asked: the types of item, and the words that every document is made of."""

import re
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32)]
"""A variable name that R, SPSS, Stata and SQL all accept: snake_case, at most 32 characters."""

Kebab = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
"""The id of a document, such as `rand-36` or `no-2024`."""

Version = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})$")]
"""MAJOR.MINOR: MAJOR = what is asked changed; MINOR = only the scoring changed."""

Code = Annotated[int, Strict(), Field(ge=0, le=999)]
"""The number that stands for an answer."""


def _plainly_written(key: object) -> object:
    if isinstance(key, str) and not re.fullmatch("0|[1-9][0-9]*", key):
        raise ValueError(f"write the code as a plain number, not {key!r}")
    return key


CodeKey = Annotated[int, BeforeValidator(_plainly_written), Field(ge=0, le=999)]
"""A code as the name of a JSON member, so that no two members can mean the same code."""

Text = Annotated[str, Field(pattern=r"\S", max_length=2000)]
Direction = Literal["higher_is_better", "lower_is_better", "none"]
Number = Annotated[float, Strict(), Field(ge=-1e9, le=1e9)]


class Document(BaseModel):
    """A document that never changes once read, and says nothing that is not in its model."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Asked(Document):
    """Anything that is asked. `show_when` names earlier items, each with codes.

    It is asked only when each of them has one of its codes; without `show_when`, always.
    """

    id: Name
    show_when: dict[Name, Annotated[tuple[Code, ...], Field(min_length=1)]] = {}


class Choice(_Asked):
    """An item answered by choosing one of an option set's codes; `yes_no` when there are two.

    `missing_codes` mean "no answer" in data from elsewhere and are never offered. `not_applicable`
    are codes that are offered and mean that the question does not concern the patient: an answer,
    but neither a number nor a missing one.
    """

    type: Literal["single_choice", "yes_no"]
    options: Name
    direction: Direction
    recode: Name | None = None
    missing_codes: tuple[Code, ...] = ()
    not_applicable: tuple[Code, ...] = ()


class Scale(_Asked):
    """An item answered by a whole number: from 0 to 100 on a vertical scale, or from 0 to 10."""

    type: Literal["eq_vas", "numeric_rating"]
    direction: Direction
    missing_codes: tuple[Code, ...] = ()

    @property
    def most(self) -> int:
        """The largest number that may be chosen."""
        return 100 if self.type == "eq_vas" else 10


Item = Annotated[Choice | Scale, Field(discriminator="type")]


class MultipleChoice(_Asked):
    """Any number of an option set's codes; those in `alone` go with no other ("none of these")."""

    type: Literal["multiple_choice"]
    options: Name
    alone: tuple[Code, ...] = ()


class Quantity(_Asked):
    """A number in a unit that the wording names, within what is plausible."""

    type: Literal["number"]
    least: Number
    most: Number
    decimals: Annotated[int, Strict(), Field(ge=0, le=3)] = 0


DAY = r"(1[89]|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
Day = Annotated[str, Field(pattern=f"^{DAY}$")]
"""A date, such as 2026-11-01."""

DayOrToday = Annotated[str, Field(pattern=f"^(today|{DAY})$")]


class Date(_Asked):
    """A day, within what is plausible; `today` is the day of answering."""

    type: Literal["date"]
    earliest: Day | None = None
    latest: DayOrToday | None = None


class FreeText(_Asked):
    """The patient's own words, on one line or on several."""

    type: Literal["short_text", "long_text"]
    most_characters: Annotated[int, Strict(), Field(ge=1, le=4000)]


class Statement(_Asked):
    """Something to read, with nothing to answer."""

    type: Literal["statement"]


OpenItem = Annotated[
    MultipleChoice | Quantity | Date | FreeText | Statement, Field(discriminator="type")
]
"""What is asked and handed on as it is: no score is made of it."""


AnyItem = Choice | Scale | MultipleChoice | Quantity | Date | FreeText | Statement


def tags(union: object, field: str) -> tuple[str, ...]:
    """Return the words by which the models of a union are told apart, such as the types of item."""
    models = get_args(get_args(union)[0])
    return tuple(word for one in models for word in get_args(one.model_fields[field].annotation))
