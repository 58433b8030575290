"""What must hold for every change between time points, tried on people drawn at random."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scoring.change import (
    EqFiveD,
    Outcome,
    Pchc,
    States,
    level_frequency,
    level_sum,
    pchc,
    pchc_by_dimension,
    reached,
    reliable_change,
    reliably_changed,
    words,
)
from scoring.norms import t
from tests import plain_change
from tests.figures import mcid, norm, reliability
from tests.test_scoring_laws import law

pytestmark = pytest.mark.uncounted

State = list[int | None]
Pair = tuple[State, State]
Columns = tuple[NDArray[np.generic], ...]

INSTRUMENTS: tuple[EqFiveD, ...] = ("eq-5d-3l", "eq-5d-5l", "eq-5d-y-3l")
both_lengths = pytest.mark.parametrize("instrument", INSTRUMENTS[:2])
SWAPPED = {"improve": "worsen", "worsen": "improve", "improved": "worsened", "worsened": "improved"}


def state(instrument: EqFiveD, *, whole: bool = False) -> st.SearchStrategy[State]:
    levels = st.integers(1, int(instrument[-2]))
    level = levels if whole else st.one_of(levels, levels, levels, levels, st.none())
    near_best = st.sampled_from([1, 1, 1, 2])
    return st.one_of(st.lists(level, min_size=5, max_size=5), st.tuples(*[near_best] * 5).map(list))


def pairs(instrument: EqFiveD) -> st.SearchStrategy[list[Pair]]:
    one = state(instrument)
    pair = st.one_of(st.tuples(one, one), st.tuples(one).map(lambda only: only * 2))
    return st.lists(pair, min_size=1, max_size=30)


def states(instrument: EqFiveD, rows: list[State]) -> States:
    return States(instrument, np.array(rows, float).reshape(-1, 5))


def both(instrument: EqFiveD, drawn: list[Pair]) -> tuple[States, States]:
    return states(instrument, [one for one, _ in drawn]), states(
        instrument, [two for _, two in drawn]
    )


def same_bits(one: Columns, other: Columns) -> bool:
    return [column.tobytes() for column in one] == [column.tobytes() for column in other]


def at(columns: Columns, rows: list[int]) -> Columns:
    return tuple(column[rows] for column in columns)


def everything(before: States, after: States) -> Columns:
    sums = level_sum(before), level_sum(after)
    change = sums[1] - sums[0]
    index = reliable_change(*sums, reliability(), "short/total")
    return (
        pchc(before, after),
        pchc_by_dimension(before, after),
        *sums,
        level_frequency(after),
        reached(change, mcid(2), "short/total", "lower_is_better"),
        index,
        reliably_changed(index, "lower_is_better"),
    )


@both_lengths
@law
@given(data=st.data())
def test_the_order_of_people_never_matters(instrument: EqFiveD, data: st.DataObject) -> None:
    drawn = data.draw(pairs(instrument))
    order = data.draw(st.permutations(range(len(drawn))))
    mixed = everything(*both(instrument, [drawn[place] for place in order]))
    assert same_bits(mixed, at(everything(*both(instrument, drawn)), order))


@both_lengths
@law
@given(data=st.data())
def test_one_person_alone_changes_as_among_many(instrument: EqFiveD, data: st.DataObject) -> None:
    drawn = data.draw(pairs(instrument))
    together = everything(*both(instrument, drawn))
    for place, pair in enumerate(drawn):
        assert same_bits(everything(*both(instrument, [pair])), at(together, [place]))


@both_lengths
@law
@given(data=st.data())
def test_a_plain_reading_of_the_classes_gives_the_same(
    instrument: EqFiveD, data: st.DataObject
) -> None:
    drawn = data.draw(pairs(instrument))
    before, after = both(instrument, drawn)
    plain = pchc(before, after, no_problems=False)
    assert words(pchc(before, after), Pchc) == [plain_change.pchc(*pair) for pair in drawn]
    assert words(plain, Pchc) == [plain_change.pchc(*pair, "no change") for pair in drawn]
    for place, column in enumerate(pchc_by_dimension(before, after).T):
        assert words(column, Pchc) == [
            None if None in one + two else plain_change.pchc([one[place]], [two[place]])
            for one, two in drawn
        ]


@both_lengths
@law
@given(data=st.data())
def test_who_stays_the_same_has_no_change_or_no_problems(
    instrument: EqFiveD, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(state(instrument, whole=True), min_size=1))
    same = states(instrument, rows)
    expected = ["no problems" if row == [1] * 5 else "no change" for row in rows]
    assert words(pchc(same, same), Pchc) == expected
    assert set(words(pchc(same, same, no_problems=False), Pchc)) == {"no change"}
    assert (level_frequency(same).sum(axis=1) == 5).all()


@both_lengths
@law
@given(data=st.data())
def test_swapping_before_and_after_swaps_improve_and_worsen(
    instrument: EqFiveD, data: st.DataObject
) -> None:
    before, after = both(instrument, data.draw(pairs(instrument)))
    for kind, there, back in zip(
        (Pchc, *[Pchc] * 5, Outcome, Outcome),
        classes(before, after),
        classes(after, before),
        strict=True,
    ):
        assert [SWAPPED.get(w or "", w) for w in words(there, kind)] == words(back, kind)


def classes(before: States, after: States) -> list[NDArray[np.int8]]:
    index = reliable_change(level_sum(before), level_sum(after), reliability(), "short/total")
    change = level_sum(after) - level_sum(before)
    return [
        pchc(before, after),
        *pchc_by_dimension(before, after).T,
        reached(change, mcid(2), "short/total", "lower_is_better"),
        reliably_changed(index, "lower_is_better"),
    ]


@both_lengths
@law
@given(data=st.data())
def test_a_missing_dimension_never_gives_a_class(instrument: EqFiveD, data: st.DataObject) -> None:
    drawn = data.draw(pairs(instrument))
    gone = data.draw(st.integers(0, 4))
    before, after = both(instrument, drawn)
    before.levels[:, gone] = np.nan
    for one, other in ((before, after), (after, before)):
        assert all((column == -1).all() for column in classes(one, other))
    assert (level_frequency(before) == -1).all()
    assert np.isnan(level_sum(before)).all()


@both_lengths
@law
@given(data=st.data())
def test_frequencies_weigh_up_to_the_level_sum(instrument: EqFiveD, data: st.DataObject) -> None:
    one, _ = both(instrument, data.draw(pairs(instrument)))
    frequency, whole = level_frequency(one), ~one.incomplete
    weighed = frequency @ np.arange(1, one.highest + 1)
    assert weighed[whole].tolist() == level_sum(one)[whole].tolist()


@law
@given(
    change=st.lists(st.floats(-1, 1), min_size=1),
    amounts=st.tuples(st.floats(0.001, 1), st.floats(0.001, 1)).map(sorted),
)
def test_a_larger_mcid_is_never_reached_by_more(change: list[float], amounts: list[float]) -> None:
    lower, upper = (
        reached(np.array(change), mcid(tuple(amounts)), "short/total", "higher_is_better", bound)
        for bound in ("lower", "upper")
    )
    assert ((upper == lower) | (upper == Outcome.UNCHANGED)).all()


@law
@given(
    values=st.lists(st.floats(0, 100) | st.just(np.nan), min_size=1, max_size=20), data=st.data()
)
def test_a_t_score_depends_on_nobody_else(values: list[float], data: st.DataObject) -> None:
    several = st.lists(st.sampled_from([20.0, 45.0, 99.9, 101.0, np.nan]), min_size=len(values))
    ages = np.array(data.draw(several)[: len(values)])
    words = st.lists(st.sampled_from(["female", "male", "other", ""]), min_size=len(values))
    sexes = np.array(data.draw(words)[: len(values)])
    column = np.array(values)
    together = t(column, norm(), "short/pain", ages, sexes)
    order = data.draw(st.permutations(range(len(values))))
    mixed = t(column[order], norm(), "short/pain", ages[order], sexes[order])
    assert same_bits((mixed,), (together[order],))
    for place in range(len(values)):
        row = slice(place, place + 1)
        alone = t(column[row], norm(), "short/pain", ages[row], sexes[row])
        assert same_bits((alone,), (together[row],))
