"""Change between time points is what independent implementations of the published rules give."""

from typing import Any

import numpy as np
import pytest

from scoring import ValueSet
from scoring.change import (
    EqFiveD,
    Pchc,
    States,
    level_frequency,
    level_frequency_text,
    level_sum,
    pchc,
    pchc_by_dimension,
    words,
)
from scoring.qaly import Area, Curve, area_under_curve, discounted_area
from tests.documents import VALUE_SETS, VECTORS, read
from tests.test_vectors import TOLERANCE, columns, compare, numbers

MISSING_CODE = 9
DIMENSIONS = ("mo", "sc", "ua", "pd", "ad")
QALY: list[dict[str, Any]] = read(VECTORS / "qaly.json")["vectors"]

pairs = pytest.mark.parametrize("instrument", ["eq-5d-3l", "eq-5d-5l"])
courses = pytest.mark.parametrize("course", QALY, ids=lambda course: str(course["name"]))


def both(instrument: EqFiveD) -> tuple[dict[str, list[str]], States, States]:
    table = columns(f"{instrument}-pairs.csv")
    return table, states(instrument, table, "before"), states(instrument, table, "after")


def states(instrument: EqFiveD, table: dict[str, list[str]], time: str) -> States:
    levels = np.column_stack([numbers(table[f"{time}.{dimension}"]) for dimension in DIMENSIONS])
    return States(instrument, np.where(levels == MISSING_CODE, np.nan, levels))


def cells(found: list[str | None]) -> list[str]:
    return [cell or "" for cell in found]


@pairs
def test_every_pair_of_states_has_its_class_of_change(instrument: EqFiveD) -> None:
    table, before, after = both(instrument)
    assert len(table["pchc"]) == 250
    assert sum(table[f"after.{dimension}"].count("9") for dimension in DIMENSIONS) == 8
    assert table["pchc"].count("") == 16
    assert len(set(table["pchc"])) == 6
    assert cells(words(pchc(before, after), Pchc)) == table["pchc"]
    assert cells(words(pchc(before, after, no_problems=False), Pchc)) == table["pchc.plain"]


@pairs
def test_every_dimension_of_every_pair_has_its_class_of_change(instrument: EqFiveD) -> None:
    table, before, after = both(instrument)
    for dimension, found in zip(DIMENSIONS, pchc_by_dimension(before, after).T, strict=True):
        assert len(set(table[f"pchc.{dimension}"])) == 5
        assert cells(words(found, Pchc)) == table[f"pchc.{dimension}"], dimension


@pairs
@pytest.mark.parametrize("time", ["before", "after"])
def test_every_state_has_its_level_sum_and_its_level_frequencies(
    instrument: EqFiveD, time: str
) -> None:
    table, before, after = both(instrument)
    states = before if time == "before" else after
    compare(time, level_sum(states), table[f"{time}.level_sum"])
    assert "" in table[f"{time}.level_frequency"]
    assert cells(level_frequency_text(level_frequency(states))) == table[f"{time}.level_frequency"]


@pytest.mark.parametrize(
    ("instrument", "name", "number"),
    [("eq-5d-5l", "no-2024", 3125), ("eq-5d-3l", "uk-1997", 243)],
)
def test_every_state_is_valued_as_published(instrument: EqFiveD, name: str, number: int) -> None:
    table = columns(f"{instrument}.csv")
    every = States(instrument, np.array([list(state) for state in table["state"]], np.float64))
    value_set = ValueSet.model_validate(read(VALUE_SETS / instrument / f"{name}.json"))
    assert len(every.levels) == number
    compare(name, every.valued_by(value_set), table[name])


def curve(course: dict[str, Any]) -> tuple[Curve, float]:
    """Return a vector's course and its end; a time that stands twice is that of a death."""
    times, utility = course["t_years"], course["utility"]
    died = next((time for time in times if times.count(time) == 2), None)
    visits = len(times) if died is None else times.index(died)
    one = Curve(
        ["eq-5d-5l/no-2024"] * visits,
        np.array([times[:visits]]),
        np.array([utility[:visits]]),
        np.array([np.nan if died is None else died]),
    )
    return one, times[-1]


def area(course: dict[str, Any]) -> Area:
    one, to = curve(course)
    return area_under_curve(one, to=to)


def test_there_are_seven_courses_and_one_of_them_ends_in_death() -> None:
    assert len(QALY) == 7
    assert [bool(curve(course)[0].died > 0) for course in QALY] == [False] * 6 + [True]
    readme = (VECTORS / "README.md").read_text(encoding="utf-8")
    assert "| `qaly.json` | 7 |" in readme


@courses
def test_a_course_has_its_area_its_mean_and_what_is_above_baseline(course: dict[str, Any]) -> None:
    found = area(course)
    given = [found.area[0], found.mean_utility[0], found.over_baseline[0]]
    wanted = [course["qaly"], course["mean_utility"], course["gain_vs_baseline"]]
    assert given == pytest.approx(wanted, rel=0, abs=TOLERANCE)


@courses
def test_a_course_has_its_discounted_areas(course: dict[str, Any]) -> None:
    one, to = curve(course)
    given = {
        "qaly_disc4_continuous": discounted_area(one, 0.04, "continuous", to=to)[0],
        "qaly_disc4_by_year": discounted_area(one, 0.04, "by_year", to=to)[0],
    }
    wanted = {name: course[name] for name in given if name in course}
    assert len(wanted) == (0 if "death" in course["name"] else 2)
    assert {name: given[name] for name in wanted} == pytest.approx(wanted, rel=0, abs=TOLERANCE)
