"""What is to be mended in a part of a draft, and what good practice remarks, each with its line."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlmodel import Session

from app import drafts
from app.drafts import DEFINITION, Checked
from app.models import InstrumentDraft
from app.places import lines_of
from scoring import Problem
from scoring.practice import Remark, remarks

MOST = 200
"""So many are shown of one kind: who has more mends the first ones first."""


class Finding(NamedTuple):
    """Something wrong (`problem`) or against good practice (`remark`), where it is to be mended."""

    kind: str
    line: int
    column: int
    path: str
    message: str
    source: str


class Findings(NamedTuple):
    """What was found in a part's text, how much more there is, and how much each part has."""

    found: list[Finding]
    more: int
    wrong: dict[str, int]


def findings(session: Session, draft: InstrumentDraft, part: str, text: str) -> Findings:
    """Check a text as one part of a draft, together with the others as they are kept."""
    checked = drafts.checked(session, drafts.parts(draft) | {part: text})
    problems = checked.problems.get(part, ())
    said = [] if any(one.path == "document" for one in problems) else _remarks(checked, part)
    told = [("problem", one, "") for one in problems[:MOST]]
    told += [
        ("remark", Problem(path, f"{one.seen}. {one.reason}"), one.source)
        for path, one in said[:MOST]
    ]
    lines = lines_of(text, [problem for _, problem, _ in told])
    found = [
        Finding(kind, *line, *problem, source)
        for (kind, problem, source), line in zip(told, lines, strict=True)
    ]
    more = max(0, len(problems) - MOST) + max(0, len(said) - MOST)
    return Findings(
        sorted(found, key=lambda one: (one.kind, one.line, one.column)),
        more,
        {name: len(some) for name, some in checked.problems.items()},
    )


def _remarks(checked: Checked, part: str) -> list[tuple[str, Remark]]:
    """Return the remarks on a part, each with its path there."""
    if checked.instrument is None:
        return []
    return list(_of_part(part, remarks(checked.instrument, list(checked.wordings.values()))))


def _of_part(part: str, found: Iterable[Remark]) -> Iterable[tuple[str, Remark]]:
    for one in found:
        language, colon, path = one.place.partition(": ")
        if (f"wording {language}" if colon else DEFINITION) == part:
            yield (path if colon else one.place), one
