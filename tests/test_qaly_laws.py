"""What must hold for every curve of utility over time, tried on courses drawn at random."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.methods import Floats
from scoring.qaly import Curve, area_under_curve, discounted_area, in_years
from tests import plain_change
from tests.plain_change import Course, Visit
from tests.test_change_laws import at, same_bits
from tests.test_scoring_laws import law

pytestmark = pytest.mark.uncounted

UTILITY = st.integers(-600, 1000).map(lambda number: Fraction(number, 1000))


@st.composite
def course(draw: st.DrawFn, visits: int, *, whole: bool = False) -> Course:
    days = sorted(draw(st.sets(st.integers(-30, 1500), min_size=visits, max_size=visits)))
    missed = st.nothing() if whole else st.none()
    utilities = [draw(st.one_of(UTILITY, UTILITY, missed)) for _ in days]
    utilities[0] = draw(st.one_of(st.just(utilities[0]), UTILITY))
    undated = [u is None and draw(st.booleans()) for u in utilities]
    answered = [day for day, u in zip(days, utilities, strict=True) if u is not None]
    died = draw(st.none() | st.integers(max(answered, default=days[0]), 1600))
    to = draw(st.sampled_from([days[-1], *answered]) | st.integers(days[0], 1600))
    rows = zip(days, utilities, undated, strict=True)
    visited = [Visit(None if without else day, utility) for day, utility, without in rows]
    return Course(visited, died, max(to, days[0] + 1))


def courses(visits: int) -> st.SearchStrategy[list[Course]]:
    return st.lists(course(visits), min_size=1, max_size=15)


some_courses = st.integers(1, 5).flatmap(courses)


def number(value: float | Fraction | None) -> float:
    return np.nan if value is None else float(value)


def curve(people: list[Course]) -> Curve:
    return Curve(
        ["short/nowhere"] * len(people[0].visits),
        in_years(np.array([[number(visit.day) for visit in one.visits] for one in people])),
        np.array([[number(visit.utility) for visit in one.visits] for one in people]),
        in_years(np.array([number(one.died) for one in people])),
    )


def ends(people: list[Course]) -> Floats:
    return in_years(np.array([float(one.to) for one in people]))


def areas(subject: Curve, to: Floats) -> tuple[Floats, ...]:
    found: list[Floats] = []
    for inside in ("interpolate", "null"):
        one = area_under_curve(subject, to=to, inside=inside)
        found += [one.area, one.years, one.baseline, one.mean_utility, one.over_baseline]
        found.append(discounted_area(subject, 0.04, "continuous", to=to, inside=inside))
        found.append(discounted_area(subject, 0.04, "by_year", to=to, inside=inside))
    return tuple(found)


@law
@given(data=st.data())
def test_the_order_of_courses_never_matters(data: st.DataObject) -> None:
    people = data.draw(some_courses)
    order = data.draw(st.permutations(range(len(people))))
    mixed = [people[place] for place in order]
    together = areas(curve(people), ends(people))
    assert same_bits(areas(curve(mixed), ends(mixed)), at(together, order))


@law
@given(people=some_courses)
def test_one_course_alone_has_the_area_that_it_has_among_many(people: list[Course]) -> None:
    together = areas(curve(people), ends(people))
    for place, one in enumerate(people):
        assert same_bits(areas(curve([one]), ends([one])), at(together, [place]))


def test_thousands_of_courses_together_have_the_areas_that_they_have_in_parts() -> None:
    chance = np.random.default_rng(5)
    times = np.cumsum(chance.uniform(0.1, 1, (2003, 4)), axis=1)
    utility = np.where(chance.random((2003, 4)) < 0.1, np.nan, chance.uniform(-0.5, 1, (2003, 4)))
    died = np.where(chance.random(2003) < 0.2, 5.0, np.nan)

    def part(start: int, end: int) -> tuple[Floats, ...]:
        rows = slice(start, end)
        whole = Curve(["short/nowhere"] * 4, times[rows], utility[rows], died[rows])
        return areas(whole, times[rows, -1] + 0.01 * ~np.isnan(died[rows]))

    together = part(0, 2003)
    assert 500 < np.isnan(together[7]).sum() < 1500
    for start, end in ((0, 1), (1, 3), (3, 10), (10, 1000), (1000, 2003)):
        assert same_bits(part(start, end), at(together, list(range(start, end))))


@law
@given(people=some_courses)
def test_a_plain_reading_of_the_curve_gives_the_same_areas(people: list[Course]) -> None:
    found = iter(areas(curve(people), ends(people)))
    for inside in ("interpolate", "null"):
        area, _, _, _, _, continuous, by_year = (next(found) for _ in range(7))
        same(area, [plain_change.area(one, inside) for one in people], 1e-12)
        wanted = [
            plain_change.area(one, inside, lambda day: 1.04 ** -(day / YEAR)) for one in people
        ]
        same(by_year, wanted, 1e-12)
        same(continuous, [plain_change.continuous(one, inside, 0.04) for one in people], 1e-10)


YEAR = float(plain_change.YEAR)


def same(given: Floats, wanted: list[float | None], within: float) -> None:
    expected = np.array([number(one) for one in wanted])
    np.testing.assert_allclose(given, expected, rtol=0, atol=within)


@law
@given(people=some_courses, utility=UTILITY)
def test_a_constant_utility_has_the_area_of_a_rectangle(
    people: list[Course], utility: Fraction
) -> None:
    flat = [with_utilities(one, lambda _: utility)._replace(died=None) for one in people]
    found = area_under_curve(curve(flat), to=ends(flat))
    np.testing.assert_allclose(found.area, float(utility) * found.years, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.over_baseline, 0 * found.years, rtol=0, atol=1e-12)


def with_utilities(one: Course, new: Callable[[Fraction], Fraction]) -> Course:
    visits = [v if v.utility is None else v._replace(utility=new(v.utility)) for v in one.visits]
    return one._replace(visits=visits)


@law
@given(data=st.data())
def test_a_missed_visit_inside_leaves_the_curve_as_if_it_was_never_planned(
    data: st.DataObject,
) -> None:
    visits = data.draw(st.integers(3, 5))
    people = data.draw(st.lists(course(visits, whole=True), min_size=1, max_size=15))
    gone = data.draw(st.integers(1, visits - 2))
    missed = [swap(one, gone, Visit(one.visits[gone].day, None)) for one in people]
    never = [one._replace(visits=one.visits[:gone] + one.visits[gone + 1 :]) for one in people]
    before = area_under_curve(curve(people), to=ends(people))
    found = area_under_curve(curve(missed), to=ends(people))
    wanted = area_under_curve(curve(never), to=ends(people))
    same(found.area, list(wanted.area), 1e-12)
    assert same_bits((found.years, before.years), (wanted.years, found.years))


def swap(one: Course, place: int, visit: Visit) -> Course:
    return one._replace(visits=[*one.visits[:place], visit, *one.visits[place + 1 :]])


@law
@given(people=some_courses)
def test_the_mean_utility_of_the_living_lies_among_their_utilities(people: list[Course]) -> None:
    subject = curve([one._replace(died=None) for one in people])
    found = area_under_curve(subject, to=ends(people)).mean_utility
    known = ~np.isnan(found)
    utility = subject.utility[known]
    assert (found[known] <= np.nanmax(utility, axis=1, initial=-9) + 1e-12).all()
    assert (found[known] >= np.nanmin(utility, axis=1, initial=9) - 1e-12).all()


@law
@given(people=some_courses, days=st.integers(0, 400))
def test_a_later_death_takes_no_more_away(people: list[Course], days: int) -> None:
    good = [with_utilities(one, abs) for one in people]
    early = [one._replace(died=1500 if one.died is None else one.died) for one in good]
    late = [one._replace(died=(one.died or 0) + days) for one in early]
    first, second = (area_under_curve(curve(some), to=ends(some)).area for some in (early, late))
    known = ~np.isnan(first) & ~np.isnan(second)
    assert (second[known] >= first[known] - 1e-12).all()


@law
@given(people=some_courses)
def test_a_death_after_the_end_changes_nothing(people: list[Course]) -> None:
    after = [
        one._replace(died=max(one.to, *(v.day or 0 for v in one.visits)) + 1) for one in people
    ]
    nobody = [one._replace(died=None) for one in people]
    assert same_bits(areas(curve(after), ends(people)), areas(curve(nobody), ends(people)))


@law
@given(people=some_courses)
def test_discounting_takes_away_from_what_is_good_and_nothing_at_no_rate(
    people: list[Course],
) -> None:
    subject = curve(people)
    good = Curve(subject.value_sets, subject.years, np.abs(subject.utility), subject.died)
    whole = area_under_curve(good, to=ends(people)).area
    for way in ("continuous", "by_year"):
        none = discounted_area(good, 1e-9, way, to=ends(people))
        some = discounted_area(good, 0.04, way, to=ends(people))
        np.testing.assert_allclose(none, whole, rtol=0, atol=1e-6)
        known = ~np.isnan(whole)
        assert (some[known] <= whole[known] + 1e-12).all()
