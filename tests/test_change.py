"""Change in health states, important change and reliable change: the rules, by example."""

import numpy as np
import pytest

from scoring.change import (
    Outcome,
    Pchc,
    States,
    level_frequency,
    level_frequency_text,
    level_sum,
    pchc,
    pchc_by_dimension,
    reached,
    reliable_change,
    reliably_changed,
    words,
)
from tests.documents import read, shipped_mcids
from tests.figures import mcid, reliability


def states(*written: str) -> States:
    """Return health states as they are usually written; `-` is an unanswered dimension."""
    rows = [[np.nan if level == "-" else float(level) for level in state] for state in written]
    return States("eq-5d-5l", np.array(rows))


def test_health_improves_when_it_is_better_somewhere_and_worse_nowhere() -> None:
    before = states("21232", "21232", "21232", "21232", "11111", "21232")
    after = states("11232", "31232", "11233", "21232", "11111", "2123-")
    assert pchc(before, after).tolist() == [
        Pchc.IMPROVE,
        Pchc.WORSEN,
        Pchc.MIXED_CHANGE,
        Pchc.NO_CHANGE,
        Pchc.NO_PROBLEMS,
        Pchc.MISSING,
    ]
    plain = pchc(before, after, no_problems=False)
    assert words(plain, Pchc)[3:] == ["no change", "no change", None]


def test_a_dimension_has_no_problems_when_it_is_at_level_1_both_times() -> None:
    before, after = states("21134"), states("11143")
    given = pchc_by_dimension(before, after)[0]
    assert words(given, Pchc) == ["improve", "no problems", "no problems", "worsen", "improve"]
    plain = pchc_by_dimension(before, after, no_problems=False)[0]
    assert words(plain, Pchc)[1:3] == ["no change", "no change"]


def test_who_lacks_a_dimension_is_missing_in_every_dimension() -> None:
    given = pchc_by_dimension(states("21111", "2111-"), states("1111-", "11111"))
    assert given.tolist() == [[-1] * 5] * 2


def test_categories_are_small_whole_numbers() -> None:
    subject = states("11111")
    assert pchc(subject, subject).dtype == np.int8
    assert pchc_by_dimension(subject, subject).dtype == np.int8
    assert level_frequency(subject).dtype == np.int8


def test_levels_are_summed_and_counted() -> None:
    subject = states("11111", "21345", "1111-")
    np.testing.assert_array_equal(level_sum(subject), [5, 15, np.nan])
    assert level_frequency(subject).tolist() == [[5, 0, 0, 0, 0], [1, 1, 1, 1, 1], [-1] * 5]
    assert level_frequency_text(level_frequency(subject)) == ["50000", "11111", None]


def test_three_levels_are_counted_in_three_columns() -> None:
    subject = States("eq-5d-3l", np.array([[1.0, 2, 2, 3, 1]]))
    assert level_frequency_text(level_frequency(subject)) == ["221"]


@pytest.mark.parametrize("level", [0.0, 6.0, 9.0, 1.5, -1.0, np.inf])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="the levels of eq-5d-5l are 1 to 5"):
        States("eq-5d-5l", np.array([[1, 1, 1, 1, level]]))


def test_three_levels_go_to_three() -> None:
    with pytest.raises(ValueError, match="the levels of eq-5d-y-3l are 1 to 3"):
        States("eq-5d-y-3l", np.array([[1.0, 1, 1, 1, 4]]))


@pytest.mark.parametrize("shape", [(5,), (1, 4), (1, 6), (5, 1, 1)])
def test_a_matrix_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \[people, 5\]"):
        States("eq-5d-5l", np.ones(shape))


def test_states_of_two_instruments_or_of_other_people_are_not_compared() -> None:
    three = States("eq-5d-3l", np.ones((1, 5)))
    with pytest.raises(ValueError, match="eq-5d-3l and eq-5d-5l have other levels"):
        pchc(three, states("11111"))
    with pytest.raises(ValueError, match="same people"):
        pchc_by_dimension(states("11111"), states("11111", "11111"))


def test_nobody_at_all_has_no_change() -> None:
    none = States("eq-5d-5l", np.empty((0, 5)))
    assert pchc(none, none).shape == (0,)
    assert pchc_by_dimension(none, none).shape == (0, 5)
    assert level_frequency(none).shape == (0, 5)


