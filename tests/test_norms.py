"""A score stands beside the population's: z and T scores against a norm, by example."""

import numpy as np
import pytest

from scoring.norms import t, z
from scoring.reference import Norm
from tests.documents import NORMS, read
from tests.figures import norm, row

NAN = np.nan


def test_a_score_is_compared_with_people_of_the_same_age_and_sex() -> None:
    values = np.array([90.0, 90, 90, 90])
    ages, sexes = np.array([18.0, 45, 45, 99]), np.array(["female", "female", "male", "male"])
    assert z(values, norm(), "short/pain", ages, sexes).tolist() == [1, 1, 1, 1]
    assert t(values, norm(), "short/pain", ages, sexes).tolist() == [60, 60, 60, 60]


def test_both_ends_of_an_age_group_are_in_it_and_a_year_lasts_until_the_next() -> None:
    values, sexes = np.full(6, 80.0), np.full(6, "female")
    ages = np.array([17.99, 18, 44, 44.99, 45, 99.99])
    given = z(values, norm(), "short/pain", ages, sexes)
    np.testing.assert_array_equal(given, [NAN, 0, 0, 0, 0.5, 0.5])


def test_without_a_row_there_is_no_comparison() -> None:
    values = np.array([80.0, 80, 80, 80, 80, NAN])
    ages = np.array([17.0, 100, 30, 30, NAN, 30])
    sexes = np.array(["female", "female", "other", "", "female", "female"])
    given = z(values, norm(), "short/pain", ages, sexes)
    assert np.isnan(given).all()
    assert np.isnan(z(values, norm(), "short/pain")).all()
    assert np.isnan(z(values, norm(), "short/appetite", ages, sexes)).all()


def test_a_row_for_all_needs_neither_age_nor_sex() -> None:
    given = t(np.array([50.0, 55, 40, NAN]), norm(), "short/sleep")
    np.testing.assert_array_equal(given, [50, 60, 30, NAN])


def test_a_norm_that_goes_by_sex_alone_needs_no_age() -> None:
    subject = norm([row("pain", None, "female", 70, 10), row("pain", None, "male", 60, 10)])
    given = z(np.array([70.0, 70]), subject, "short/pain", sex=np.array(["female", "male"]))
    assert given.tolist() == [0, 1]


def test_an_empty_norm_gives_no_comparison_at_all() -> None:
    values, ages, sexes = np.array([50.0]), np.array([40.0]), np.array(["male"])
    assert np.isnan(t(values, norm([]), "short/pain", ages, sexes)).all()


def test_another_instruments_score_of_the_same_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"for short/pain, not for rand-12/pain"):
        z(np.array([50.0]), norm(), "rand-12/pain")


def test_another_word_for_sex_is_refused() -> None:
    with pytest.raises(ValueError, match="'F' is no word for sex here"):
        z(np.array([50.0]), norm(), "short/pain", np.array([40.0]), np.array(["F"]))


@pytest.mark.parametrize("people", [1, 3])
def test_columns_of_other_people_are_refused(people: int) -> None:
    values = np.array([50.0, 60.0])
    with pytest.raises(ValueError, match="one row a person"):
        z(values, norm(), "short/pain", np.full(people, 40.0))
    with pytest.raises(ValueError, match="one row a person"):
        z(values, norm(), "short/pain", sex=np.full(people, "male"))


def test_neighbouring_ages_other_sexes_and_other_scores_do_not_overlap() -> None:
    assert len(norm().rows) == 4


def test_the_mean_of_the_usa_in_1990_has_a_t_score_of_50_in_rand_36() -> None:
    subject = Norm.model_validate(read(NORMS / "rand-36" / "us-1990.json"))
    assert t(np.array([75.49196, 75.49196 + 23.55879]), subject, "rand-36/pain").tolist() == [
        50,
        pytest.approx(60),
    ]
    assert "SF-36" in subject.note
    assert len(subject.rows) == 8
    assert all(one.n is None for one in subject.rows)
