"""What each type of question takes as an answer, and which questions are left out."""

from datetime import date
from typing import Any

import pytest

from app.answers import check, left_out
from app.errors import Refused
from scoring import Instrument
from tests.documents import SMALL, instrument

TODAY = date(2026, 11, 24)


def small(name: str) -> Instrument:
    return instrument(SMALL / f"{name}.json")


def why_not(name: str, item: str, value: object) -> str:
    """Return why a value is refused; nothing when it is taken."""
    subject = small(name)
    try:
        check(subject, subject.asked(item), value, TODAY)
    except Refused as refused:
        field, message = refused.errors[0]
        return message if field == item else field
    return ""


TAKEN: list[tuple[str, str, Any]] = [
    ("yes-no", "q1", 0),
    ("numeric-rating", "pain", 10),
    ("eq-vas", "vas", 100),
    ("multiple-choice", "where", [3, 1]),
    ("multiple-choice", "where", [9]),
    ("number", "weight", 72.5),
    ("number", "weight", 20),
    ("number", "steps", 100000),
    ("date", "operated", "1950-01-01"),
    ("date", "operated", "2026-11-24"),
    ("date", "any_day", "2199-12-31"),
    ("free-text", "trade", "Snekker, 40 år"),
    ("free-text", "story", "a\nb"),
]

REFUSED: list[tuple[str, str, Any, str]] = [
    ("yes-no", "q1", 2, "2 is not one of its answers"),
    ("yes-no", "q1", True, "True is not one of its answers"),
    ("yes-no", "q1", "1", "1 is not one of its answers"),
    ("numeric-rating", "pain", 11, "11 is not one of its answers"),
    ("numeric-rating", "pain", 99, "99 is not one of its answers"),
    ("multiple-choice", "where", 1, "give a list of its codes: 1, 2, 3, 9"),
    ("multiple-choice", "where", [], "give a list of its codes: 1, 2, 3, 9"),
    ("multiple-choice", "where", [4], "give a list of its codes: 1, 2, 3, 9"),
    ("multiple-choice", "where", [[1]], "give a list of its codes: 1, 2, 3, 9"),
    ("multiple-choice", "where", [True], "give a list of its codes: 1, 2, 3, 9"),
    ("multiple-choice", "where", [1, 1], "each code may be given once"),
    ("multiple-choice", "where", [1, 9], "9 goes with no other answer"),
    ("number", "weight", 19.9, "give a number from 20 to 300"),
    ("number", "weight", 300.1, "give a number from 20 to 300"),
    ("number", "weight", "72", "give a number from 20 to 300"),
    ("number", "weight", True, "give a number from 20 to 300"),
    ("number", "weight", float("nan"), "give a number from 20 to 300"),
    ("number", "weight", 72.55, "give at most 1 decimals"),
    ("number", "steps", 0.5, "give at most 0 decimals"),
    ("date", "operated", "1949-12-31", "give a date from 1950-01-01 to 2026-11-24"),
    ("date", "operated", "2026-11-25", "give a date from 1950-01-01 to 2026-11-24"),
    ("date", "any_day", "2026-02-30", "give a date such as 2026-11-01"),
    ("date", "any_day", "20261101", "give a date such as 2026-11-01"),
    ("date", "any_day", 20261101, "give a date such as 2026-11-01"),
    ("free-text", "trade", "  ", "give a text"),
    ("free-text", "trade", 4, "give a text"),
    ("free-text", "trade", "a\0b", "give a text without characters that cannot be stored"),
    ("free-text", "trade", "\ud800", "give a text without characters that cannot be stored"),
    ("free-text", "trade", "x" * 41, "give at most 40 characters; these are 41"),
    ("statement", "about", 1, "is a statement, which has no answer"),
]


@pytest.mark.parametrize(("name", "item", "value"), TAKEN)
def test_an_answer_is_taken(name: str, item: str, value: object) -> None:
    assert why_not(name, item, value) == ""


@pytest.mark.parametrize(("name", "item", "value", "message"), REFUSED)
def test_what_is_no_answer_is_refused_with_words(
    name: str, item: str, value: object, message: str
) -> None:
    assert why_not(name, item, value) == message


@pytest.mark.parametrize(
    ("answers", "out"),
    [
        ({}, {"q2", "where", "which_hand"}),
        ({"q1": 0}, {"q2", "where", "which_hand"}),
        ({"q1": 1}, {"where", "which_hand"}),
        ({"q1": 1, "q2": 1}, {"where", "which_hand"}),
        ({"q1": 1, "q2": 2}, {"which_hand"}),
        ({"q1": 1, "q2": 3, "where": [1]}, {"which_hand"}),
        ({"q1": 1, "q2": 3, "where": [1, 2]}, set()),
        ({"q1": 0, "q2": 3, "where": [2]}, {"q2", "where", "which_hand"}),
    ],
)
def test_a_question_is_left_out_unless_all_it_waits_for_is_asked_and_answered_so(
    answers: dict[str, Any], out: set[str]
) -> None:
    assert left_out(small("show-when").in_order(), answers) == out


def test_where_nothing_is_conditional_nothing_is_left_out() -> None:
    assert left_out(small("mean-half").in_order(), {}) == frozenset()