CHANGES = np.array([0.2, 0.1, 0.09, 0.0, -0.09, -0.1, -0.2, np.nan])


def test_a_change_of_the_smallest_important_amount_is_enough() -> None:
    given = reached(CHANGES, mcid(0.1), "short/total", "higher_is_better")
    assert words(given, Outcome) == [
        "improved",
        "improved",
        "unchanged",
        "unchanged",
        "unchanged",
        "worsened",
        "worsened",
        None,
    ]


def test_where_lower_is_better_a_fall_is_an_improvement() -> None:
    given = reached(CHANGES, mcid(0.1), "short/total", "lower_is_better")
    assert given.tolist() == [2, 2, 0, 0, 0, 1, 1, -1]


def test_binary_fractions_do_not_take_away_an_exact_change() -> None:
    change = np.array([0.574 - 0.5, 0.5 - 0.574, 0.0739])
    assert change[0] < 0.074
    given = reached(change, mcid(0.074), "short/total", "higher_is_better")
    assert given.tolist() == [Outcome.IMPROVED, Outcome.WORSENED, Outcome.UNCHANGED]


def test_of_a_range_the_caller_names_the_end() -> None:
    change, subject = np.array([0.06, 0.08, 0.12]), mcid((0.07, 0.12))
    lower, upper = (
        reached(change, subject, "short/total", "higher_is_better", bound)
        for bound in ("lower", "upper")
    )
    assert lower.tolist() == [0, 1, 1]
    assert upper.tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match=r"is a range, 0\.07 to 0\.12: name lower or upper"):
        reached(change, subject, "short/total", "higher_is_better")


def test_one_figure_is_both_ends_of_itself() -> None:
    assert [mcid(0.1).threshold(bound) for bound in (None, "lower", "upper")] == [0.1] * 3


def test_a_figure_for_another_score_is_refused() -> None:
    with pytest.raises(ValueError, match=r"for short/total, not for eq-5d-5l/index_no_2024"):
        reached(CHANGES, mcid(0.1), "eq-5d-5l/index_no_2024", "higher_is_better")
    with pytest.raises(ValueError, match=r"for short/total, not for long/total"):
        reliable_change(CHANGES, CHANGES, reliability(), "long/total")


def test_a_score_without_a_better_end_neither_improves_nor_worsens() -> None:
    with pytest.raises(ValueError, match="no better end"):
        reached(CHANGES, mcid(0.1), "short/total", "none")
    with pytest.raises(ValueError, match="no better end"):
        reliably_changed(CHANGES, "none")


def test_words_that_are_none_of_the_choices_are_refused() -> None:
    with pytest.raises(ValueError, match="direction is higher has no better end"):
        reached(CHANGES, mcid(0.1), "short/total", "higher")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="name lower or upper"):
        mcid((0.07, 0.12)).threshold("Upper")  # type: ignore[arg-type]


def test_the_reliable_change_index_counts_in_standard_errors_of_a_difference() -> None:
    before, after = np.array([47.5, 40.0, np.nan]), np.array([32.5, 40.0, 40.0])
    given = reliable_change(before, after, reliability(sd=7.5, reliability=0.80), "short/total")
    np.testing.assert_allclose(given, [-15 / (7.5 * 0.4**0.5), 0, np.nan], rtol=1e-15)
    assert given[0] == pytest.approx(-3.1623, abs=5e-5)


def test_a_change_is_reliable_beyond_1_96_and_not_at_it() -> None:
    index = np.array([1.97, 1.96, 0.0, -1.96, -1.97, np.nan])
    assert reliably_changed(index, "higher_is_better").tolist() == [1, 0, 0, 0, 2, -1]
    assert reliably_changed(index, "lower_is_better").tolist() == [2, 0, 0, 0, 1, -1]


def test_a_score_without_error_has_no_reliable_change_index() -> None:
    with pytest.raises(ValueError, match="less than 1"):
        reliability(reliability=1.0)


def test_shipped_mcids_say_how_far_they_were_checked() -> None:
    found = {path.stem: read(path) for path in shipped_mcids()}
    assert {name: one["amount"] for name, one in found.items()} == {
        "walters-2005-index": 0.074,
        "pickard-2007-index": [0.07, 0.12],
        "pickard-2007-vas": [7, 12],
    }
    for one in found.values():
        assert one["checked"] == "one-source"
        assert "the paper itself was not read" in one["note"]
