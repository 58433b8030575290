"""What must hold for all answers to all instruments, tried on answers drawn at random.

The draws are the same each time. `LAW_EXAMPLES=5000` asks for more of them.
"""

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import NotAnAnswer, Scorer, Scores
from scoring.instrument import Mean, NamedRule, OfItems
from scoring.item import Choice, Item, Scale
from scoring.methods import Floats
from scoring.structure import items_under
from tests import oracle
from tests.documents import resolved, scorer, shipped, shipped_definitions, small_definitions

pytestmark = pytest.mark.uncounted

EXAMPLES = int(os.environ.get("LAW_EXAMPLES", "12"))
law = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no broken law
)

DEFINITIONS = [*shipped_definitions(), *small_definitions()]
every_instrument = pytest.mark.parametrize(
    "path", DEFINITIONS, ids=lambda path: f"{path.parent.name}/{path.name}"
)

Codes = list[int | None]


def apart(item: Item) -> tuple[int, ...]:
    """Return the codes of an item that mean "not applicable"."""
    return item.not_applicable if isinstance(item, Choice) else ()


WITH_ANSWERS_APART = [
    path for path in DEFINITIONS if any(map(apart, scorer(path).instrument.items))
]


@cache
def one_answer(path: Path, name: str) -> st.SearchStrategy[int | None]:
    item = scorer(path).instrument.item(name)
    codes = scorer(path).instrument.codes(item)
    missing = st.sampled_from([None, *item.missing_codes])
    return st.one_of(st.sampled_from(codes), st.sampled_from(codes), missing)


def person(path: Path) -> st.SearchStrategy[Codes]:
    items = scorer(path).instrument.items
    return st.tuples(*(one_answer(path, item.id) for item in items)).map(list)


def people(path: Path) -> st.SearchStrategy[list[Codes]]:
    return st.lists(person(path), min_size=1, max_size=30)


def matrix(rows: list[Codes]) -> Floats:
    return np.array([[np.nan if code is None else float(code) for code in row] for row in rows])


def rules(subject: Scorer) -> list[NamedRule | None]:
    scores = [score for score in subject.instrument.scores if isinstance(score, OfItems)]
    offered = {rule for score in scores for rule in score.missing_options}
    return [None, *sorted(offered)]


def same_bits(one: Scores, other: Scores) -> bool:
    assert one.values.keys() == other.values.keys() == one.answered.keys()
    return all(
        one.values[name].tobytes() == other.values[name].tobytes()
        and one.answered[name].tolist() == other.answered[name].tolist()
        for name in one.values
    )


def picked(scores: Scores, rows: list[int]) -> Scores:
    values = {name: column[rows] for name, column in scores.values.items()}
    answered = {name: column[rows] for name, column in scores.answered.items()}
    return Scores(values, answered, scores.items)


def test_there_are_instruments_to_try_the_laws_on() -> None:
    assert len(shipped_definitions()) >= 3
    assert len(small_definitions()) >= 35
    assert WITH_ANSWERS_APART


@every_instrument
@law
@given(data=st.data())
def test_the_order_of_rows_never_matters(path: Path, data: st.DataObject) -> None:
    rows = data.draw(people(path))
    order = data.draw(st.permutations(range(len(rows))))
    for rule in rules(scorer(path)):
        straight = scorer(path).score(matrix(rows), rule)
        mixed = scorer(path).score(matrix([rows[place] for place in order]), rule)
        assert same_bits(mixed, picked(straight, order))


@every_instrument
@law
@given(data=st.data())
def test_one_person_alone_scores_as_among_many_bit_for_bit(path: Path, data: st.DataObject) -> None:
    rows = data.draw(people(path))
    together = scorer(path).score(matrix(rows))
    for place, row in enumerate(rows):
        assert same_bits(scorer(path).score(matrix([row])), picked(together, [place]))


