"""Every rule about a document is broken by at least one bad document, which says what is wrong.

Beside each bad document stands a text file with the messages it must give, one a line.
"""

from cProfile import Profile
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from scoring import Instrument, NotValid, Problem, ValueSet, Wording, compile_instrument
from scoring.checks import rules
from scoring.checks.examples import unproven
from scoring.checks.possible import beside
from scoring.checks.rules import instrument_problems
from scoring.problem import WORDS, shape_problems
from scoring.reference import Mcid, Norm
from scoring.wording import wording_problems
from tests.documents import BAD, SMALL, Document, instrument, read

MODELS: dict[str, type[BaseModel]] = {
    "rules": Instrument,
    "shape": Instrument,
    "value-set": ValueSet,
    "norm": Norm,
    "mcid": Mcid,
    "wording": Wording,
}
BAD_DOCUMENTS = sorted(BAD.glob("*/*.json"))
WITH_SHAPE = [path for path in BAD_DOCUMENTS if path.parent.name == "rules"]


def problems(path: Path) -> list[Problem]:
    try:
        document = MODELS[path.parent.name].model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        return shape_problems(error, read(path))
    if isinstance(document, Wording):
        definition = instrument(SMALL / f"{document.instrument}.json")
        return list(wording_problems(document, definition))
    return instrument_problems(document) if isinstance(document, Instrument) else []


def kinds(path: Path) -> set[str]:
    """Return the kinds of pydantic's findings in a bad document."""
    try:
        MODELS[path.parent.name].model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        return {found["type"] for found in error.errors()}
    return set()


PROOF = {"misnamed", "unproven", "untried"}


def broken(subject: Instrument) -> set[str]:
    """Return the names of the rules that an instrument breaks in the first stage that finds any."""
    for stage in rules.STAGES:
        if names := {rule.__name__ for rule in stage if list(rule(subject))}:
            return names
    if list(rules.misnamed(subject)):
        return {"misnamed"}
    return {"unproven" if list(unproven(compile_instrument(subject))) else "untried"}


def base() -> Document:
    return read(SMALL / "mean-half.json")


def nested(levels: int) -> Document:
    """Return a definition where each level combines both scores of the level below."""
    document = base()
    total = document["scores"].pop()
    combined = {key: total[key] for key in ("name", "range", "direction", "source")}
    for level in range(levels):
        for side in "ab":
            below = [{"score": f"{one}{level - 1}", "weight": 0.5} for one in "ab"]
            way = {**combined, "method": "combine", "terms": below} if level else total
            document["scores"].insert(0, {**way, "id": f"{side}{level}"})
    names = [score["id"] for score in document["scores"]]
    for example in document["examples"]:
        example["expected"] = dict.fromkeys(names, example["expected"]["total"])
    return document


def calls(levels: int) -> int:
    """Count the calls it takes to check nested combinations and score with them."""
    subject, profile = Instrument.model_validate(nested(levels)), Profile()
    assert profile.runcall(instrument_problems, subject) == []
    return sum(entry.callcount for entry in profile.getstats())


def test_there_are_bad_documents_of_each_kind_each_with_its_messages() -> None:
    assert {path.parent.name for path in BAD_DOCUMENTS} == MODELS.keys()
    assert len(BAD_DOCUMENTS) > 150
    assert [path.with_suffix(".txt") for path in BAD_DOCUMENTS] == sorted(BAD.glob("*/*.txt"))


