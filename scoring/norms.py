"""How a patient's score stands beside those of the population: z and T scores against a norm."""

import numpy as np
from numpy.typing import NDArray

from scoring.methods import Floats
from scoring.reference import Norm, NormRow

Words = NDArray[np.str_]
SEXES = ("female", "male", "other", "unknown", "")
"""The words for sex, as the registry gives them; only the first two have norms."""


def z(
    values: Floats, norm: Norm, score: str, age: Floats | None = None, sex: Words | None = None
) -> Floats:
    """Return (value - mean) / sd [people] against the row of the norm that fits each person.

    `score` is the full name, such as `rand-36/pain`; `age` [people] is in years (24.9 is 24); `sex`
    [people] holds female, male, other, unknown or "". NaN where the value is missing, where no row
    fits, and where the table goes by an age or a sex that is not known. Raises ValueError for
    another instrument's score, columns of another length, and any other word for sex.
    """
    ages = np.full(values.shape, np.nan) if age is None else np.floor(age)
    sexes = np.full(values.shape, "") if sex is None else sex
    norm.must_be_of(score, name := score.rpartition("/")[2])
    if not values.shape == ages.shape == sexes.shape:
        raise ValueError("values, age and sex must have one row a person each")
    if strange := sorted(set(np.unique(sexes)) - set(SEXES)):
        raise ValueError(
            f"{str(strange[0])!r} is no word for sex here; those are {', '.join(SEXES)}"
        )
    found = np.full(values.shape, np.nan)
    for row in norm.rows:
        if row.score == name:
            found = np.where(_fits(row, ages, sexes), (values - row.mean) / row.sd, found)
    return found


def t(
    values: Floats, norm: Norm, score: str, age: Floats | None = None, sex: Words | None = None
) -> Floats:
    """Return T scores, 50 + 10 z [people]: 50 is the population's mean, 10 its sd. As for `z`."""
    return 50 + 10 * z(values, norm, score, age, sex)


def _fits(row: NormRow, ages: Floats, sexes: Words) -> NDArray[np.bool_]:
    of_age = np.ones(ages.shape, np.bool_)
    if row.age is not None:
        of_age = (ages >= row.age[0]) & (ages <= row.age[1])
    return of_age if row.sex is None else of_age & (sexes == row.sex)
