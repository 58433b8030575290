"""Published figures that a score is read against: norms, smallest important changes, reliability.

Each is a document with its source, because such a figure belongs to one score of one instrument in
one group of people, and is wrong anywhere else. A score's full name is `instrument/score`, such as
`eq-5d-3l/index_uk_1997`.
"""

from itertools import combinations
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Strict,
    Tag,
    field_validator,
    model_validator,
)

from scoring.item import (
    Document,
    Kebab,
    Name,
    Number,
    Text,
    Version,
)

Bound = Literal["lower", "upper"]
Positive = Annotated[Number, Field(gt=0)]
Age = Annotated[int, Strict(), Field(ge=0, le=120)]
Figure = TypeVar("Figure")


def _rising(given: tuple[float, ...]) -> tuple[float, ...]:
    if given[0] > given[1]:
        raise ValueError(f"is {list(given)}; write the lower figure first")
    return given


Pair = Annotated[tuple[Figure, ...], Field(min_length=2, max_length=2), AfterValidator(_rising)]
Amount = Annotated[
    Annotated[Positive, Tag("figure")] | Annotated[Pair[Positive], Tag("range")],
    Discriminator(lambda given: "range" if isinstance(given, list | tuple) else "figure"),
]


class Published(Document):
    """What every such document says: of which instrument, by whom, and how well it was checked.

    `checked` is `two-sources` when two independent sources give the same figures, `one-source`
    when one was read, `disputed` when sources differ; `note` says what was read.
    """

    instrument: Kebab
    population: Text
    citation: Text
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,}/\S*[^\s.]$")] | None
    checked: Literal["two-sources", "one-source", "disputed"]
    note: str

    def must_be_of(self, score: str, name: str) -> None:
        """Raise ValueError unless `score` is this instrument's `name`."""
        if score != f"{self.instrument}/{name}":
            raise ValueError(f"these figures are for {self.instrument}/{name}, not for {score}")


class Mcid(Published):
    """The smallest change in a score that matters to patients, as one study found it.

    `amount` is in the score's own units: one figure, or [low, high] where the study gives a range.
    """

    id: Kebab
    version: Version
    score: Name
    value_set: Kebab | None = None
    amount: Amount
    method: Literal["anchor", "distribution", "anchor-and-distribution", "unknown"]

    @model_validator(mode="after")
    def _of_its_value_set(self) -> "Mcid":
        named = f"index_{(self.value_set or '').replace('-', '_')}"
        if (self.score.startswith("index_") or self.value_set) and self.score != named:
            raise ValueError("an index and its value set go together: index_no_2024 and no-2024")
        return self

    def threshold(self, bound: Bound | None = None) -> float:
        """Return the change that counts as important; of a range, the end that `bound` names.

        Raises ValueError for a range when no end is named: which one to use is a decision.
        """
        low, high = self.amount if isinstance(self.amount, tuple) else (self.amount, self.amount)
        ends = {"lower": low, "upper": high} | ({None: low} if low == high else {})
        if bound not in ends:
            raise ValueError(f"{self.id} is a range, {low:g} to {high:g}: name lower or upper")
        return ends[bound]


class Reliability(Published):
    """How precisely a score measures: its spread between people, and its reliability (0 to 1).

    `sd` and `reliability` (test-retest, or internal consistency: `note` says which) come from the
    same people, as Jacobson & Truax 1991 have it.
    """

    score: Name
    sd: Positive
    reliability: Annotated[Number, Field(ge=0, lt=1)]


class NormRow(Document):
    """Mean and sd of one score among people of an age (whole years, both ends in) and a sex.

    null is all ages, and both sexes; `n` is how many people stand behind it, null if not known.
    """

    score: Name
    age: Pair[Age] | None
    sex: Literal["female", "male"] | None
    mean: Number
    sd: Positive
    n: Annotated[int, Strict(), Field(ge=1)] | None


class Norm(Published):
    """How a population answers: the table that a score is compared with.

    `rows` may be empty, until someone has the paper; then nothing can be compared.
    """

    id: Kebab
    version: Version
    country: Text
    year: Annotated[int, Strict(), Field(ge=1900, le=2100)]
    rows: tuple[NormRow, ...]

    @field_validator("rows")
    @classmethod
    def _one_row_a_person(cls, rows: tuple[NormRow, ...]) -> tuple[NormRow, ...]:
        for (one, first), (other, second) in combinations(enumerate(rows, 1), 2):
            if _overlap(first, second):
                both = f"{one} and {other} fit the same people's {first.score}"
                raise ValueError(f"{both}; a person may fit one row only")
        return rows


def _overlap(one: NormRow, other: NormRow) -> bool:
    apart = one.age and other.age and (one.age[1] < other.age[0] or other.age[1] < one.age[0])
    same_sex = one.sex is None or other.sex is None or one.sex == other.sex
    return one.score == other.score and same_sex and not apart
