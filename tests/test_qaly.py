"""The area under a patient's curve of utility: the rules, by example."""

from typing import Any

import numpy as np
import pytest

from scoring import ValueSet
from scoring.change import States
from scoring.qaly import (
    Curve,
    alive,
    area_under_curve,
    curve_of_states,
    discounted_area,
    in_years,
)
from tests.documents import VALUE_SETS, read

NAN = np.nan
NULL = pytest.approx(NAN, nan_ok=True)
NORWAY = "eq-5d-5l/no-2024"


def curve(years: list[float], *utilities: list[float], died: list[float] | None = None) -> Curve:
    """Return the curves of people who came at the same times."""
    return Curve(
        [NORWAY] * len(years),
        np.array([years] * len(utilities)),
        np.array(utilities),
        alive(len(utilities)) if died is None else np.array(died),
    )


def area(subject: Curve, **how: Any) -> list[float]:
    found: list[float] = np.round(area_under_curve(subject, **how).area, 12).tolist()
    return found


def test_between_visits_the_curve_is_straight_over_the_actual_dates() -> None:
    subject = curve([0, 0.25, 1], [0.5, 0.7, 0.9], [1, 1, 1])
    found = area_under_curve(subject)
    np.testing.assert_allclose(found.area, [0.25 * 0.6 + 0.75 * 0.8, 1], atol=1e-12)
    np.testing.assert_allclose(found.mean_utility, [0.75, 1], atol=1e-12)
    np.testing.assert_allclose(found.over_baseline, [0.25, 0], atol=1e-12)
    assert found.years.tolist() == [1, 1]
    assert found.baseline.tolist() == [0.5, 1]


def test_everyone_comes_at_times_of_their_own() -> None:
    years = np.array([[0, 0.5, 1], [-0.1, 0.3, 1.4]])
    subject = Curve([NORWAY] * 3, years, np.full((2, 3), 0.8), alive(2))
    assert area(subject) == [0.8, 1.2]


def test_a_missed_visit_inside_is_bridged_or_takes_the_curve_away() -> None:
    subject = curve([0, 0.5, 1], [0.4, NAN, 0.8], [0.4, 0.5, 0.8])
    assert area(subject) == [0.6, 0.55]
    assert area(subject, inside="null") == [NULL, 0.55]


def test_nothing_is_guessed_before_the_first_visit_or_after_the_last() -> None:
    subject = curve([0, 0.5, 1], [NAN, 0.5, 0.8], [0.4, 0.5, NAN], [NAN, NAN, NAN])
    found = area_under_curve(subject)
    for column in (found.area, found.years, found.baseline, found.mean_utility):
        assert np.isnan(column).all()
    assert np.isnan(found.over_baseline).all()
    assert np.isnan(discounted_area(subject, 0.04, "continuous")).all()
    assert np.isnan(discounted_area(subject, 0.04, "by_year")).all()


def test_a_missed_visit_needs_no_date() -> None:
    years = np.array([[0, NAN, 1], [NAN, 0.5, 1], [0, 0.5, NAN]])
    utility = np.array([[0.4, NAN, 0.8], [NAN, 0.5, 0.8], [0.4, 0.8, NAN]])
    subject = Curve([NORWAY] * 3, years, utility, alive(3))
    assert area(subject) == [0.6, NULL, NULL]
    assert area(subject, to=0.5) == [0.25, NULL, 0.3]
    assert area(subject, to=0.5, inside="null") == [NULL, NULL, 0.3]


def test_the_curve_is_cut_at_its_stated_end() -> None:
    subject = curve([0, 0.5, 1, 3], [0.4, 0.8, 0.6, 0.2])
    assert area(subject, to=0.25) == [0.125]
    assert area(subject, to=1) == [0.65]
    assert area(subject, to=2) == [0.65 + 0.5]
    assert area(subject, to=np.array([0.5])) == [0.3]
    assert area(subject, to=3.01) == [NULL]


def test_a_visit_missed_after_the_end_takes_nothing_away() -> None:
    subject = curve([0, 1, 2, 3], [0.4, 0.8, NAN, 0.2], [0.4, NAN, 0.8, 0.2], [0.4, 0.8, NAN, NAN])
    assert area(subject, to=1, inside="null") == [0.6, NULL, 0.6]
    assert area(subject, to=1) == [0.6, 0.5, 0.6]


