"""The bench: where a methodologist writes a draft, with what is wrong beside each line."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app import drafts
from app.centre.findings import findings
from app.centre.guard import Reader, Staff, asking, writing
from app.centre.pages import page, to
from app.drafts import DEFINITION
from app.errors import Conflict, NotFound
from app.models import InstrumentDraft

router = APIRouter(
    prefix="/centre/drafts/{instrument_id}/{version}/bench",
    default_response_class=HTMLResponse,
    include_in_schema=False,
)

Part = Annotated[str, Query(max_length=100)]
Author = Annotated[Staff, writing("author")]
Asker = Annotated[Staff, asking("author")]


def root(draft: InstrumentDraft) -> str:
    """Return where the bench of a draft begins."""
    return f"/centre/drafts/{draft.instrument}/{draft.version}/bench"


def may_write(here: Staff, draft: InstrumentDraft) -> bool:
    """Say whether somebody may change a draft now."""
    return "author" in here.person.roles and draft.status == "draft"


@router.get("")
def bench(instrument_id: str, version: str, here: Reader, part: Part = DEFINITION) -> Response:
    """Show a part of a draft with what is wrong in it; authors may change it."""
    draft = drafts.get(here.session, instrument_id, version)
    return _bench(here, draft, part, _text_of(draft, part))


@router.post("")
def save(instrument_id: str, version: str, here: Author) -> Response:
    """Keep what an author wrote in a part, whether or not it is right, and show what is wrong.

    Where somebody else was quicker, both texts are shown, and this one is not kept.
    """
    draft = drafts.get(here.session, instrument_id, version)
    part, text = here.first("part"), _typed(here)
    theirs = _text_of(draft, part)
    revision = here.first("revision")
    if "\0" in text:
        return _bench(here, draft, part, text, 422, wrong="bench.unkeepable")
    try:
        drafts.keep(here.session, draft, part, text, _number(revision), here.who)
    except Conflict as conflict:
        shown = theirs if theirs != text else None
        return _bench(here, draft, part, text, 409, theirs=shown, conflict=conflict.detail)
    return to(f"{root(draft)}?part={part.replace(' ', '+')}")


@router.post("/check", response_class=JSONResponse)
def check(instrument_id: str, version: str, here: Asker) -> JSONResponse:
    """Say what is wrong in a text while it is written; nothing is kept."""
    draft = drafts.get(here.session, instrument_id, version)
    part, text = here.first("part"), _typed(here)
    _text_of(draft, part)
    told = findings(here.session, draft, part, text)
    return JSONResponse(
        {
            "found": [one._asdict() for one in told.found],
            "more": told.more,
            "wrong": {name: told.wrong.get(name, 0) for name in drafts.parts(draft)},
        }
    )


def _typed(here: Staff) -> str:
    """Return what stands in the editor, with the line ends that it had before a browser sent it."""
    return dict(here.fields).get("text", "").replace("\r\n", "\n")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _text_of(draft: InstrumentDraft, part: str) -> str:
    parts = drafts.parts(draft)
    if part not in parts:
        raise NotFound(f"The draft has no part {part}.")
    return parts[part]


def _bench(
    here: Staff, draft: InstrumentDraft, part: str, text: str, status: int = 200, **more: Any
) -> Response:
    """Show the editor; `theirs` is what another has kept since, where that is something else."""
    told = findings(here.session, draft, part, text)
    return page(
        here,
        "bench.html",
        status,
        draft=draft,
        root=root(draft),
        here="edit",
        parts_of=list(drafts.parts(draft)),
        part=part,
        text=text,
        told=told,
        may_write=may_write(here, draft),
        **({"theirs": None, "conflict": "", "wrong": ""} | more),
    )
