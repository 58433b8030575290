"""The official words of a questionnaire, from the file of labels that comes with its licence.

A file has one row for each text, XLSX or CSV: `place` says where it stands in the wording, such as
`items.mo` or `options.mobility.1`, and `text` is what the patient reads there.
"""

import copy
import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from app.exchange import workbook
from app.exchange.workbook import Row
from app.papers import Document
from scoring import NotValid, Problem, Wording

PLACE, OURS, TEXT = "place", "placeholder", "text"

MARKS = ("placeholder", "plassholder")
"""What stands in our own words where the official ones are not loaded."""


class Said(NamedTuple):
    """What is said of the labels: in which language, whose they are, and by which credit line."""

    language: str
    source: str
    credit: str


def places(wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield every place of a wording with the text that stands there."""
    yield "title", wording.title
    for name in ("stems", "items", "units"):
        texts: dict[str, str] = getattr(wording, name)
        yield from ((f"{name}.{one}", text) for one, text in texts.items())
    for name, options in wording.options.items():
        yield from ((f"options.{name}.{code}", text) for code, text in options.items())
    for name, anchors in wording.anchors.items():
        yield f"anchors.{name}.best", anchors.best
        yield f"anchors.{name}.worst", anchors.worst


def template(like: Wording) -> bytes:
    """Return a file of labels to fill in, as CSV: every place, and what stands there now."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow((PLACE, OURS, TEXT))
    rows.writerows((place, ours, "") for place, ours in places(like))
    return text.getvalue().encode("utf-8-sig")


def wording(data: bytes, like: Wording, said: Said) -> Document:
    """Return the official wording that a file of labels says, for the definition of `like`.

    `like` is its newest wording in that language, which it revises, or any if there is none: its
    places are those that the file must have. Raises NotValid with every label that is missing,
    stands twice, has no place, or is still a placeholder of ours.
    """
    there = [place for place, _ in places(like)]
    labels, wrong = _read(data, there)
    missing = (place for place in there if place not in labels)
    wrong += [Problem(place, "has no label in the file; add a row") for place in missing]
    if wrong:
        raise NotValid(wrong)
    return _document(labels, like, said)


def _read(data: bytes, there: list[str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the labels of a file by place, and what is wrong with its rows."""
    labels: dict[str, str] = {}
    wrong: list[Problem] = []
    for row in next(iter(workbook.read(data).values()), []):
        place, text = row.texts.get(PLACE, ""), row.texts.get(TEXT, "")
        if why := _why_not(place, text, labels, there):
            wrong.append(Problem(_row(row), why))
        labels.setdefault(place, text)
    return labels, wrong


def _row(row: Row) -> str:
    return f"row {row.number}, {row.texts.get(PLACE, 'no place')}"


def _why_not(place: str, text: str, labels: dict[str, str], there: list[str]) -> str | None:
    if place not in there:
        return "is no place of this wording; remove the row, or mend its place"
    if place in labels:
        return "stands twice; keep one"
    if not text:
        return "has no text; write the official one"
    if any(mark in text.casefold() for mark in MARKS):
        return "is a placeholder; write the official text"
    return None


def _document(labels: dict[str, str], like: Wording, said: Said) -> Document:
    """Return the document of a wording in which every place has its label.

    It is `like` itself where nothing is otherwise, so that the same file again changes nothing.
    """
    before = like.model_dump(mode="json", exclude_unset=True)
    document: Document = copy.deepcopy(before) | said._asdict() | {"status": "official"}
    for place, text in labels.items():
        *way, last = place.split(".")
        inner = document
        for name in way:
            inner = inner[name]
        inner[last] = text
    if document == before:
        return before
    return document | {"revision": like.revision + 1 if like.language == said.language else 1}
