"""The page that brings an instrument in: files that are chosen, or JSON that is pasted."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from app import authoring, catalogue, drafts
from app.centre.files import attachment
from app.centre.guard import Staff, reading, writing
from app.centre.pages import page, to
from app.errors import SvarError
from app.exchange import arrival, sheets_out
from app.exchange.binder import Brought, File
from scoring import NotValid, Problem, Wording

router = APIRouter(
    prefix="/centre/drafts", default_response_class=HTMLResponse, include_in_schema=False
)

TEMPLATE = "rand-12"
"""The instrument that the template is filled in with: it has items, scores and examples enough."""


@router.get("/new")
def ask(here: Annotated[Staff, reading("author")]) -> Response:
    """Ask for files, or for JSON."""
    return _ask(here)


@router.get("/template")
def template(here: Annotated[Staff, reading("author")]) -> Response:
    """Give a spreadsheet that is filled in with RAND-12, to be written over."""
    newest = catalogue.latest(here.session, TEMPLATE, here.language).instrument
    rows = catalogue.wordings(here.session, newest.id, newest.version)
    worded = [Wording.model_validate_json(row.document) for row in rows]
    return attachment(sheets_out.export(newest, worded), f"{TEMPLATE}-template.xlsx")


@router.post("")
def bring(here: Annotated[Staff, writing("author")]) -> Response:
    """Begin a draft from what was chosen or pasted; what was pasted is never lost."""
    files = [File(*one) for one in here.files]
    if text := here.first("text"):
        files.append(File("text", text.encode()))
    try:
        named = here.first("instrument"), here.first("version")
        brought = authoring.named(_read(files), *named)
        replace = bool(here.first("replace"))
        draft = authoring.begin(here.session, brought, here.who, replace=replace)
    except NotValid as error:
        return _ask(here, 422, error.problems)
    except SvarError as error:
        said = [Problem(*one) for one in error.errors] or [Problem("", error.detail)]
        return _ask(here, error.status, said)
    return to(f"/centre/drafts/{draft.instrument}/{draft.version}")


def _read(files: Sequence[File]) -> Brought:
    if not files:
        raise NotValid([Problem("files", "there are none; choose some, or paste JSON")])
    return arrival.read(files)


def _ask(here: Staff, status: int = 200, problems: Sequence[Problem] = ()) -> Response:
    sent = {name: here.first(name) for name in ("text", "replace", "instrument", "version")}
    return page(here, "bring_in.html", status, problems=problems[: drafts.MOST_PARTS], sent=sent)
