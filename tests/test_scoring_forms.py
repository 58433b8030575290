"""However a matrix of answers lies in memory, and however it is cut up, its scores are the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoring.score
from scoring import Instrument, NotAnAnswer, Scorer, compile_instrument
from scoring.methods import Floats
from tests.documents import SMALL, read, resolved, scorer, small_definitions
from tests.test_scoring_laws import EXAMPLES, every_instrument, law, picked, rules, same_bits

pytestmark = pytest.mark.uncounted

few = settings(law, max_examples=max(3, EXAMPLES // 3))  # each draws dozens of people
seeds = st.integers(0, 2**32 - 1)

FORMS: dict[str, Callable[[Floats], Any]] = {
    "columns in one piece": np.asfortranarray,
    "every other row": lambda plain: np.repeat(plain, 2, axis=0)[::2],
    "every other column": lambda plain: np.repeat(plain, 2, axis=1)[:, ::2],
    "rows from behind": lambda plain: plain[::-1].copy()[::-1],
    "part of a wider one": lambda plain: np.pad(plain, 3, constant_values=-7)[3:-3, 3:-3],
    "not to be written to": lambda plain: np.broadcast_to(plain, plain.shape),
}
WHOLE = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", ">i4", ">f8"]


def crowd(subject: Scorer, seed: int, people: int, missing: float = 0.2) -> Floats:
    """Return the answers of some people: any code of an item, or with this chance none."""
    chance = np.random.default_rng(seed)
    definition = subject.instrument
    codes = [[*definition.codes(item), *item.missing_codes] for item in definition.items]
    answers = np.column_stack([chance.choice(np.array(of, float), people) for of in codes])
    return np.where(chance.random(answers.shape) < missing, np.nan, answers)


@every_instrument
@few
@given(seed=seeds, people=st.integers(1, 70))
def test_people_score_alike_in_one_part_or_in_many(path: Path, seed: int, people: int) -> None:
    subject, answers = scorer(path), crowd(scorer(path), seed, people)
    for rule in rules(subject):
        whole = subject.score(answers, rule)
        for part in (1, 2, 3, people, people + 1):
            for spare in (0, len(subject.items) - 1):
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(scoring.score, "CELLS", part * len(subject.items) + spare)
                    assert same_bits(subject.score(answers, rule), whole)


@every_instrument
@few
@given(seed=seeds)
def test_a_part_is_never_smaller_than_one_person(path: Path, seed: int) -> None:
    subject, answers = scorer(path), crowd(scorer(path), seed, 3)
    whole = subject.score(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring.score, "CELLS", 0)
        assert same_bits(subject.score(answers), whole)


@every_instrument
@few
@given(seed=seeds, people=st.integers(1, 130))
def test_how_answers_lie_in_memory_does_not_matter(path: Path, seed: int, people: int) -> None:
    answers = crowd(scorer(path), seed, people)
    wanted = scorer(path).score(answers)
    for name, form in FORMS.items():
        formed = form(answers)
        assert np.array_equal(formed, answers, equal_nan=True)
        assert same_bits(scorer(path).score(formed), wanted), name


@every_instrument
@few
@given(seed=seeds)
def test_people_are_scored_by_the_dozen_as_by_the_hundred(path: Path, seed: int) -> None:
    answers = crowd(scorer(path), seed, 200)
    together = scorer(path).score(answers)
    for start, end in ((0, 63), (63, 64), (64, 129), (129, 200)):
        part = scorer(path).score(answers[start:end])
        assert same_bits(part, picked(together, list(range(start, end))))


@every_instrument
@few
@given(seed=seeds)
def test_one_persons_answers_by_name_score_as_a_row_of_a_matrix(path: Path, seed: int) -> None:
    subject, answers = scorer(path), crowd(scorer(path), seed, 1)
    by_name = {
        item: int(code)
        for item, code in zip(subject.items, answers[0], strict=True)
        if not np.isnan(code)
    }
    for rule in rules(subject):
        row, one = subject.score(answers, rule), subject.score_one(by_name, rule)
        assert list(one) == list(row.values)
        for name, found in one.items():
            value = np.nan if found["value"] is None else found["value"]
            assert np.float64(value).tobytes() == row.values[name].tobytes(), name
            assert found["answered"] == row.answered[name][0], name
            assert found["items"] == row.items[name], name


@every_instrument
@few
@given(seed=seeds)
def test_whole_numbers_of_any_kind_score_alike(path: Path, seed: int) -> None:
    answers = crowd(scorer(path), seed, 9, missing=0)
    wanted = scorer(path).score(answers)
    able = [kind for kind in WHOLE if answers.max() <= (127 if kind[-1] == "1" else 2048)]
    assert len(able) >= len(WHOLE) - 2
    for kind in able:
        assert same_bits(scorer(path).score(answers.astype(kind)), wanted), kind


@every_instrument
@few
@given(seed=seeds)
def test_no_score_is_minus_zero_and_minus_zero_is_the_answer_0(path: Path, seed: int) -> None:
    answers = crowd(scorer(path), seed, 40)
    turned = np.where(answers == 0, -0.0, answers)
    for rule in rules(scorer(path)):
        scores = scorer(path).score(answers, rule)
        assert same_bits(scorer(path).score(turned, rule), scores)
        for name, values in scores.values.items():
            assert not np.signbit(values[values == 0]).any(), name


def with_minus_zeros(written: Any) -> Any:
    """Return what is written in a definition, with -0.0 for every 0."""
    if isinstance(written, dict):
        return {key: with_minus_zeros(thing) for key, thing in written.items()}
    if isinstance(written, list):
        return [with_minus_zeros(thing) for thing in written]
    return -0.0 if written == 0 and isinstance(written, int | float) else written


@pytest.mark.parametrize("path", small_definitions(), ids=lambda path: str(path.stem))
def test_a_zero_that_is_written_with_a_minus_is_a_zero(path: Path) -> None:
    document = resolved(path)
    parts = {part: with_minus_zeros(document[part]) for part in ("scores", "recodes")}
    subject = compile_instrument(Instrument.model_validate({**document, **parts}))
    answers = crowd(subject, 0, 200)
    assert same_bits(subject.score(answers), scorer(path).score(answers))


@every_instrument
def test_every_number_is_an_answer_or_is_refused(path: Path) -> None:
    subject = scorer(path)
    known = [{*subject.instrument.codes(i), *i.missing_codes} for i in subject.instrument.items]
    numbers = range(-2, max(set.union(*known)) + 4)
    for column, codes in enumerate(known):
        answers = np.full((len(numbers), len(known)), np.nan)
        answers[:, column] = numbers
        wrong = subject.wrong(answers)
        assert wrong[:, column].tolist() == [code not in codes for code in numbers]
        assert not np.delete(wrong, column, axis=1).any()
        for row, code in ((0, -2), (1, -1), (-2, numbers[-2]), (-1, numbers[-1])):
            with pytest.raises(NotAnAnswer, match=f"^{subject.items[column]}: {code} is not one"):
                subject.score(answers[[row]])


@every_instrument
@few
@given(seed=seeds, odd=st.sampled_from([-1, 0.5, 1000, 65536, 1e300, np.inf, -np.inf]))
def test_what_is_wrong_is_what_is_refused(path: Path, seed: int, odd: float) -> None:
    subject, answers = scorer(path), crowd(scorer(path), seed, 6)
    answers[np.random.default_rng(seed).random(answers.shape) < 0.1] = odd
    wanted = [[code == odd for code in row] for row in answers]
    assert subject.wrong(answers).tolist() == wanted
    if np.any(wanted):
        items = {subject.items[column] for column in np.argwhere(wanted)[:, 1]}
        with pytest.raises(NotAnAnswer, match=r"is not one of its codes$") as caught:
            subject.score(answers)
        assert caught.value.item in items
    else:
        subject.score(answers)


@pytest.mark.parametrize("rule", ["all", "half", "any", {"min_answered": 1}, {"max_missing": 0}])
@pytest.mark.parametrize("method", ["mean", "sum", "count"])
def test_a_score_of_one_item_is_what_its_answer_is_worth(method: str, rule: object) -> None:
    document = read(SMALL / "sum.json")
    (score,) = document["scores"]
    score |= {"method": method, "items": ["q2"], "missing": rule}
    score |= {"values": [2, 3]} if method == "count" else {}
    subject = compile_instrument(Instrument.model_validate(document))
    worth = {code: float(code in (2, 3)) if method == "count" else code for code in range(4)}
    for code, value in worth.items():
        assert subject.score_one({"q2": code})["total"] == {
            "value": value,
            "answered": 1,
            "items": 1,
        }
    assert subject.score_one({"q1": 1, "q3": 1})["total"]["value"] is None
