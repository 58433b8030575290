"""What must hold for all definitions: what passes can be scored, and what does not is told why.

The draws are the same each time. `LAW_EXAMPLES=5000` asks for more of them.
"""

import json
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from pydantic import ValidationError
from pydantic_core.core_schema import ErrorType

from scoring import Instrument, Scorer, compile_instrument
from scoring.checks.possible import read_values
from scoring.checks.reach import reach
from scoring.checks.rules import STAGES, instrument_problems, unscorable
from scoring.explain import explain
from scoring.instrument import Cases, Combine, Lookup
from scoring.methods import Floats
from scoring.problem import WORDS, shape_problems
from scoring.structure import in_order, own_scores
from tests import oracle
from tests.documents import Document
from tests.drawn import definitions, everyone, muddled, spoilt
from tests.test_scoring_forms import crowd
from tests.test_scoring_laws import EXAMPLES, law, rules

pytestmark = pytest.mark.uncounted

draws = settings(law, max_examples=EXAMPLES * 5)
many = settings(law, max_examples=EXAMPLES * 20)


def matrix(subject: Scorer, people: list[dict[str, int]]) -> Floats:
    return np.array([[answers.get(item, np.nan) for item in subject.items] for answers in people])


def assert_scores_are_in_their_ranges(subject: Scorer, answers: Floats) -> None:
    for rule in rules(subject):
        values = subject.score(answers, rule).values
        for score in subject.instrument.scores:
            found = values[score.id][~np.isnan(values[score.id])]
            assert np.isfinite(found).all(), score.id
            assert not np.signbit(found[found == 0]).any(), score.id
            low, high = score.range
            assert ((found >= low - 1e-9) & (found <= high + 1e-9)).all(), score.id


def assert_one_by_one_too(subject: Scorer, people: list[dict[str, int]]) -> None:
    for rule in rules(subject):
        values = subject.score(matrix(subject, people), rule).values
        for place, answers in enumerate(people):
            for one in explain(subject, answers, rule):
                given_value, told = one.given["value"], one.told.value
                wanted = values[one.score.id][place]
                assert (given_value is None) == (told is None) == np.isnan(wanted)
                if given_value is not None:
                    assert given_value == wanted == pytest.approx(told, rel=0, abs=1e-9)
                    assert not one.score.bands or one.given["band"] is not None


@draws
@given(document=definitions())
def test_a_definition_that_is_right_is_not_refused(document: Document) -> None:
    assert unscorable(Instrument.model_validate(document)) == []


@draws
@given(document=definitions())
def test_everyone_scores_as_a_plain_reading_of_the_definition_says(document: Document) -> None:
    subject = compile_instrument(Instrument.model_validate(document))
    people = everyone(document)
    assert_scores_are_in_their_ranges(subject, matrix(subject, people))
    assert_one_by_one_too(subject, people[:: 1 + len(people) // 20])
    for rule in rules(subject):
        values = subject.score(matrix(subject, people), rule).values
        wanted = [oracle.scores(document, answers, rule) for answers in people]
        for name, found in values.items():
            plain = np.array([one[name] for one in wanted], dtype=np.float64)
            np.testing.assert_array_equal(np.isnan(found), np.isnan(plain), err_msg=name)
            np.testing.assert_allclose(found, plain, rtol=0, atol=1e-9, err_msg=name)


@draws
@given(document=definitions())
def test_just_the_values_that_somebody_has_are_held_possible(document: Document) -> None:
    instrument = Instrument.model_validate({**document, "scores": with_readers(document)})
    by_id = {score.id: score for score in instrument.scores}
    offered: set[str | None] = {*rules(compile_instrument(instrument))}
    for reader in (Lookup, Cases):
        for name, known in read_values(instrument, reader).items():
            if isinstance(known, str):
                assert any(isinstance(by_id[part], Combine) for part in below(instrument, name))
                continue
            people = [
                oracle.Person(document, a, rule) for a in everyone(document) for rule in offered
            ]
            if reader is Cases:
                people = [one for one in people if len(one.answers) == len(instrument.items)]
            values = {value for one in people if (value := one.other(name)) is not None}
            decided = any(isinstance(by_id[part], Cases) for part in below(instrument, name))
            assert values <= known if decided else values == known


def with_readers(document: Document) -> list[Document]:
    """Return a definition's scores, and a table and cases that read each of them."""
    common = {"name": "Reader", "source": "Drawn", "range": [0, 0], "direction": "none"}
    scores: list[Document] = document["scores"]
    readers: list[Document] = []
    for score in scores:
        name = score["id"]
        table = {"id": f"t_{name}", "method": "lookup", "score": name, "table": {"0": 0}}
        cases = [{"when": {name: {"above": 0}}, "value": 0}]
        readers += [common | table, common | {"id": f"c_{name}", "method": "cases", "cases": cases}]
        readers[-1]["otherwise"] = 0
    return scores + readers


def below(instrument: Instrument, name: str) -> set[str]:
    """Return a score's name, and those of all scores that it is made of."""
    parts = own_scores(next(score for score in instrument.scores if score.id == name))
    return {name}.union(*(below(instrument, part) for part in parts))


def with_its_own_ranges(instrument: Instrument) -> Instrument:
    """Return an instrument that declares what its arithmetic can give, and nothing besides."""
    reaches: dict[str, tuple[float, float]] = {}
    for score in in_order(instrument):
        reaches[score.id] = reach(instrument, score, reaches)
    plain = {"direction": "none", "bands": ()}
    scores = [s.model_copy(update={"range": reaches[s.id], **plain}) for s in instrument.scores]
    return instrument.model_copy(update={"scores": tuple(scores)})


@many
@given(document=muddled())
def test_what_is_not_refused_can_be_scored_within_its_range(document: Document) -> None:
    try:
        instrument = Instrument.model_validate_json(json.dumps(document))
    except ValidationError:
        return
    found = instrument_problems(instrument)
    assert all(problem.path and problem.message for problem in found)
    if not any(list(rule(instrument)) for stage in STAGES[:-1] for rule in stage):
        instrument = with_its_own_ranges(instrument)
        assert unscorable(instrument) == []
        subject = compile_instrument(instrument)
        assert_scores_are_in_their_ranges(subject, crowd(subject, 7, 200))


@many
@given(document=spoilt())
def test_what_is_wrong_with_a_documents_shape_is_told_in_our_own_words(document: Document) -> None:
    try:
        Instrument.model_validate_json(json.dumps(document))
    except ValidationError as error:
        found = shape_problems(error, document)
        kinds = {one["type"] for one in error.errors()}
    else:
        return
    assert all(problem.path and problem.message for problem in found)
    assert kinds & {*get_args(ErrorType)} <= WORDS.keys()
