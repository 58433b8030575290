"""An EQ-5D can be valued by more countries than its definition names."""

import numpy as np
import pytest

from scoring import compile_instrument
from scoring.checks.rules import instrument_problems
from scoring.extend import paper, with_value_sets
from scoring.instrument import Index
from scoring.value_set import ValueSet
from tests.documents import VALUE_SETS, instrument, read, shipped, shipped_value_sets

EQ_5D_5L = instrument(shipped("eq-5d-5l"))
NORWAY = ValueSet.model_validate(read(VALUE_SETS / "eq-5d-5l" / "no-2024.json"))


def made_up(set_id: str, start: float) -> ValueSet:
    return NORWAY.model_copy(
        update={
            "id": set_id,
            "country": "Utopia",
            "coefficients": {**(NORWAY.coefficients or {}), "StartValue": start},
        }
    )


def test_each_value_set_adds_its_index_and_changes_no_other_score() -> None:
    both = with_value_sets(EQ_5D_5L, [made_up("xx-1", 0.9), made_up("yy-2-b", 0.8)])
    assert both.scores[: len(EQ_5D_5L.scores)] == EQ_5D_5L.scores
    assert [score.id for score in both.scores[len(EQ_5D_5L.scores) :]] == [
        "index_xx_1",
        "index_yy_2_b",
    ]
    people = np.array([[1, 1, 1, 1, 1, 50], [2, 1, 1, 1, 5, np.nan], [1, 1, np.nan, 1, 1, 7]])
    given = compile_instrument(both).score(people).values
    before = compile_instrument(EQ_5D_5L).score(people).values
    for name, column in before.items():
        np.testing.assert_array_equal(given[name], column)
    expected = [0.9, 0.9 - 0.03116 - 0.472, np.nan]
    np.testing.assert_allclose(given["index_xx_1"], expected, rtol=0, atol=1e-12)


def test_what_is_added_breaks_no_rule_but_that_examples_should_try_it() -> None:
    extended = with_value_sets(EQ_5D_5L, [made_up("xx-1", 0.9)])
    problems = [problem.path for problem in instrument_problems(extended)]
    assert problems == ["examples, for index_xx_1"]
    (added,) = [score for score in extended.scores if score.id == "index_xx_1"]
    assert isinstance(added, Index)
    assert added.range == (float(made_up("xx-1", 0.9).indices.min()), 0.9)
    assert added.name == "EQ-5D-5L index, Utopia 2024"
    assert added.source == f"{NORWAY.citation} doi:{NORWAY.doi}"
    assert paper(NORWAY) in added.source


def test_a_value_set_that_is_there_already_is_not_added_again() -> None:
    assert with_value_sets(EQ_5D_5L, [NORWAY, NORWAY]) == EQ_5D_5L
    once = with_value_sets(EQ_5D_5L, [made_up("xx-1", 0.9), made_up("xx-1", 0.9)])
    assert len(once.scores) == len(EQ_5D_5L.scores) + 1


def test_what_has_no_health_state_has_no_index() -> None:
    with pytest.raises(ValueError, match="rand-36 has no health state"):
        with_value_sets(instrument(shipped("rand-36")), [])


def test_a_value_set_for_another_instrument_is_refused() -> None:
    other = NORWAY.model_copy(update={"instrument": "eq-5d-3l"})
    with pytest.raises(ValueError, match="no-2024 is for eq-5d-3l, not eq-5d-5l"):
        with_value_sets(EQ_5D_5L, [other])


def test_a_set_without_a_doi_is_named_by_its_address_or_its_isbn() -> None:
    sets = {path.stem: ValueSet.model_validate(read(path)) for path in shipped_value_sets()}
    assert paper(sets["ec-tto"]).startswith("https://")
    assert paper(sets["fi-2007-vas"]) == "ISBN 1-4020-5511-0"
    (added,) = with_value_sets(instrument(shipped("eq-5d-3l")), [sets["ec-tto"]]).scores[-1:]
    assert added.name == "EQ-5D-3L index, Ecuador"
