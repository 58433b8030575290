"""Each small definition shows one feature, and scores its own examples as it says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring import NotAnAnswer
from scoring.instrument import Example
from scoring.methods import Floats
from scoring.rules import instrument_problems
from scoring.structure import items_under
from tests.documents import SMALL, instrument, read, scorer, small_definitions

EXAMPLES = [
    pytest.param(path, example, id=f"{path.stem}: {example.name}")
    for path in small_definitions()
    for example in instrument(path).examples
]


def small(name: str) -> Path:
    return SMALL / f"{name}.json"


def all_scores() -> list[dict[str, Any]]:
    return [score for path in small_definitions() for score in read(path)["scores"]]


def test_there_is_a_small_definition_for_each_method_and_missing_rule() -> None:
    scores = all_scores()
    rules = [score["missing"] for score in scores if "missing" in score]
    offered = {rule for score in scores for rule in score.get("missing_options", ())}
    assert {score["method"] for score in scores} == {
        "mean",
        "sum",
        "points",
        "combine",
        "value-set",
    }
    assert {rule if isinstance(rule, str) else next(iter(rule)) for rule in rules} == {
        "all",
        "half",
        "any",
        "min_answered",
        "max_missing",
    }
    assert offered == {"all", "any"}


def test_there_is_a_small_definition_for_each_kind_of_item_and_step() -> None:
    documents = [read(path) for path in small_definitions()]
    items = [item for document in documents for item in document["items"]]
    assert {item["type"] for item in items} == {"single_choice", "eq_vas"}
    assert any("recode" in item for item in items)
    assert any("missing_codes" in item for item in items)
    assert any("requires" in score for score in all_scores())
    assert any("affine" in score for score in all_scores())
    assert any(page["stem"] for document in documents for page in document["pages"])
    assert {document["kind"] for document in documents} == {"PROM", "PREM"}


@pytest.mark.parametrize("path", small_definitions(), ids=lambda path: str(path.stem))
def test_a_small_definition_breaks_no_rule_and_has_its_files_name(path: Path) -> None:
    assert instrument_problems(instrument(path)) == []
    assert instrument(path).id == path.stem


@pytest.mark.parametrize(("path", "example"), EXAMPLES)
def test_an_example_scores_as_it_says(path: Path, example: Example) -> None:
    given = scorer(path).score_one(example.answers, example.missing_rule)
    assert example.expected
    for name, expected in example.expected.items():
        wanted = None if expected is None else pytest.approx(expected, rel=0, abs=1e-12)
        assert given[name]["value"] == wanted, name


def test_every_small_definition_shows_a_score_that_is_not_given() -> None:
    for path in small_definitions():
        expected = [example.expected.values() for example in instrument(path).examples]
        assert any(None in scores for scores in expected), path.stem


def test_a_score_says_how_many_items_it_rests_on_and_how_many_were_answered() -> None:
    given = scorer(small("requires")).score_one({"q1": 3, "q3": 1})
    assert given == {
        "total": {"value": 3.0, "answered": 1, "items": 2},
        "strict": {"value": None, "answered": 2, "items": 3},
    }


def test_scores_stand_in_the_definitions_order_not_in_that_of_the_arithmetic() -> None:
    given = scorer(small("combine-of-combine")).score_one({"q1": 1})
    assert list(given) == ["last", "middle", "first"]
    assert given["last"] == {"value": 3.0, "answered": 1, "items": 2}


def test_a_combination_rests_on_the_items_of_its_scores_once_each() -> None:
    subject = instrument(small("requires"))
    assert items_under(subject) == {"total": ("q1", "q2"), "strict": ("q1", "q2", "q3")}


def test_a_missing_rule_replaces_only_the_scores_that_offer_it() -> None:
    answers = {"q1": 3}
    subject = scorer(small("missing-options"))
    by_rule = {rule: subject.score_one(answers, rule) for rule in (None, "any", "all")}
    assert by_rule[None]["free"]["value"] is None
    assert by_rule["any"]["free"]["value"] == 3.0
    assert by_rule["all"]["free"]["value"] is None
    assert {scores["firm"]["value"] for scores in by_rule.values()} == {None}


def test_a_missing_rule_that_no_score_offers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^missing-options does not offer .* half: all, any$"):
        scorer(small("missing-options")).score_one({}, "half")
    with pytest.raises(ValueError, match=r"^sum does not offer .* any: none but its own$"):
        scorer(small("sum")).score_one({}, "any")


@pytest.mark.parametrize("shape", [(3,), (1, 2), (1, 4), (3, 1), (1, 1, 3)])
def test_answers_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^answers must have shape \[people, 3\]$"):
        scorer(small("sum")).score(np.zeros(shape))


def test_an_answer_to_an_unknown_item_is_refused() -> None:
    with pytest.raises(NotAnAnswer, match=r"^q4: is not an item of this instrument$") as caught:
        scorer(small("sum")).score_one({"q1": 1, "q4": 1})
    assert caught.value.item == "q4"


def test_a_code_that_is_not_on_offer_names_the_item_and_the_code() -> None:
    with pytest.raises(NotAnAnswer, match=r"^q2: 4 is not one of its codes$"):
        scorer(small("sum")).score_one({"q1": 1, "q2": 4})
    with pytest.raises(NotAnAnswer, match=r"^q3: 0.5 is not one of its codes$"):
        scorer(small("sum")).score(np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 0.5]]))


def test_nobody_gives_no_scores() -> None:
    scores = scorer(small("combine")).score(np.empty((0, 4)))
    assert [column.shape for column in scores.values.values()] == [(0,), (0,), (0,)]


@pytest.mark.parametrize("kind", [np.int64, np.float32, np.float64])
def test_the_kind_and_the_memory_order_of_the_answers_do_not_matter(kind: type) -> None:
    subject = scorer(small("combine"))
    rows = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 1, 1, 3]]
    wanted = subject.score(np.array(rows, dtype=np.float64)).values
    plain: Floats = np.array(rows, dtype=kind)
    for answers in (plain, np.asfortranarray(plain), np.repeat(plain, 2, axis=0)[::2]):
        given = subject.score(answers).values
        assert {name: column.tolist() for name, column in given.items()} == {
            name: column.tolist() for name, column in wanted.items()
        }


def test_scoring_leaves_the_answers_as_they_were() -> None:
    answers = np.array([[9.0, 2.0, np.nan]])
    scorer(small("missing-codes")).score(answers)
    assert np.array_equal(answers, [[9.0, 2.0, np.nan]], equal_nan=True)


def test_an_item_is_found_by_its_id_or_not_at_all() -> None:
    subject = instrument(small("recode"))
    assert subject.item("q2").direction == "lower_is_better"
    with pytest.raises(KeyError, match="q3"):
        subject.item("q3")