def test_who_dies_has_the_last_utility_until_then_and_0_afterwards() -> None:
    subject = curve([0, 0.25, 1], [0.5, 0.7, NAN], [0.5, NAN, NAN], died=[0.6, 0.6])
    found = area_under_curve(subject, to=1)
    np.testing.assert_allclose(found.area, [0.395, 0.3], atol=1e-12)
    np.testing.assert_allclose(found.mean_utility, [0.395, 0.3], atol=1e-12)
    np.testing.assert_allclose(found.over_baseline, [-0.105, -0.2], atol=1e-12)
    assert area(subject, to=1, inside="null") == [0.395, NULL]
    that_day = curve([0, 0.25, 0.6], [0.5, 0.7, NAN], died=[0.6])
    assert area(that_day, to=1, inside="null") == [0.395]
    assert area(subject, to=2) == [0.395, 0.3]


def test_a_utility_below_0_ends_at_death_too() -> None:
    subject = curve([0, 1], [-0.4, NAN], died=[0.5])
    assert area(subject, to=1) == [-0.2]


def test_one_visit_is_enough_for_who_dies() -> None:
    subject = curve([0], [0.6], died=[0.5])
    assert area(subject, to=1) == [0.3]


def test_who_dies_after_the_end_is_alive_in_the_curve() -> None:
    subject = curve([0, 0.5, 1], [0.5, 0.7, NAN], [0.5, 0.7, 0.9], died=[1.5, 1.5])
    assert area(subject) == [NULL, 0.7]
    assert area(subject, to=0.75) == [NULL, 0.5 * 0.6 + 0.25 * 0.75]


def test_a_death_on_the_day_of_the_end_or_of_a_visit_counts() -> None:
    subject = curve([0, 0.5, 1], [0.6, 0.6, NAN], [0.6, 0.6, NAN], died=[0.5, 1])
    assert area(subject, to=1) == [0.3, 0.6]


def test_without_an_end_a_death_must_leave_the_last_visit_dated() -> None:
    years = np.array([[0, 1], [0, NAN]])
    utility = np.array([[0.6, NAN], [0.6, NAN]])
    subject = Curve([NORWAY] * 2, years, utility, np.array([NAN, 0.5]))
    with pytest.raises(ValueError, match=r"^row 1: died: say in `to` where the curve ends$"):
        area_under_curve(subject)
    assert area(subject, to=1) == [NULL, 0.3]
    assert area(curve([0, 1], [0.6, NAN], died=[0.5])) == [0.3]


def test_the_first_year_counts_whole_and_each_later_one_by_a_step_less() -> None:
    subject = curve([0, 1, 2.5], [1, 1, 1])
    given = discounted_area(subject, 0.04, "by_year")
    np.testing.assert_allclose(given, [1 + 1 / 1.04 + 0.5 / 1.04**2], atol=1e-12)


def test_years_and_moments_count_from_the_first_visit() -> None:
    for way in ("by_year", "continuous"):
        early, late = (
            discounted_area(curve([start, start + 1.5], [0.4, 0.8]), 0.04, way)
            for start in (-0.2, 3)
        )
        np.testing.assert_allclose(early, late, atol=1e-12)


def test_every_moment_counts_by_its_own_discount() -> None:
    subject = curve([0, 2], [0.5, 0.5], [0, 1])
    given = discounted_area(subject, 0.04, "continuous")
    log = np.log(1.04)
    flat = 0.5 * (1 - 1.04**-2) / log
    rising = ((1 - 1.04**-2) / log - 2 * 1.04**-2) / log / 2
    np.testing.assert_allclose(given, [flat, rising], atol=1e-12)


def test_who_dies_is_discounted_until_then() -> None:
    subject = curve([0, 1], [0.5, NAN], died=[1.5])
    given = discounted_area(subject, 0.04, "by_year", to=2)
    np.testing.assert_allclose(given, [0.5 + 0.25 / 1.04], atol=1e-12)


@pytest.mark.parametrize("rate", [0, -0.04, 1, 4, NAN])
def test_a_rate_that_is_no_share_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match=r"a share a year, above 0 and below 1: \.04 is 4 %"):
        discounted_area(curve([0, 1], [1, 1]), rate, "by_year")


@pytest.mark.parametrize(
    "sets", [[NORWAY, "eq-5d-5l/dk-2021"], [NORWAY, "eq-5d-3l/uk-1997"], [NORWAY], []]
)
def test_value_sets_are_never_mixed_along_one_curve(sets: list[str]) -> None:
    with pytest.raises(ValueError, match="one and the same value set"):
        Curve(sets, np.array([[0.0, 1.0]]), np.array([[0.5, 0.6]]), alive(1))


