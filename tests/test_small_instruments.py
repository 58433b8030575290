"""Each small definition shows one feature, and scores its own examples as it says."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from pydantic import TypeAdapter

from scoring import Instrument, NotAnAnswer, compile_instrument
from scoring.checks.rules import instrument_problems
from scoring.instrument import Example, Score
from scoring.item import AnyItem
from scoring.item import Document as Model
from scoring.methods import Floats
from scoring.structure import items_under
from scoring.wording import ScoreText
from tests.documents import (
    INSTRUMENTS,
    SMALL,
    Document,
    instrument,
    read,
    scorer,
    small_definitions,
)

EXAMPLES = [
    pytest.param(path, example, id=f"{path.stem}: {example.name}")
    for path in small_definitions()
    for example in instrument(path).examples
]


def small(name: str) -> Path:
    return SMALL / f"{name}.json"


def all_scores() -> list[dict[str, Any]]:
    return [score for path in small_definitions() for score in read(path)["scores"]]


def methods_of(field: str) -> set[str]:
    """Return the methods of the small definitions' scores that say something about a field."""
    return {score["method"] for score in all_scores() if field in score}


def test_there_is_a_small_definition_for_each_method_and_missing_rule() -> None:
    scores = all_scores()
    rules = [score["missing"] for score in scores if "missing" in score]
    offered = {rule for score in scores for rule in score.get("missing_options", ())}
    models = get_args(get_args(Score)[0])
    assert methods_of("method") == {
        get_args(model.model_fields["method"].annotation)[0] for model in models
    }
    assert len(models) == 8
    assert {rule if isinstance(rule, str) else next(iter(rule)) for rule in rules} == {
        "all",
        "half",
        "any",
        "min_answered",
        "max_missing",
    }
    assert offered == {"all", "half", "any"}
    assert methods_of("substitute") == {"sum", "count"}
    assert methods_of("missing_options") == {"mean", "sum"}


def test_there_is_a_small_definition_for_each_last_step_and_each_bound() -> None:
    cases = [case for score in all_scores() for case in score.get("cases", ())]
    bounds = {word for case in cases for some in case["when"].values() for word in some}
    turned = {score["method"] for score in all_scores() if turns(score)}
    assert methods_of("affine") == {"mean", "sum", "points", "combine"}
    assert turned == {"mean", "points", "combine"}
    assert methods_of("clamp") == {"sum"}
    assert methods_of("bands") == {"sum"}
    assert bounds == {"at_least", "above", "at_most", "below"}
    assert any(len(case["when"]) > 1 for case in cases)


def turns(score: Document) -> bool:
    return "affine" in score and score["affine"]["multiply"] < 0


def test_there_is_a_small_definition_of_a_table_for_each_score_of_whole_numbers() -> None:
    looked_up = set()
    for document in map(read, small_definitions()):
        by_id = {score["id"]: score for score in document["scores"]}
        tables = [score for score in document["scores"] if score["method"] == "lookup"]
        looked_up |= {by_id[table["score"]]["method"] for table in tables}
    assert looked_up == {"sum", "points", "combine", "lookup"}


