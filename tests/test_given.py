"""Answers that come all at once: what holds whatever they are."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from app import answers, catalogue, given, worth
from app.catalogue import Published
from app.errors import Refused
from tests.documents import INSTRUMENTS, SMALL, instrument, scorer

TODAY = date(2026, 11, 24)
ASKED = [
    INSTRUMENTS / "eq-5d-5l/1.0.json",
    INSTRUMENTS / "phq-9/1.0.json",
    INSTRUMENTS / "rand-12/1.0.json",
    SMALL / "show-when.json",
    SMALL / "not-applicable.json",
    SMALL / "multiple-choice.json",
]
REASON = st.sampled_from(["skipped", "not_shown", "not_applicable"])


@cache
def published(path: Path) -> Published:
    return catalogue.ready(instrument(path), "hash")


@st.composite
def sent(draw: st.DrawFn) -> tuple[Published, dict[str, Any], dict[str, str]]:
    """Draw an instrument, and answers and reasons, most of them right."""
    definition = published(draw(st.sampled_from(ASKED)))
    names = sorted(definition.questions)
    some = st.lists(st.sampled_from(names), unique=True)
    values: dict[str, Any] = {}
    for name in draw(some):
        codes = definition.instrument.codes(definition.instrument.asked(name))
        values[name] = draw(st.sampled_from([*codes, *([code] for code in codes), 999]))
    reasons = {name: draw(REASON) for name in draw(some) if draw(st.booleans())}
    return definition, values, reasons


@settings(max_examples=200)
@drawn(sent())
def test_what_is_taken_has_one_answer_or_one_reason_for_each_question(
    one: tuple[Published, dict[str, Any], dict[str, str]],
) -> None:
    definition, values, reasons = one
    try:
        kept, missing = given.read(definition, values, reasons, TODAY)
    except Refused as error:
        named = {field.field.split(".")[1] for field in error.errors}
        assert named <= values.keys() | reasons.keys()
        return
    assert kept.keys() | missing.keys() == definition.questions
    assert not kept.keys() & missing.keys()
    assert kept.items() <= values.items()
    assert not [name for name, codes in definition.not_applicable if kept.get(name) in codes]
    assert set(kept) | {n for n, why in missing.items() if why == "not_applicable"} >= set(values)
    assert given.read(definition, kept, missing, TODAY) == (kept, missing)


@settings(max_examples=200)
@drawn(sent())
def test_what_the_form_would_refuse_is_refused_by_name_and_nothing_else(
    one: tuple[Published, dict[str, Any], dict[str, str]],
) -> None:
    definition, values, _ = one
    out = answers.left_out(definition.way, values)
    asked = {name: value for name, value in values.items() if name not in out}
    out = answers.left_out(definition.way, asked)
    no = {name for name, value in asked.items() if not on_the_form(definition, name, value)}
    assert refused(definition, asked) == no | (out & asked.keys())


def refused(definition: Published, values: dict[str, Any]) -> set[str]:
    try:
        given.read(definition, values, {}, TODAY)
    except Refused as error:
        return {field.field.removeprefix("answers.") for field in error.errors}
    return set()


def on_the_form(definition: Published, name: str, value: Any) -> bool:
    item = definition.instrument.asked(name)
    try:
        answers.check(definition.instrument, item, value, TODAY)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.parent.name + path.stem)
def test_many_are_worth_what_each_is_alone(path: Path) -> None:
    subject = scorer(path)
    items = subject.instrument.items
    people = [
        {
            item.id: subject.instrument.codes(item)[(person + place) % 2]
            for place, item in enumerate(items)
            if (person + place) % 5
        }
        for person in range(7)
    ]
    alone = [subject.score_one(one) for one in people]
    assert list(worth.scores(subject, people)) == alone
