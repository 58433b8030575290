"""A draft filled in by hand: all its questions in a table, for quick typing of codes."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app import drafts, reading, rehearsals
from app.answers import Value
from app.centre.bench import may_write, root
from app.centre.guard import Reader, Staff, writing
from app.centre.pages import page, to
from app.errors import NotFound, Refused
from app.form import fields
from app.models import InstrumentDraft
from app.rehearsals import Trial
from scoring.item import AnyItem, Date, MultipleChoice

router = APIRouter(
    prefix="/centre/drafts/{instrument_id}/{version}/bench",
    default_response_class=HTMLResponse,
    include_in_schema=False,
)

ROWS = 150
"""So many questions stand in one table: a form has at most 200 fields."""

Trying = Annotated[Staff, writing("reader")]
First = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/hand")
def by_hand(instrument_id: str, version: str, here: Reader, first: First = 1) -> Response:
    """Show every question in a table, to be filled in with codes from the keyboard."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = rehearsals.trial(here.session, draft, here.person.email)
    return _table(here, draft, trial, first, {}, {})


@router.post("/hand")
def fill_in(instrument_id: str, version: str, here: Trying, first: First = 1) -> Response:
    """Keep what was typed in the table; what is no answer is shown again, and nothing is kept."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = rehearsals.trial(here.session, draft, here.person.email)
    if trial is None:
        return _table(here, draft, trial, first, {}, {})
    given: dict[str, Value | None] = {}
    wrong: dict[str, str] = {}
    typed = {item.id: here.first(item.id) for item in _rows(trial, first)}
    for item in _rows(trial, first):
        try:
            row = _Typed(item, typed[item.id])
            given[item.id] = fields.read_item(trial.definition.instrument, item, row)
        except Refused as refused:
            wrong[item.id] = refused.errors[0].message
    if wrong:
        return _table(here, draft, trial, first, typed, wrong)
    rehearsals.keep(here.session, draft, here.person.email, given)
    return to(f"{root(draft)}/hand?first={first}")


class _Typed:
    """What was typed in one box of the table: a code, several of them, a day, a number, a text."""

    def __init__(self, item: AnyItem, text: str) -> None:
        self.item, self.text = item, text

    def values(self, name: str) -> list[str]:
        """Return what stands for the field of this name on the question's own page."""
        if not self.text:
            return []
        if isinstance(self.item, MultipleChoice):
            return re.findall(r"[^\s,;]+", self.text)
        if isinstance(self.item, Date):
            year_first = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", self.text)
            parts = year_first.groups()[::-1] if year_first else ("0", "0", "0")
            return [parts[fields.PARTS.index(name.rpartition(".")[2])]]
        return [self.text]

    def first(self, name: str) -> str:
        """Return the first of them, or nothing."""
        return next(iter(self.values(name)), "")


def _rows(trial: Trial, first: int) -> list[AnyItem]:
    """Return the questions that a table shows; raises NotFound beyond the last."""
    questions = [one for one in trial.definition.way if one.id in trial.definition.questions]
    rows = questions[first - 1 : first - 1 + ROWS]
    if not rows:
        raise NotFound("There are not so many questions.")
    return rows


def _table(
    here: Staff,
    draft: InstrumentDraft,
    trial: Trial | None,
    first: int,
    typed: dict[str, str],
    wrong: dict[str, str],
) -> Response:
    shown = {name: _written(value) for name, value in (trial.filled if trial else {}).items()}
    return page(
        here,
        "bench_hand.html",
        422 if wrong else 200,
        draft=draft,
        root=root(draft),
        here="hand",
        trial=trial,
        rows=_rows(trial, first) if trial else [],
        first=first,
        total=len(trial.definition.questions) if trial else 0,
        most=ROWS,
        wording=trial.wording(here.language) if trial else None,
        said=reading.words,
        shown=shown | typed,
        wrong=wrong,
        may_write=may_write(here, draft),
    )


def _written(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
