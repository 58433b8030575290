"""Responses in batches: a line a response, and for each a line that says what became of it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from sqlmodel import Session

from app.errors import SvarError
from app.imports import NewResponse
from app.registry.guard import Caller, caller
from app.registry.imports import (
    DryRun,
    ResponseBody,
    answer_of,
    asked_for,
    imported,
    status_of,
)
from app.registry.lines import DoneLater, ForLines, Line, Work, read, told

CHUNK = {"sqlite": 50, "postgresql": 200}
"""Responses stored in one transaction; on SQLite, whoever sends answers waits for as many."""

router = APIRouter(prefix="/api/v1/responses", tags=["responses"], route_class=ForLines)


@router.post("", include_in_schema=False)
def import_responses(
    me: Annotated[Caller, caller("responses", writes=False)], *, dry_run: DryRun = False
) -> DoneLater:
    """Store line by line; one that is wrong stops no other."""
    do = partial(_imported, me.registry_id, me.who, dry_run)
    chunk = CHUNK[me.session.get_bind().dialect.name]
    return DoneLater(Work(do, chunk, writes=not dry_run))


def _imported(
    registry_id: str,
    who: str,
    dry_run: bool,  # noqa: FBT001 - it is bound by `partial`
    request: Request,
    session: Session,
    lines: Sequence[Line],
) -> list[dict[str, Any]]:
    said = [_read(request, line) for line in lines]
    new = [one for one in said if isinstance(one, NewResponse)]
    found = iter(imported(request, session, registry_id, who, new, dry_run=dry_run))
    return [
        _told(request, line, one, next(found)) if isinstance(one, NewResponse) else one
        for line, one in zip(lines, said, strict=True)
    ]


def _read(request: Request, line: Line) -> NewResponse | dict[str, Any]:
    try:
        return asked_for(read(ResponseBody, line.text))
    except (SvarError, RequestValidationError) as error:
        return told(request, line, error)


def _told(request: Request, line: Line, new: NewResponse, found: Any) -> dict[str, Any]:
    if isinstance(found, SvarError):
        return told(request, line, found)
    return {"line": line.number, "status": status_of(found), "response": answer_of(new, found)}