@pytest.mark.parametrize("path", shipped_definitions(), ids=lambda path: str(path.parent.name))
def test_thousands_of_people_score_together_as_they_do_in_parts(path: Path) -> None:
    chance = np.random.default_rng(36)
    items = scorer(path).instrument.items
    codes = [[*scorer(path).instrument.codes(item), *item.missing_codes, np.nan] for item in items]
    answers = np.column_stack([chance.choice(np.array(of, float), 2003) for of in codes])
    together = scorer(path).score(answers)
    for start, end in ((0, 1), (1, 3), (3, 10), (10, 1000), (1000, 2003)):
        part = scorer(path).score(answers[start:end])
        assert same_bits(part, picked(together, list(range(start, end))))


@every_instrument
@law
@given(data=st.data())
def test_nobody_elses_answers_change_a_persons_scores(path: Path, data: st.DataObject) -> None:
    mine = data.draw(person(path))
    first, second = data.draw(people(path)), data.draw(people(path))
    among_some = scorer(path).score(matrix([mine, *first]))
    among_others = scorer(path).score(matrix([mine, *second]))
    assert same_bits(picked(among_some, [0]), picked(among_others, [0]))


@every_instrument
@law
@given(data=st.data())
def test_a_plain_reading_of_the_definition_gives_the_same_scores(
    path: Path, data: st.DataObject
) -> None:
    subject = scorer(path)
    row = data.draw(person(path))
    answers = {i: code for i, code in zip(subject.items, row, strict=True) if code is not None}
    for rule in rules(subject):
        given_scores = subject.score_one(answers, rule)
        for name, wanted in oracle.scores(resolved(path), answers, rule).items():
            value = given_scores[name]["value"]
            assert value == (None if wanted is None else pytest.approx(wanted, rel=0, abs=1e-9))


@every_instrument
@law
@given(data=st.data())
def test_answered_counts_the_items_that_were_answered(path: Path, data: st.DataObject) -> None:
    subject = scorer(path)
    row = data.draw(person(path))
    answers = {i: code for i, code in zip(subject.items, row, strict=True) if code is not None}
    no_number = {item.id: (*item.missing_codes, *apart(item)) for item in subject.instrument.items}
    real = {item for item, code in answers.items() if code not in no_number[item]}
    for name, under in items_under(subject.instrument).items():
        found = subject.score_one(answers)[name]
        assert (found["answered"], found["items"]) == (len(real & set(under)), len(under))


@every_instrument
@law
@given(data=st.data())
def test_scores_lie_in_their_declared_range(path: Path, data: st.DataObject) -> None:
    for rule in rules(scorer(path)):
        values = scorer(path).score(matrix(data.draw(people(path))), rule).values
        for score in scorer(path).instrument.scores:
            low, high = score.range
            found = values[score.id][~np.isnan(values[score.id])]
            assert ((found >= low - 1e-9) & (found <= high + 1e-9)).all(), score.id


@every_instrument
@law
@given(data=st.data())
def test_a_missing_code_scores_as_no_answer_at_all(path: Path, data: st.DataObject) -> None:
    rows = data.draw(people(path))
    items = scorer(path).instrument.items
    blank: list[Codes] = [
        [
            None if code in item.missing_codes else code
            for code, item in zip(row, items, strict=True)
        ]
        for row in rows
    ]
    assert same_bits(scorer(path).score(matrix(rows)), scorer(path).score(matrix(blank)))


@every_instrument
@law
@given(data=st.data())
def test_taking_an_answer_away_leaves_the_mean_of_the_rest_or_nothing(
    path: Path, data: st.DataObject
) -> None:
    subject = scorer(path)
    means = [score for score in subject.instrument.scores if isinstance(score, Mean)]
    scored = map(subject.instrument.scored_codes, subject.instrument.items)
    row = [data.draw(st.sampled_from(codes)) for codes in scored]
    gone = data.draw(st.sampled_from(subject.items))
    answers = {item: code for item, code in zip(subject.items, row, strict=True) if item != gone}
    worth = {i: subject.instrument.value(subject.instrument.item(i), answers[i]) for i in answers}
    for score in means:
        rest = [worth[item] for item in score.items if item != gone]
        value = subject.score_one(answers)[score.id]["value"]
        if value is not None:
            mean = sum(rest) / len(rest)
            assert value == pytest.approx(score.affine.multiply * mean + score.affine.add)


