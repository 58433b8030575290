"""What a questionnaire's definition may say: its items, how they are scored, and its own examples.

A definition holds codes and arithmetic, no prose; what a patient reads is a wording (`wording.py`).
Whatever cannot be said by shape alone (an item that does not exist, a range the arithmetic cannot
give) is checked in `rules.py`.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from scoring.value_set import ValueSet

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


class Licence(Document):
    """Who owns the questionnaire, and on what terms it may be used."""

    status: Literal["free", "attribution", "licensed", "unconfirmed"]
    holder: Text
    credit: Text
    terms: Text


class Choice(Document):
    """An item answered by choosing one of an option set's codes."""

    id: Name
    type: Literal["single_choice"]
    options: Name
    direction: Direction
    recode: Name | None = None
    missing_codes: tuple[Code, ...] = ()


class EqVas(Document):
    """An item answered by a whole number from 0 to 100 on a vertical scale."""

    id: Name
    type: Literal["eq_vas"]
    direction: Direction
    missing_codes: tuple[Code, ...] = ()


Item = Annotated[Choice | EqVas, Field(discriminator="type")]


class Page(Document):
    """Items that stand together; `stem` says whether the wording has an opening text for them."""

    id: Name
    stem: bool
    items: Annotated[tuple[Name, ...], Field(min_length=1)]


class MinAnswered(Document):
    """The score is given when at least this many of its items are answered."""

    min_answered: Annotated[int, Field(ge=1)]


class MaxMissing(Document):
    """The score is given when at most this many of its items are unanswered."""

    max_missing: Annotated[int, Field(ge=0)]


MissingRule = Literal["all", "half", "any"] | MinAnswered | MaxMissing


class _Score(Document):
    id: Name
    name: Text
    range: tuple[Number, Number]
    direction: Direction
    source: Text


class Mean(_Score):
    """The mean of recoded items, over those that were answered, if the missing rule is met.

    `missing` is the instrument's own rule; `missing_options` are the rules that a registry may ask
    for instead.
    """

    method: Literal["mean"]
    items: Annotated[tuple[Name, ...], Field(min_length=1)]
    missing: MissingRule
    missing_options: tuple[Literal["all", "half", "any"], ...] = ()


class Sum(_Score):
    """The sum of recoded items, given only when all of them are answered."""

    method: Literal["sum"]
    items: Annotated[tuple[Name, ...], Field(min_length=1)]


class ItemPoints(Document):
    """What each code of one item adds to a points score."""

    item: Name
    points: dict[CodeKey, Number]


class Points(_Score):
    """A constant plus points for each item's code, given only when all its items are answered."""

    method: Literal["points"]
    constant: Number
    items: Annotated[tuple[ItemPoints, ...], Field(min_length=1)]


class Term(Document):
    """One score in a combination: weight x (score - mean) / sd."""

    score: Name
    weight: Number
    mean: Number = 0.0
    sd: Annotated[Number, Field(gt=0)] = 1.0


class Affine(Document):
    """The last step of a combination: add + multiply x value."""

    multiply: Number
    add: Number


class Combine(_Score):
    """A weighted sum of standardised scores, given only when every one of them is given.

    `requires` names items that must be answered besides.
    """

    method: Literal["combine"]
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]
    affine: Affine = Affine(multiply=1.0, add=0.0)
    requires: tuple[Name, ...] = ()


class Index(_Score):
    """The index of a health state in a published value set, given only for a complete state."""

    method: Literal["value-set"]
    items: Annotated[tuple[Name, ...], Field(min_length=5, max_length=5)]
    value_set: Kebab


Score = Annotated[Mean | Sum | Points | Combine | Index, Field(discriminator="method")]


class Example(Document):
    """Answers whose scores are known, and where they are known from.

    An item left out of `answers` is unanswered; an expected score of null must not be given.
    """

    name: Text
    source: Text
    answers: dict[Name, Code]
    missing_rule: Literal["all", "half", "any"] | None = None
    expected: Annotated[dict[Name, Number | None], Field(min_length=1)]


class Instrument(Document):
    """A questionnaire: what is asked, in codes, and what the answers are worth."""

    id: Kebab
    version: Version
    kind: Literal["PROM", "PREM"]
    name: Text
    source: Text
    licence: Licence
    recall_period: Text
    option_sets: dict[Name, Annotated[tuple[Code, ...], Field(min_length=2)]]
    recodes: dict[Name, dict[CodeKey, Number]]
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    pages: Annotated[tuple[Page, ...], Field(min_length=1)]
    scores: Annotated[tuple[Score, ...], Field(min_length=1)]
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]
    value_sets: dict[Kebab, ValueSet] = {}

    def item(self, item_id: str) -> Choice | EqVas:
        """Return the item of this id; KeyError if there is none."""
        return next((one for one in self.items if one.id == item_id), None) or _no(item_id)

    def codes(self, item: Choice | EqVas) -> tuple[int, ...]:
        """Return the codes that a patient may give as an answer, in the order they are shown."""
        return self.option_sets[item.options] if isinstance(item, Choice) else tuple(range(101))

    def value(self, item: Choice | EqVas, code: int) -> float:
        """Return what a code is worth when items are averaged or summed (the code if no recode)."""
        recode = item.recode if isinstance(item, Choice) else None
        return self.recodes[recode][code] if recode else float(code)


def _no(item_id: str) -> Choice:
    raise KeyError(item_id)
