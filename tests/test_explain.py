"""The arithmetic that is told of one person comes to what the engine gives, and can be followed."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import NotAnAnswer
from scoring.explain import Explained, answer_in_words, explain
from scoring.instrument import NamedRule
from tests.documents import SMALL, instrument, scorer, shipped
from tests.test_scoring_laws import every_instrument, law, person, rules
from tests.test_value_sets import SETS, every_set, states, value_set


def told(
    path: Path, answers: dict[str, int], rule: NamedRule | None = None
) -> dict[str, Explained]:
    return {one.score.id: one for one in explain(scorer(path), answers, rule)}


@every_instrument
@law
@given(data=st.data())
def test_what_is_told_comes_to_what_the_engine_gives(path: Path, data: st.DataObject) -> None:
    row = data.draw(person(path))
    answers = {i: c for i, c in zip(scorer(path).items, row, strict=True) if c is not None}
    for rule in rules(scorer(path)):
        for one in explain(scorer(path), answers, rule):
            value = one.given["value"]
            wanted = None if value is None else pytest.approx(value, rel=0, abs=1e-9)
            assert one.told.value == wanted, one.score.id
            assert one.told.steps, one.score.id


def test_a_scale_with_a_missing_answer_is_told_step_by_step() -> None:
    answers = {"q20": 2, "q21": 1, "q32": 9}
    scores = told(shipped("rand-36"), answers)
    assert scores["social_functioning"].told.steps == (
        "q20: 2 is worth 75",
        "q32: 9, which means no answer",
        "missing rule half: at least 1 of 2 must be answered, and 1 is",
        "mean: (75) / 1 = 75",
    )
    assert scores["pain"].told.steps[:2] == ("q21: 1 is worth 100", "q22: not answered")
    assert scores["physical_functioning"].told.steps[-1] == "too few: no score"
    assert scores["pcs_oblique"].told.steps[-1] == "not everything is there: no score"
    assert "physical_functioning: no score" in scores["pcs_oblique"].told.steps


def test_the_arithmetic_of_a_composite_can_be_followed_by_hand() -> None:
    best = instrument(shipped("rand-36")).examples[0].answers
    steps = told(shipped("rand-36"), best)["pcs_orthogonal"].told.steps
    assert steps[0].startswith("physical_functioning: 0.42402 x (")
    figures = [float(step.rpartition(" = ")[2]) for step in steps[:8]]
    assert float(steps[8].rpartition(" = ")[2]) == pytest.approx(sum(figures), abs=1e-8)
    assert re.fullmatch(r"10 x \S+ \+ 50 = \S+", steps[9])


def test_points_and_what_they_lack_are_told() -> None:
    path = SMALL / "points.json"
    answers = instrument(path).examples[0].answers
    (score,) = told(path, answers).values()
    assert all(" gives " in step for step in score.told.steps[: len(answers)])
    assert score.told.steps[-1].startswith("constant ")
    (first, *_) = answers
    (score,) = told(path, {name: code for name, code in answers.items() if name != first}).values()
    assert score.told.steps[-1] == "an item is not answered: no score"


def test_an_items_missing_code_is_told_apart_from_no_answer() -> None:
    subject = instrument(shipped("rand-36"))
    assert answer_in_words(subject, {}, "q1") == "not answered"
    assert answer_in_words(subject, {"q1": 9}, "q1") == "9, which means no answer"
    assert answer_in_words(subject, {"q1": 3}, "q1") == "3"


def test_a_required_item_that_lacks_is_named() -> None:
    steps = told(SMALL / "requires.json", {"q1": 3})["strict"].told.steps
    assert "must be answered too: q2, q3" in steps


def test_an_index_is_told_coefficient_by_coefficient() -> None:
    answers = {"mo": 2, "sc": 1, "ua": 3, "pd": 4, "ad": 5}
    steps = told(shipped("eq-5d-5l"), answers)["index_no_2024"].told.steps
    assert steps[5] == "health state 21345"
    assert steps[6:-1] == (
        "StartValue: 1",
        "MO2: -0.03116",
        "UA3: -0.056743",
        "PD4: -0.303025",
        "AD5: -0.472",
    )
    assert steps[-1] == "sum: 0.137072"
    answers.pop("pd")
    steps = told(shipped("eq-5d-5l"), answers)["index_no_2024"].told.steps
    assert steps[-1] == "the health state is not complete: no index"


@every_set
def test_the_terms_that_are_told_of_a_state_make_its_index(name: str) -> None:
    found = value_set(name)
    for state in states(found.levels)[:: 61 if found.levels == 5 else 7]:
        lines, index = found.tell(tuple(map(int, state)))
        assert index == found.indices[states(found.levels).index(state)]
        if (
            found.coefficients
            and state not in found.overrides
            and "Power" not in found.coefficients
        ):
            parts = [re.match(r"\w+: (\S+?)(?:, (\d+) times)?$", line) for line in lines[:-1]]
            figures = [(float(part[1]), int(part[2] or 1)) for part in parts if part]
            assert len(figures) == len(lines) - 1
            total = 0.0 if found.form == "sum" else 1.0
            for value, times in figures:
                total = total + value * times if found.form == "sum" else total * value**times
            assert total == pytest.approx(index, abs=1e-9), (state, lines)
        elif found.values or state in found.overrides:
            assert lines == [f"the published value of {state}: {index:.10g}"]


def test_sets_of_every_form_are_told() -> None:
    forms = {value_set(name).form for name in SETS}
    assert forms == {"sum", "product"}
    lines, _ = value_set("eq-5d-y-3l/id-2022").tell((2, 1, 1, 1, 3))
    assert lines[-2].startswith("the levels together are raised to the power ")


def test_a_code_that_is_not_on_offer_is_refused() -> None:
    with pytest.raises(NotAnAnswer, match="q1"):
        explain(scorer(shipped("rand-36")), {"q1": 7})


def test_a_rule_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="does not offer missing rule all"):
        explain(scorer(shipped("rand-36")), {"q1": 1}, "all")


def test_the_rule_that_was_asked_for_is_told() -> None:
    steps = told(shipped("rand-36"), {"q3": 2}, "any")["physical_functioning"].told.steps
    assert "missing rule any: at least 1 of 10 must be answered, and 1 is" in steps
