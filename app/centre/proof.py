"""A draft's examples run, and one more made of what is filled in, once it is figured by hand."""

import re
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app import drafts, library, reading, rehearsals
from app.centre.bench import may_write, root
from app.centre.guard import Reader, Staff, writing
from app.centre.pages import page, to
from app.errors import Conflict, FieldError, Refused
from app.exchange.cells import NO_SCORE
from app.library import Compared
from app.models import InstrumentDraft
from app.rehearsals import Trial, Vouched

router = APIRouter(
    prefix="/centre/drafts/{instrument_id}/{version}/bench/examples",
    default_response_class=HTMLResponse,
    include_in_schema=False,
)

Author = Annotated[Staff, writing("author")]

NO_NUMBER = "write a number, such as 66.5 or 200/3; - or null for no score"
_NUMBER = re.compile(r"([-−]?\d{1,9}(?:[.,]\d{1,17})?)(?:/(\d{1,9}(?:[.,]\d{1,9})?))?", re.ASCII)


@router.get("")
def examples(instrument_id: str, version: str, here: Reader) -> Response:
    """Run the examples, and ask what the scores of what is filled in must be."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = rehearsals.trial(here.session, draft, here.person.email)
    return _examples(here, draft, trial)


@router.post("")
def add(instrument_id: str, version: str, here: Author) -> Response:
    """Add an example where what was figured by hand is what is computed, else show both."""
    draft = drafts.get(here.session, instrument_id, version)
    trial = rehearsals.trial(here.session, draft, here.person.email)
    if trial is None:
        return _examples(here, draft, trial, 409)
    revision = here.first("revision")
    try:
        vouched = _vouched(here, trial)
        added = rehearsals.add_example(
            here.session,
            draft,
            trial,
            vouched,
            revision=int(revision) if revision.isdecimal() else 0,
            who=here.who,
        )
    except (Refused, Conflict) as error:
        errors = error.errors or (FieldError("revision", error.detail),)
        return _examples(here, draft, trial, error.status, errors=errors)
    if added:
        return to(f"{root(draft)}/examples")
    made = rehearsals.compared(trial, vouched)
    return _examples(here, draft, trial, 422, compared=made)


def _vouched(here: Staff, trial: Trial) -> Vouched:
    """Return what somebody vouches for; raises Refused, naming each box that holds no number."""
    typed = {one.id: here.first(f"expected.{one.id}") for one in trial.definition.instrument.scores}
    wrong = [
        FieldError(f"expected.{name}", NO_NUMBER)
        for name, text in typed.items()
        if text and text not in NO_SCORE and number(text) is None
    ]
    if wrong:
        raise Refused.several(wrong, len(wrong))
    expected = {name: number(text) for name, text in typed.items() if text}
    return Vouched(here.first("name"), here.first("source"), expected)


def number(text: str) -> float | None:
    """Return a number as people write it, or a fraction of two; None for what is neither."""
    found = _NUMBER.fullmatch(text.replace(" ", ""))
    if not found:
        return None
    above, below = (
        float(part.replace(",", ".").replace("−", "-")) for part in (found[1], found[2] or "1")
    )
    if below == 0:
        return None
    value = above / below
    return int(value) if value.is_integer() else value


def _examples(
    here: Staff,
    draft: InstrumentDraft,
    trial: Trial | None,
    status: int = 200,
    *,
    errors: tuple[FieldError, ...] = (),
    compared: list[Compared] | None = None,
) -> Response:
    made = library.run(trial.definition) if trial else []
    return page(
        here,
        "bench_examples.html",
        status,
        draft=draft,
        root=root(draft),
        here="examples",
        trial=trial,
        wording=trial.wording(here.language) if trial else None,
        answered=reading.answered,
        made=made,
        wrong=sum(not all(one.same for one in some) for _, some in made),
        typed=dict(here.fields),
        errors=errors,
        compared=compared,
        may_write=may_write(here, draft),
    )
