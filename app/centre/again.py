"""Scoring again from a page: how many responses wait in each registry, and the work bit by bit.

The page is given numbers. What was answered is read where results are made, and never here.
"""

from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from app import catalogue, runs
from app.centre.guard import Staff, asking, reading
from app.centre.pages import page, to
from app.db import Database
from app.errors import Conflict
from app.models import Person

router = APIRouter(
    prefix="/centre/instruments/{instrument}/{version}/again",
    default_response_class=HTMLResponse,
    include_in_schema=False,
)

MAY = ("reviewer", "administrator")

SECONDS = 2.0
"""How long one request scores, besides the batch that it is in."""

Number = Annotated[int, Query(ge=0, le=999_999_999)]


def may(person: Person) -> bool:
    """Say whether somebody may have responses scored again."""
    return not set(MAY).isdisjoint(person.roles)


def offered(session: Session, instrument: str, version: str) -> int:
    """Return how many responses a version's page offers to score again; none where it may not."""
    if catalogue.newest_minor(session, instrument, version) != version:
        return 0
    return runs.to_score_again(session, instrument, version)


@router.get("")
def ask(
    instrument: str,
    version: str,
    here: Annotated[Staff, reading(*MAY)],
    of: Number = 0,
    before: Number = 0,
) -> Response:
    """Ask whether to score again, and tell how far it has come once it was begun.

    `of` is how many there were when it was begun, `before` how many were left before the last bit.
    What is left now is counted anew each time, whoever has done it and whatever came in meanwhile.
    """
    _see(here.session, instrument, version)
    row = catalogue.definition_row(here.session, instrument, version)
    waiting = runs.waiting_in(here.session, instrument, version)
    left = sum(number for _, number in waiting)
    state = "done" if not left else "asked" if not of else "going" if left < before else "stuck"
    total = max(of, left)
    return page(here, "again.html", row=row, waiting=waiting, left=left, total=total, state=state)


@router.post("")
def go_on(
    instrument: str, version: str, request: Request, here: Annotated[Staff, asking(*MAY)]
) -> Response:
    """Score again until the time is up or all is done, each batch in a transaction of its own."""
    _see(here.session, instrument, version)
    of, before = here.number("of"), here.number("before")
    database: Database = request.app.state.database
    batches = runs.rescore(database, instrument, version, here.who)
    until = monotonic() + SECONDS
    for _ in batches:
        if monotonic() >= until:
            break
    return to(f"/centre/instruments/{instrument}/{version}/again?of={of}&before={before}")


def _see(session: Session, instrument: str, version: str) -> None:
    """See that results may be made by a version; raises NotFound, Conflict."""
    row = catalogue.definition_row(session, instrument, version)
    if row.status == "withdrawn":
        raise Conflict(f"{instrument} {version} is withdrawn: nothing is scored again by it.")
    newest = catalogue.newest_minor(session, instrument, version)
    if newest != version:
        raise Conflict(f"{instrument} {newest} is newer: score again by that version.")
