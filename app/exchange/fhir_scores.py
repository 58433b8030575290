"""Scores of a FHIR questionnaire: only sums, and only where its own codes say so."""

from collections.abc import Sequence
from typing import NamedTuple

from app.exchange.fhir_notes import Names, Notes, short
from app.papers import Document

LONGEST_SCORE = 23
"""A score's id leaves room for `_answered`."""


class Marked(NamedTuple):
    """An item that takes part in scores: how, where, and what it is here, if it is asked."""

    link_id: str
    formula: str
    groups: tuple[str, ...]
    text: str
    id: str | None = None


def scores(marked: Sequence[Marked], notes: Notes) -> list[Document]:
    """Return a sum for each total (TS) and section (SS); what it lacks is noted.

    A total is of all that are marked QS, a section's of those in its group. FHIR says no more.
    """
    names, found = Names("score_", LONGEST_SCORE), []
    for one in marked:
        if one.formula != "QS" and (items := _under(one, marked)):
            found.append(_sum(names.name(one.link_id), one, items, notes))
        elif one.formula != "QS":
            notes.item(
                one.link_id, "is a score of items marked QS, and there are none to be scored"
            )
        elif one.id is None:
            notes.item(one.link_id, "is marked QS, and items of its type are not scored here")
    if not found:
        notes.fact("scores", "are not told; write by which method they are made")
    return found


def _under(score: Marked, marked: Sequence[Marked]) -> list[str]:
    """Return the ids of the items that a score is made of."""
    depth = len(score.groups) if score.formula == "SS" else 0
    return [
        one.id
        for one in marked
        if one.formula == "QS" and one.id and one.groups[:depth] == score.groups[:depth]
    ]


def _sum(name: str, one: Marked, items: list[str], notes: Notes) -> Document:
    said = "the items marked QS" if one.formula == "TS" else "those marked QS in its group"
    message = (
        f"is by its code {one.formula} the sum of {said}; see that it is, "
        "and write its missing rule, range, direction and source"
    )
    notes.fact(f"scores.{name} (linkId {short(one.link_id)})", message)
    return {"id": name, "name": one.text or name, "method": "sum", "items": items}
