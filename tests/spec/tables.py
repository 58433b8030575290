"""What a section of the specification is: a title, the rule in plain words, and a table."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Rule = Literal["all", "half", "any"]
Expected = float | str
"""A value, `null`, `refused`, or the label of a band."""


class Rest(NamedTuple):
    """What the items that are not in a table were answered, in words and in codes."""

    text: str
    answers: Mapping[str, int]


UNANSWERED = Rest("unanswered", {})


class Section(NamedTuple):
    """One rule and its table.

    The table's first line names its columns: items, then `|`, then scores (`pain`), how many
    answers a score had (`pain.answered`), or its band (`pain.band`). Among the answers `-` means
    unanswered. Among the scores `null` means that no score is given, and `refused` that the answers
    are not accepted at all. `instrument` names the small definition that a section is about, in a
    chapter that is not about a shipped one.
    """

    title: str
    rule: str
    table: str
    rest: Rest = UNANSWERED
    missing_rule: Rule | None = None
    instrument: str = ""


class Row(NamedTuple):
    """One line of a table: the answers of all items, and what is expected of them."""

    line: str
    answers: dict[str, int]
    expected: dict[str, Expected]


def rows(section: Section) -> list[Row]:
    """Return a section's rows; ValueError when a line does not fit the columns."""
    columns, *lines = [line.strip() for line in section.table.strip().splitlines()]
    items, scores = (part.split() for part in columns.split("|"))
    return [_row(line, items, scores, section.rest) for line in lines]


def _row(line: str, items: list[str], scores: list[str], rest: Rest) -> Row:
    given, wanted = (part.split() for part in line.split("|"))
    answers = dict(zip(items, given, strict=True))
    others = {item: code for item, code in rest.answers.items() if item not in answers}
    answered = {item: int(code) for item, code in answers.items() if code != "-"}
    expected = {score: _cell(score, cell) for score, cell in zip(scores, wanted, strict=True)}
    return Row(line, {**others, **answered}, expected)


def _cell(score: str, cell: str) -> Expected:
    return cell if cell in ("null", "refused") or score.endswith(".band") else float(cell)