@every_instrument
@law
@given(data=st.data())
def test_a_null_never_becomes_a_number_when_an_answer_is_taken_away(
    path: Path, data: st.DataObject
) -> None:
    rows = data.draw(people(path))
    column = data.draw(st.integers(0, len(scorer(path).items) - 1))
    fewer: list[Codes] = [[*row[:column], None, *row[column + 1 :]] for row in rows]
    for rule in rules(scorer(path)):
        before = scorer(path).score(matrix(rows), rule)
        after = scorer(path).score(matrix(fewer), rule)
        for name, values in before.values.items():
            assert np.isnan(after.values[name][np.isnan(values)]).all(), name
            assert (after.answered[name] <= before.answered[name]).all(), name


@pytest.mark.parametrize("path", WITH_ANSWERS_APART, ids=lambda path: str(path.stem))
@law
@given(data=st.data())
def test_what_is_not_applicable_is_no_number_and_scores_as_no_answer(
    path: Path, data: st.DataObject
) -> None:
    items = scorer(path).instrument.items
    rows = data.draw(people(path))
    blank: list[Codes] = [
        [None if code in apart(item) else code for code, item in zip(row, items, strict=True)]
        for row in rows
    ]
    for rule in rules(scorer(path)):
        given_scores = scorer(path).score(matrix(rows), rule)
        assert same_bits(given_scores, scorer(path).score(matrix(blank), rule))
    assert not scorer(path).wrong(matrix(rows)).any()


@every_instrument
@law
@given(data=st.data())
def test_a_code_that_is_not_on_offer_is_refused(path: Path, data: st.DataObject) -> None:
    subject = scorer(path)
    rows = data.draw(people(path))
    column = data.draw(st.integers(0, len(subject.items) - 1))
    item = subject.instrument.items[column]
    offered = {*subject.instrument.codes(item), *item.missing_codes}
    strange = st.integers(-5, 2000).filter(lambda code: code not in offered)
    odd = st.sampled_from([0.5, 1.0000001, -np.inf, np.inf, 1e300])
    answers = matrix(rows)
    answers[data.draw(st.integers(0, len(rows) - 1)), column] = data.draw(strange | odd)
    with pytest.raises(NotAnAnswer, match=f"^{item.id}: .* is not one of its codes$") as caught:
        subject.score(answers)
    assert caught.value.item == item.id


@pytest.mark.parametrize("instrument", ["rand-36", "eq-5d-5l"])
@law
@given(data=st.data())
def test_a_better_answer_never_lowers_a_scale_or_an_index(
    instrument: str, data: st.DataObject
) -> None:
    """Holds for scales, the index and the VAS; not for weighted composites, nor for RAND-12."""
    path = shipped(instrument)
    subject = scorer(path)
    rising = [
        s.id for s in subject.instrument.scores if s.method != "combine" and s.id != "level_sum"
    ]
    row = [
        data.draw(st.sampled_from(subject.instrument.codes(i))) for i in subject.instrument.items
    ]
    column = data.draw(st.integers(0, len(row) - 1))
    item = subject.instrument.items[column]
    ladder = better_and_better(item, subject.instrument.codes(item))
    answers = matrix([[*row[:column], code, *row[column + 1 :]] for code in ladder])
    for name in rising:
        assert (np.diff(subject.score(answers).values[name]) >= -1e-9).all(), name


def better_and_better(item: Choice | Scale, codes: tuple[int, ...]) -> list[int]:
    return sorted(codes, reverse=item.direction == "lower_is_better")
