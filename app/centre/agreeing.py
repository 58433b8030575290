"""The pages of agreements: all of them, a new one, one that ends, and the file of one."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app import agreements, library, reminders
from app.agreements import New
from app.centre.guard import Administering, Reader, Staff
from app.centre.pages import page, to
from app.errors import NotFound, Refused

router = APIRouter(
    prefix="/centre/agreements", default_response_class=HTMLResponse, include_in_schema=False
)

ALL = "/centre/agreements"
FREE = ("free", "attribution")
"""Licences under which no agreement is needed."""

FIELDS = ("instrument", "holder", "reference", "valid_from", "valid_to")


@router.get("")
def listed(here: Reader, instrument: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show all agreements; administrators may add one, for the instrument that they came from."""
    return _page(here, {"instrument": instrument})


@router.post("")
def add(here: Administering) -> Response:
    """Keep a new agreement, or say everything that is wrong with it; nothing typed is lost."""
    typed = {name: here.first(name) for name in FIELDS}
    new = New(**typed, registries=here.values("registry"), file=here.file)
    try:
        agreements.add(here.session, new, here.who)
    except Refused as error:
        return _page(here, typed, error)
    return to(ALL)


@router.post("/end")
def end(here: Administering) -> Response:
    """End an agreement, at once."""
    try:
        known = UUID(here.first("agreement"))
    except ValueError:
        raise NotFound("There is no such agreement.") from None
    agreements.end(here.session, known, here.who)
    return to(ALL)


@router.get("/{agreement_id}/file")
def file(agreement_id: UUID, here: Reader) -> Response:
    """Give an agreement's file, to be saved: it is never shown as a page of this service."""
    found = agreements.file_of(here.session, agreement_id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"}
    return Response(found.content, media_type=found.media_type, headers=headers)


def _page(here: Staff, typed: dict[str, str], error: Refused | None = None) -> Response:
    every = [one.instrument for one in library.entries(here.session)]
    offered = [one for one in every if one.licence.status not in FREE]
    holders = {one.id: one.licence.holder for one in offered}
    typed = {name: typed.get(name, "") for name in FIELDS}
    typed["holder"] = typed["holder"] or holders.get(typed["instrument"], "")
    return page(
        here,
        "agreements.html",
        error.status if error else 200,
        agreements=agreements.entries(here.session),
        reminders=reminders.reminders(here.session, here.settings),
        today=agreements.today(here.settings),
        offered=offered,
        registries=agreements.registries(here.session),
        typed=typed,
        chosen=here.values("registry"),
        wrong=error.errors if error else (),
        most=agreements.MOST_BYTES // 1_000_000,
    )