def test_the_readme_tells_of_every_word_and_shows_how_it_is_written() -> None:
    text = (INSTRUMENTS / "README.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    common = {"id": "s", "name": "Score", "source": "-", "range": [0, 1], "direction": "none"}
    of_a_wording = [one for one in shown if "scores" in one]
    assert [
        ScoreText.model_validate(text) for one in of_a_wording for text in one["scores"].values()
    ]
    scores = [TypeAdapter(Score).validate_python(common | one) for one in shown if "method" in one]
    assert len(scores) + len(of_a_wording) == len(shown)
    assert {score.method for score in scores} >= {"mean", "sum", "count", "lookup", "cases"}
    words = {word for model in get_args(get_args(Score)[0]) for word in model.model_fields}
    words |= {word for model in get_args(AnyItem) for word in model.model_fields}
    words |= {name for model in get_args(AnyItem) for name in types_of(model)}
    words |= {"min_answered", "max_missing", *methods_of("method")}
    assert {
        w for w in words - common.keys() if f"`{w}" not in text and f'"{w}"' not in text
    } == set()


def types_of(model: type[Model]) -> tuple[str, ...]:
    return get_args(model.model_fields["type"].annotation)


def test_there_is_a_small_definition_for_each_kind_of_item_and_step() -> None:
    documents = [read(path) for path in small_definitions()]
    items = [item for document in documents for item in document["items"]]
    items += [item for document in documents for item in document.get("open_items", ())]
    types = {name for model in get_args(AnyItem) for name in types_of(model)}
    assert len(types) == 10
    assert {item["type"] for item in items} == types
    assert any("show_when" in item for item in items)
    assert any("recode" in item for item in items)
    assert any("missing_codes" in item for item in items)
    assert any("not_applicable" in item for item in items)
    assert any("requires" in score for score in all_scores())
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


def test_the_band_of_a_value_begins_at_its_edge() -> None:
    answers = [{"q1": one, "q2": other} for one, other in ((0, 1), (2, 0), (1, 3), (3, 2))]
    given = [scorer(small("bands")).score_one(some)["total"] for some in [*answers, {"q1": 3}]]
    assert [one["band"] for one in given] == ["none", "mild", "mild", "severe", None]


@pytest.mark.parametrize("total", range(45))
def test_the_persons_mean_changes_no_sum_of_all_answers(total: int) -> None:
    document = read(small("sum-person-mean"))
    items = [f"q{number}" for number in range(1, 12)]
    document["items"] = [{**document["items"][0], "id": item} for item in items]
    document["option_sets"]["level"] = [0, 1, 2, 3, 4]
    document["scores"][0]["items"] = items
    subject = compile_instrument(Instrument.model_validate(document))
    answers = {item: (total + place) // 11 for place, item in enumerate(items)}
    assert subject.score_one(answers)["total"]["value"] == sum(answers.values()) == total


def test_a_score_that_rounding_puts_beside_a_bound_is_at_the_bound() -> None:
    document = read(small("cases"))
    by_id = {score["id"]: score for score in document["scores"]}
    by_id["a"] |= {"affine": {"multiply": 0.1, "add": 0.7}}
    answers = {"q1": 1, "q2": 0, "q3": 1}
    for word, value in {"at_least": 3, "above": 1, "at_most": 3, "below": 1}.items():
        by_id["grade"]["cases"] = [{"when": {"a": {word: 0.8}}, "value": 3}]
        subject = compile_instrument(Instrument.model_validate(document))
        given = subject.score_one(answers)
        assert given["a"]["value"] == 0.7999999999999999
        assert given["grade"]["value"] == value, word


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


@pytest.mark.parametrize("kind", ["?", "c16", "O", "U1", "S1", "M8[s]", "m8[s]"])
def test_answers_that_are_no_plain_numbers_are_refused(kind: str) -> None:
    answers = np.zeros((2, 3), dtype=kind)
    for ask in (scorer(small("sum")).score, scorer(small("sum")).wrong):
        with pytest.raises(ValueError, match=r"^answers must be plain numbers, with NaN for no"):
            ask(answers)


def test_masked_answers_are_refused_for_what_is_under_a_mask_is_no_answer() -> None:
    answers = np.ma.masked_equal(np.array([[1.0, 2.0, 3.0]]), 2.0)
    with pytest.raises(ValueError, match=r"^answers must be plain numbers, with NaN for no"):
        scorer(small("sum")).score(answers)


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


@pytest.mark.parametrize("path", small_definitions(), ids=lambda path: path.stem)
def test_a_definition_that_is_written_out_reads_back_the_same(path: Path) -> None:
    before = instrument(path)
    assert Instrument.model_validate_json(before.model_dump_json()) == before