@pytest.mark.parametrize("path", BAD_DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_bad_document_is_refused_with_these_messages(path: Path) -> None:
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert expected
    assert [str(problem) for problem in problems(path)] == expected


@pytest.mark.parametrize("path", WITH_SHAPE, ids=lambda path: str(path.stem))
def test_a_bad_instrument_breaks_one_rule(path: Path) -> None:
    assert len(broken(Instrument.model_validate(read(path)))) == 1


def test_every_rule_is_broken_by_at_least_one_bad_instrument() -> None:
    every = {rule.__name__ for stage in rules.STAGES for rule in stage} | PROOF
    subjects = [Instrument.model_validate(read(path)) for path in WITH_SHAPE]
    assert len(every) == 24
    assert set.union(*(broken(subject) for subject in subjects)) == every


def test_each_kind_of_finding_has_words_of_its_own_and_a_bad_document() -> None:
    assert set.union(*map(kinds, BAD_DOCUMENTS)) & {*get_args(ErrorType)} == WORDS.keys()


def test_the_rules_of_names_come_before_those_that_lean_on_names() -> None:
    document = base()
    document["items"][0]["missing_codes"] = [3]
    document["scores"][0]["range"] = [0, 1]
    found = instrument_problems(Instrument.model_validate(document))
    assert [problem.path for problem in found] == ["items.q1.missing_codes"]
    document["pages"][0]["items"] = ["q1", "q2"]
    found = instrument_problems(Instrument.model_validate(document))
    assert [problem.path for problem in found] == ["pages.q3"]


def test_ranges_and_directions_are_told_together_before_examples() -> None:
    document = base()
    document["scores"][0] |= {"range": [0, 1], "direction": "lower_is_better"}
    document["examples"][0]["expected"] = {"total": 0}
    found = instrument_problems(Instrument.model_validate(document))
    paths = [problem.path for problem in found]
    items = [f"scores.total.items.q{number}" for number in (1, 2, 3)]
    assert paths == ["scores.total.range", "scores.total.direction", *items]


@pytest.mark.parametrize("given", [[-0.0299, 3.0299], [0, 3], [0.0000000001, 2.9999999999]])
def test_a_range_may_be_a_hundredth_wider_than_the_arithmetic(given: list[float]) -> None:
    document = base()
    document["scores"][0]["range"] = given
    assert instrument_problems(Instrument.model_validate(document)) == []


def test_twice_the_levels_of_combinations_take_no_more_than_their_share_of_work() -> None:
    assert calls(20) < 3 * calls(10)


def test_hundreds_of_levels_of_combinations_can_be_checked_and_scored() -> None:
    subject = Instrument.model_validate(nested(600))
    assert instrument_problems(subject) == []
    assert compile_instrument(subject).score_one({"q1": 1, "q2": 2})["a599"] == {
        "value": 1.5,
        "answered": 2,
        "items": 3,
    }


def test_hundreds_of_tables_one_upon_another_can_be_checked_and_scored() -> None:
    document = read(SMALL / "lookup.json")
    table = {**document["scores"][1], "range": [0, 4], "table": {n: int(n) for n in "01234"}}
    for level in range(600):
        below = f"t{level - 1}" if level else "raw"
        document["scores"].insert(0, {**table, "id": f"t{level}", "score": below})
    document["scores"] = [one for one in document["scores"] if one["id"] != "t"]
    for example in document["examples"]:
        names = [score["id"] for score in document["scores"]]
        example["expected"] = dict.fromkeys(names, example["expected"]["raw"])
    assert instrument_problems(Instrument.model_validate(document)) == []


def test_a_bound_on_values_that_are_not_known_is_not_asked_for() -> None:
    document = read(SMALL / "cases.json")
    sum_of_both = {"id": "c", "method": "combine", "terms": [{"score": "a", "weight": 1}]}
    document["scores"].append({**document["scores"][1], **sum_of_both})
    document["scores"][-1].pop("items")
    document["scores"][0]["cases"][1]["when"] = {"c": {"at_least": 5}}
    for example in document["examples"]:
        example["expected"]["c"] = example["expected"]["a"]
    document["examples"][2]["answers"]["q2"] = 0
    document["examples"][2]["expected"] |= {"a": 3, "c": 3}
    lacking = "none has 4 in {}, to try at_least 5 in case {}"
    found = [
        problem.message for problem in instrument_problems(Instrument.model_validate(document))
    ]
    assert found == [lacking.format("a", 1), lacking.format("c", 2)]
    document["scores"][-1]["terms"].append({"score": "b2", "weight": 0})
    document["scores"].append({**document["scores"][1], "id": "b2"})
    for example in document["examples"]:
        example["expected"]["b2"] = example["expected"]["a"]
    found = [
        problem.message for problem in instrument_problems(Instrument.model_validate(document))
    ]
    assert found == [lacking.format("a", 1)]


@pytest.mark.parametrize(
    ("word", "bound", "wanted"),
    [
        ("at_least", 1.6666666667, [1, 5 / 3]),
        ("at_most", 1.6666666666, [5 / 3, 2]),
        ("above", 1.6666666667, [5 / 3, 2]),
        ("below", 1.6666666666, [1, 5 / 3]),
        ("above", 2, [2]),
        ("at_least", 1, [1]),
        ("below", 1.5, [1, 5 / 3]),
    ],
)
def test_a_bound_is_tried_by_the_values_on_its_two_sides(
    word: str, bound: float, wanted: list[float]
) -> None:
    assert beside({Fraction(1), Fraction(5, 3), Fraction(2)}, word, bound) == wanted


def test_a_score_name_of_23_characters_is_short_enough() -> None:
    document = base()
    name = "a_name_of_23_characters"
    document["scores"][0]["id"] = name
    for example in document["examples"]:
        example["expected"] = {name: example["expected"]["total"]}
    assert len(name) == 23
    assert instrument_problems(Instrument.model_validate(document)) == []


def test_a_score_of_no_direction_is_always_right() -> None:
    document = base()
    document["scores"][0]["direction"] = "none"
    assert instrument_problems(Instrument.model_validate(document)) == []


def test_an_expected_score_may_differ_by_a_rounding_error_only() -> None:
    document = base()
    document["examples"][0]["expected"] = {"total": 2 + 9e-10}
    assert instrument_problems(Instrument.model_validate(document)) == []
    document["examples"][0]["expected"] = {"total": 2 + 2e-9}
    found = instrument_problems(Instrument.model_validate(document))
    assert [problem.path for problem in found] == ["examples.all answered.expected.total"]


def test_a_document_that_is_no_object_is_named_the_document() -> None:
    with pytest.raises(ValidationError) as caught:
        Instrument.model_validate(3)
    assert [problem.path for problem in shape_problems(caught.value, 3)] == ["document"]


def test_a_refusal_names_all_its_problems() -> None:
    found = [Problem("scores.pain.range", "is wrong"), Problem("pages.q2", "stands on 0 pages")]
    refusal = NotValid(problem for problem in found)
    assert refusal.problems == tuple(found)
    assert str(refusal) == "scores.pain.range: is wrong; pages.q2: stands on 0 pages"


def test_documents_do_not_change_once_read() -> None:
    subject = Instrument.model_validate(base())
    with pytest.raises(ValidationError, match="frozen"):
        subject.id = "other"  # type: ignore[misc]
    value_set = instrument(SMALL / "value-set.json").value_sets["nowhere-2000"]
    with pytest.raises(ValidationError, match="frozen"):
        value_set.year = 1999  # type: ignore[misc]
