"""What is done with a published version: the next is begun, it is withdrawn, or printed."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app import authoring, catalogue, library, reviews
from app.centre import again
from app.centre.files import attachment
from app.centre.guard import Reader, Staff, reading, writing
from app.centre.pages import page, to
from app.errors import Conflict, NotFound
from app.exchange import sheets_out
from scoring import Wording

router = APIRouter(
    prefix="/centre/instruments/{instrument}/{version}",
    default_response_class=HTMLResponse,
    include_in_schema=False,
)


@router.post("/next")
def write_next(
    instrument: str, version: str, here: Annotated[Staff, writing("author")]
) -> Response:
    """Begin the next version from this one; where there is a draft of it already, go there."""
    wanted = here.first("version")
    with suppress(Conflict):
        authoring.copy(here.session, instrument, version, wanted, here.who)
    return to(f"/centre/drafts/{instrument}/{wanted}")


@router.get("/withdraw")
def ask_to_withdraw(
    instrument: str, version: str, here: Annotated[Staff, reading("reviewer")]
) -> Response:
    """Ask whether a version is to be withdrawn, and say what that means."""
    row = catalogue.definition_row(here.session, instrument, version)
    waiting = library.open_orders(here.session, instrument, version)
    return page(here, "withdraw.html", row=row, waiting=waiting)


@router.post("/withdraw")
def withdraw(
    instrument: str, version: str, here: Annotated[Staff, writing("reviewer")]
) -> Response:
    """Withdraw a version, for good."""
    reviews.withdraw(here.session, instrument, version, here.who)
    return to(f"/centre/instruments/{instrument}/{version}")


@router.get("/published")
def published(instrument: str, version: str, here: Reader) -> Response:
    """Say what follows from a version that was just published."""
    row = catalogue.definition_row(here.session, instrument, version)
    waiting = again.offered(here.session, instrument, version)
    versions = library.versions(here.session, instrument)
    one = catalogue.get(here.session, instrument, version).instrument
    since = library.since(here.session, one, [row for row, _ in versions])
    more = {"waiting": waiting, "may": again.may(here.person)}
    return page(here, "published.html", row=row, since=since, instrument=one, **more)


@router.get("/xlsx")
def spreadsheet(instrument: str, version: str, here: Reader) -> Response:
    """Give a version with its newest wordings as a spreadsheet, which can be brought in again."""
    one = catalogue.get(here.session, instrument, version).instrument
    made = sheets_out.export(one, _wordings(here, instrument, version))
    return attachment(made, f"{instrument}-{version}.xlsx")


@router.get("/paper")
def paper(
    instrument: str,
    version: str,
    here: Reader,
    language: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """Show a version as a form for paper: every question with its boxes and their codes."""
    one = catalogue.get(here.session, instrument, version).instrument
    worded = {wording.language: wording for wording in _wordings(here, instrument, version)}
    liked = language or next((one for one in (here.language, *worded) if one in worded), "")
    if liked not in worded:
        raise NotFound(f"There is no wording in {liked or 'any language'}.")
    items = {item.id: item for item in one.in_order()}
    return page(here, "paper.html", instrument=one, wording=worded[liked], items=items)


def _wordings(here: Staff, instrument: str, version: str) -> list[Wording]:
    rows = catalogue.wordings(here.session, instrument, version)
    return [Wording.model_validate_json(row.document) for row in rows]
