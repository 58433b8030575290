"""Results: the feed of scored responses, pulled by the registry that ordered them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app import audit, feed
from app.errors import Refused
from app.registry.accepting import preferred
from app.registry.shared import KEBAB, is_an_instrument, may_fail
from app.security import Caller, caller

JSON = "application/json"
NDJSON = "application/x-ndjson"

OFFERED = {JSON: JSON, "application/*": JSON, "*/*": JSON, NDJSON: NDJSON}
OFFERED |= dict.fromkeys(("application/ndjson", "application/jsonl"), NDJSON)
"""What a client may ask for, and what it then gets."""

MOST_IN_JSON = 10_000

router = APIRouter(prefix="/api/v1/results", tags=["results"])


class Score(BaseModel):
    """A score; null when it cannot be given, and then `answered` of `items` says why."""

    value: float | None
    answered: int
    items: int


class BandedScore(Score):
    """A score with a word for its value, such as `moderate`; null when there is no value."""

    band: str | None


class ScoredResponse(BaseModel):
    """What was answered. `missing` says of each unanswered item why, in a word.

    An answer is a code; of an open item it is a number, a date, a text, or several codes.
    `relation` says who answered for the patient, and `helped` that somebody helped.
    """

    id: str
    order: str
    external_id: str | None
    case: str
    unit: str
    time_point: str
    index_date: str | None
    instrument: str
    version: str
    language: str
    mode: Literal["web", "paper", "import"]
    respondent: Literal["self", "proxy", "staff"]
    helped: bool
    relation: str | None
    started_at: str
    submitted_at: str
    answers: dict[str, int | float | str | list[int]]
    missing: dict[str, Literal["skipped", "not_shown", "not_applicable"]]


class UsedValueSet(BaseModel):
    """A value set behind an index: GET /api/v1/value-sets lists each with its hash and paper."""

    sha256: str
    doi: str | None


class Provenance(BaseModel):
    """Where the scores come from. `supersedes` is the cursor of the result that this replaces.

    `value_sets` holds every set behind the scores, by id; it is empty for an instrument without.
    """

    status: Literal["scored", "not_scored"]
    definition_version: str
    definition_sha256: str
    value_sets: dict[str, UsedValueSet]
    wording_sha256: str
    answers_sha256: str
    scoring_version: str
    scored_at: str
    supersedes: str | None


class Result(BaseModel):
    """One scored response. `scores` is null when `provenance.status` is `not_scored`."""

    cursor: str
    registry: str
    response: ScoredResponse
    scores: dict[str, BandedScore | Score] | None
    provenance: Provenance


class ResultPage(BaseModel):
    """A page of results; send `next` as `after` for what follows, now or later."""

    results: list[Result]
    next: str
    more: bool


class Asked(BaseModel):
    """Which results are asked for."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[str | None, Field(max_length=40)] = Field(
        None, description="`next` of the page before, or a result's `cursor`; the start if left out"
    )
    limit: Annotated[int | None, Field(ge=1, le=1_000_000)] = Field(
        None, description=f"At most so many; in JSON 1000 if left out, and {MOST_IN_JSON} at most"
    )
    instrument: Annotated[str | None, Field(pattern=KEBAB, max_length=40)] = Field(
        None, description="Only results of this instrument, such as `rand-36`"
    )


_STREAM: dict[str, Any] = {
    "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/Result"}}},
    "description": "A page; with Accept: application/x-ndjson a stream, a result a line",
}


@router.get(
    "",
    response_model=ResultPage,
    responses=may_fail(401, 403, 406, 422, ok={200: _STREAM}),
)
def results(
    request: Request,
    me: Annotated[Caller, caller("results", writes=True)],
    asked: Annotated[Asked, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Pull scored results in the order in which they became visible. Nothing is ever skipped.

    JSON gives a page; `Accept: application/x-ndjson` one stream, a result a line, of everything or
    `limit`. A result that is scored again comes again, and names the one that it supersedes.
    """
    kind = preferred(accept or JSON, OFFERED)
    if kind == JSON and asked.limit and asked.limit > MOST_IN_JSON:
        message = f"is at most {MOST_IN_JSON} in JSON; send Accept: {NDJSON} for a stream"
        raise Refused("limit", message)
    is_an_instrument(me.session, asked.instrument)
    place = feed.place(me.session, me.registry_id, asked.after, asked.instrument)
    audit.append(me.session, me.registry_id, me.who, "results.read", f"after {place.after}")
    if kind == NDJSON:
        stream = feed.stream(request.app.state.database, place, asked.limit)
        return StreamingResponse(stream, media_type=NDJSON, headers={"Vary": "Accept"})
    page = _page(feed.page(me.session, place, asked.limit or 1000))
    return Response(page, media_type=JSON, headers={"Vary": "Accept"})


def _page(found: feed.Slice) -> str:
    """Join stored documents into a page without parsing them."""
    more = "true" if found.more else "false"
    return f'{{"results":[{",".join(found.documents)}],"next":"{found.next}","more":{more}}}'