@pytest.mark.parametrize(
    ("years", "utility", "died", "why"),
    [
        ([0, 1, 1], [0.5, 0.5, 0.5], NAN, "times must rise from visit to visit"),
        ([0, 1, 0.5], [0.5, 0.5, NAN], NAN, "times must rise from visit to visit"),
        ([1, NAN, 0.5], [0.5, NAN, 0.5], NAN, "times must rise from visit to visit"),
        ([0, 1, 2], [0.5, 0.5, 0.5], 1.5, "a utility is from after death"),
        ([0, NAN, 2], [0.5, 0.5, 0.5], NAN, "a utility has no time"),
        ([0, 1, 2], [0.5, 80, 0.5], NAN, r"a utility must be a number, and 1 \(full health\)"),
        ([0, 1, 2], [0.5, -np.inf, 0.5], NAN, "a utility must be a number"),
        ([0, 90, 365], [0.5, 0.5, 0.5], NAN, r"a time is beyond 150 years; are these days\?"),
        ([0, 1, -np.inf], [0.5, 0.5, NAN], NAN, "a time is beyond 150 years"),
        ([0, 1, 2], [0.5, 0.5, 0.5], 2000, "a time is beyond 150 years"),
    ],
)
def test_a_course_that_cannot_be_is_refused_and_its_row_named(
    years: list[float], utility: list[float], died: float, why: str
) -> None:
    with pytest.raises(ValueError, match=f"^row 1: {why}"):
        Curve(
            [NORWAY] * 3,
            np.array([[0, 1, 2], years, years]),
            np.array([[0.5, 0.5, 0.5], utility, utility]),
            np.array([NAN, died, died]),
        )


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (0, "row 0: the curve must end later than its first visit"),
        (np.array([1, -1]), "row 1: the curve must end later than its first visit"),
        (365, r"row 0: a time is beyond 150 years; are these days\?"),
    ],
)
def test_an_end_that_cannot_be_is_refused(to: Any, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        area_under_curve(curve([0, 1], [0.5, 0.5], [0.5, 0.5]), to=to)


def test_one_visit_of_the_living_is_no_curve() -> None:
    with pytest.raises(ValueError, match="must end later than its first visit"):
        area_under_curve(curve([0], [0.5]))


def test_arrays_of_other_shapes_are_refused() -> None:
    one, two = np.array([[0.0, 1.0]]), np.array([[0.0, 1.0, 2.0]])
    with pytest.raises(ValueError, match=r"both have shape \[people, visits\]"):
        Curve([NORWAY] * 2, two, one, alive(1))
    with pytest.raises(ValueError, match=r"both have shape \[people, visits\]"):
        Curve([NORWAY], one[0], one[0], alive(2))
    with pytest.raises(ValueError, match=r"died must have shape \[people\]"):
        Curve([NORWAY] * 2, one, one, alive(2))


def test_a_utility_may_be_a_rounding_error_above_1() -> None:
    assert area(curve([0, 1], [1 + 2e-16, 1])) == [1]


def test_words_that_are_none_of_the_choices_are_refused() -> None:
    subject = curve([0, 1], [1, 1])
    with pytest.raises(KeyError):
        area_under_curve(subject, inside="zero")  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        discounted_area(subject, 0.04, "yearly")  # type: ignore[arg-type]


def test_nobody_at_all_has_no_area() -> None:
    subject = Curve([NORWAY] * 2, np.empty((0, 2)), np.empty((0, 2)), alive(0))
    assert area(subject) == []
    assert discounted_area(subject, 0.04, "by_year").shape == (0,)


def test_days_become_years_of_365_and_a_quarter_days() -> None:
    assert in_years(np.array([0, 365.25, 91.3125, -365.25])).tolist() == [0, 1, 0.25, -1]


def norway() -> ValueSet:
    return ValueSet.model_validate(read(VALUE_SETS / "eq-5d-5l/no-2024.json"))


def test_health_states_are_valued_by_one_set() -> None:
    first = States("eq-5d-5l", np.array([[1.0, 1, 1, 2, 1], [1, 1, 1, 1, NAN]]))
    second = States("eq-5d-5l", np.array([[1.0, 1, 1, 1, 1], [1, 1, 1, 1, 1]]))
    times = np.array([[0, 1.0], [0, 1]])
    subject = curve_of_states(norway(), [first, second], times, alive(2))
    np.testing.assert_array_equal(subject.utility, [[0.940568, 1], [NAN, 1]])
    assert subject.value_sets == [NORWAY, NORWAY]
    assert area(subject) == [0.970284, NULL]


def test_states_of_another_instrument_are_not_valued() -> None:
    states = [States(name, np.ones((1, 5))) for name in ("eq-5d-5l", "eq-5d-3l")]
    with pytest.raises(ValueError, match="no-2024 is for eq-5d-5l, not eq-5d-3l"):
        curve_of_states(norway(), states, np.array([[0.0, 1.0]]), alive(1))
