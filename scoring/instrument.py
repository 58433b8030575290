"""What a questionnaire's definition may say: its items, how they are scored, and its own examples.

A definition holds codes and arithmetic, no prose; what a patient reads is a wording (`wording.py`).
Whatever cannot be said by shape alone (an item that does not exist, a range the arithmetic cannot
give) is checked in `checks/`.
"""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from scoring.item import (
    AnyItem,
    Choice,
    Code,
    CodeKey,
    Direction,
    Document,
    Item,
    Kebab,
    MultipleChoice,
    Name,
    Number,
    OpenItem,
    Scale,
    Text,
    Version,
)
from scoring.value_set import ValueSet


class Licence(Document):
    """Who owns the questionnaire, and on what terms it may be used."""

    status: Literal["free", "attribution", "licensed", "unconfirmed"]
    holder: Text
    credit: Text
    terms: Text


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


NamedRule = Literal["all", "half", "any"]


def _kind_of_rule(rule: object) -> str:
    """Say which kind of missing rule is meant, so that what is wrong with it is told but once."""
    if isinstance(rule, dict):
        return "max_missing" if "max_missing" in rule else "min_answered"
    if isinstance(rule, MinAnswered | MaxMissing):
        return "max_missing" if isinstance(rule, MaxMissing) else "min_answered"
    return "named"


MissingRule = Annotated[
    Annotated[NamedRule, Tag("named")]
    | Annotated[MinAnswered, Tag("min_answered")]
    | Annotated[MaxMissing, Tag("max_missing")],
    Discriminator(_kind_of_rule),
]


class Band(Document):
    """A word for the values from `at_least` up to the next band."""

    at_least: Number
    label: Text


class Affine(Document):
    """A last step: add + multiply x value."""

    multiply: Number
    add: Number


AS_IT_IS = Affine(multiply=1.0, add=0.0)


class _Score(Document):
    id: Name
    name: Text
    range: tuple[Number, Number]
    direction: Direction
    source: Text
    bands: tuple[Band, ...] = ()


class _Figured(_Score):
    """A score that is figured out of numbers, and may be moved, turned and clamped at the end."""

    affine: Affine = AS_IT_IS
    clamp: tuple[Number, Number] | None = None


class _OfItems(_Figured):
    """A score of recoded items under a missing rule.

    `missing` is the instrument's own rule; `missing_options` are the rules that a registry may ask
    for instead.
    """

    items: Annotated[tuple[Name, ...], Field(min_length=1)]
    missing: MissingRule = "all"
    missing_options: tuple[NamedRule, ...] = ()


class Mean(_OfItems):
    """The mean of recoded items, over those that were answered, if the missing rule is met."""

    method: Literal["mean"]
    missing: MissingRule


class Sum(_OfItems):
    """The sum of recoded items, if the missing rule is met.

    A rule that does without some of the answers needs `substitute`: each of them then counts as the
    mean of those that the person gave.
    """

    method: Literal["sum"]
    substitute: Literal["person-mean"] | None = None


class Count(_OfItems):
    """How many recoded items have one of the `values`, if the missing rule is met.

    A rule that does without some of the answers needs `substitute`, as in a sum.
    """

    method: Literal["count"]
    values: Annotated[tuple[Number, ...], Field(min_length=1)]
    substitute: Literal["person-mean"] | None = None


class ItemPoints(Document):
    """What each code of one item adds to a points score."""

    item: Name
    points: dict[CodeKey, Number]


class Points(_Figured):
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


class Combine(_Figured):
    """A weighted sum of standardised scores, given only when every one of them is given.

    `requires` names items that must be answered besides.
    """

    method: Literal["combine"]
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]
    requires: tuple[Name, ...] = ()


class Index(_Score):
    """The index of a health state in a published value set, given only for a complete state."""

    method: Literal["value-set"]
    items: Annotated[tuple[Name, ...], Field(min_length=5, max_length=5)]
    value_set: Kebab


class Lookup(_Score):
    """What a published table gives for another score's value, which must be a whole number."""

    method: Literal["lookup"]
    score: Name
    table: Annotated[dict[CodeKey, Number], Field(min_length=1)]


class Bounds(Document):
    """What another score's value must be; every bound that is named must hold."""

    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None


class Case(Document):
    """The value that is given when every one of the named scores is within its bounds."""

    when: Annotated[dict[Name, Bounds], Field(min_length=1)]
    value: Number


class Cases(_Score):
    """The value of the first case that holds, else `otherwise`.

    Given only when every score that any case names is given.
    """

    method: Literal["cases"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Number


OfItems = Mean | Sum | Count

Score = Annotated[
    Mean | Sum | Count | Points | Combine | Index | Lookup | Cases, Field(discriminator="method")
]


class Example(Document):
    """Answers whose scores are known, and where they are known from.

    An item left out of `answers` is unanswered; an expected score of null must not be given.
    """

    name: Text
    source: Text
    answers: dict[Name, Code]
    missing_rule: NamedRule | None = None
    expected: Annotated[dict[Name, Number | None], Field(min_length=1)]


class Instrument(Document):
    """A questionnaire: what is asked, in codes, and what the answers are worth.

    `items` are answered by codes and may be scored; `open_items` are handed on as they are.
    """

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
    open_items: tuple[OpenItem, ...] = ()
    pages: Annotated[tuple[Page, ...], Field(min_length=1)]
    scores: Annotated[tuple[Score, ...], Field(min_length=1)]
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]
    value_sets: Annotated[dict[Kebab, ValueSet], Field(default_factory=dict)]

    @cached_property
    def _scored(self) -> dict[str, Choice | Scale]:
        """The items by id; of two with the same id, which is a problem, the first."""
        return {one.id: one for one in reversed(self.items)}

    @cached_property
    def _open(self) -> dict[str, AnyItem]:
        return {one.id: one for one in reversed(self.open_items)}

    def asked(self, item_id: str) -> AnyItem:
        """Return the item or open item of this id; KeyError if there is none."""
        return self._scored.get(item_id) or self._open[item_id]

    def in_order(self) -> tuple[AnyItem, ...]:
        """Return all that is asked, in the order in which patients meet it."""
        by_id = {one.id: one for one in (*self.items, *self.open_items)}
        return tuple(by_id[name] for page in self.pages for name in page.items)

    def item(self, item_id: str) -> Choice | Scale:
        """Return the item of this id; KeyError if there is none."""
        return self._scored[item_id]

    def codes(self, item: AnyItem) -> tuple[int, ...]:
        """Return the codes that a patient may give as an answer, in the order they are shown.

        There are none for an item that is not answered by codes.
        """
        if isinstance(item, Choice | MultipleChoice):
            return self.option_sets[item.options]
        return tuple(range(item.most + 1)) if isinstance(item, Scale) else ()

    def scored_codes(self, item: Choice | Scale) -> tuple[int, ...]:
        """Return the codes that are worth something: all that are on offer but "not applicable"."""
        apart = item.not_applicable if isinstance(item, Choice) else ()
        return tuple(code for code in self.codes(item) if code not in apart)

    def value(self, item: Choice | Scale, code: int) -> float:
        """Return what a code is worth when items are averaged or summed (the code if no recode)."""
        recode = item.recode if isinstance(item, Choice) else None
        return self.recodes[recode][code] if recode else float(code)

    def values(self, item_id: str) -> tuple[float, ...]:
        """Return what the codes of an item are worth; KeyError if there is no such item."""
        item = self.item(item_id)
        return tuple(self.value(item, code) for code in self.scored_codes(item))
