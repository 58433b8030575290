"""Results: the feed of scored responses, pulled by the registry that ordered them."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app import audit, catalogue, feed
from app.errors import Refused
from app.registry.shared import KEBAB, may_fail
from app.security import Caller, caller

NDJSON = "application/x-ndjson"

router = APIRouter(prefix="/api/v1/results", tags=["results"])

_STREAM: dict[str, Any] = {"content": {NDJSON: {"schema": {"type": "string"}}}}


class ResultPage(BaseModel):
    """A page of results; send `next` as `after` for what follows, now or later."""

    results: list[dict[str, Any]]
    next: str
    more: bool


@router.get(
    "",
    response_model=ResultPage,
    responses=may_fail(401, 403, 422, ok={200: _STREAM}),
)
def results(
    request: Request,
    me: Annotated[Caller, caller("results", writes=True)],
    after: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    instrument: Annotated[str | None, Query(pattern=KEBAB, max_length=40)] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Pull scored results in the order in which they became visible. Nothing is ever skipped.

    JSON pages of at most `limit` (1000 if not said, 10 000 at most); with
    `Accept: application/x-ndjson` one stream, a result a line, of everything or `limit`.
    """
    place = feed.place(me.registry_id, after, instrument)
    if instrument is not None and not catalogue.exists(me.session, instrument):
        raise Refused("instrument", f"{instrument} is not an instrument here")
    audit.append(me.session, me.registry_id, me.who, "results.read", f"after {place.after}")
    if NDJSON in accept:
        stream = feed.stream(request.app.state.database, place, limit)
        return StreamingResponse(stream, media_type=NDJSON, headers={"Vary": "Accept"})
    slice_ = feed.page(me.session, place, min(limit or 1000, 10_000))
    return Response(_page(slice_), media_type="application/json", headers={"Vary": "Accept"})


def _page(found: feed.Slice) -> str:
    """Join stored documents into a page without parsing them."""
    more = "true" if found.more else "false"
    return f'{{"results":[{",".join(found.documents)}],"next":"{found.next}","more":{more}}}'
