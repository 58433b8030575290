"""Results: the feed of scored responses, pulled by the registry that ordered them."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel

from app import audit, feed
from app.feed import Place
from app.registry import formats
from app.registry.formats import JSON, NDJSON, Asked
from app.registry.guard import Caller, caller
from app.registry.shared import is_an_instrument, may_fail

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
    `relation` says who answered for the patient, and `helped` that somebody helped. What was
    collected elsewhere has no `order`. `amends` is the response that this one takes the place of,
    and `reason` says why it does, or why it was withdrawn.
    """

    id: str
    order: str | None
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
    amends: str | None
    reason: str | None


class UsedValueSet(BaseModel):
    """A value set behind an index: GET /api/v1/value-sets lists each with its hash and paper."""

    sha256: str
    doi: str | None


class Provenance(BaseModel):
    """Where the scores come from. `supersedes` is the cursor of the result that this replaces.

    `value_sets` holds every set behind the scores, by id; it is empty for an instrument without.
    One of status `withdrawn` takes back what `response.id` told before. `wording_sha256` is null
    where it is not known which words were read.
    """

    status: Literal["scored", "not_scored", "withdrawn"]
    definition_version: str
    definition_sha256: str
    value_sets: dict[str, UsedValueSet]
    wording_sha256: str | None
    answers_sha256: str
    scoring_version: str
    scored_at: str
    supersedes: str | None


class Result(BaseModel):
    """One scored response. `scores` is null unless `provenance.status` is `scored`."""

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


_ROUTE: dict[str, Any] = {
    "response_model": ResultPage,
    "responses": may_fail(401, 403, 406, 422, ok={200: formats.WRITTEN, 304: formats.NOT_AGAIN}),
}
Me = Annotated[Caller, caller("results", writes=True)]
Asks = Annotated[Asked, Query()]
Hidden = Annotated[str, Header(include_in_schema=False)]
Known = Annotated[
    str,
    Header(description="An ETag of before: 304 if nothing has come since", examples=['W/"…"']),
]


@router.get("", **_ROUTE)
def results(
    request: Request,
    me: Me,
    asked: Asks,
    accept: Hidden = "",
    if_none_match: Known = "",
) -> Response:
    """Pull scored results in the order in which they became visible. Nothing is ever skipped.

    JSON gives a page, every other format everything that is asked for, or `limit` of it. CSV,
    Parquet, Arrow, SPSS and Stata hold one instrument, in the columns of its codebook. A result
    that is scored again comes again, and names the one that it supersedes.
    """
    kind = formats.asked_for(asked, accept)
    return _answer(request, me, asked, kind, if_none_match, feed.place)


@router.get("/latest", **_ROUTE)
def latest(
    request: Request,
    me: Me,
    asked: Asks,
    accept: Hidden = "",
    if_none_match: Known = "",
) -> Response:
    """Pull the newest result of each response, as the feed is now: the present scores.

    What is scored again while you follow `next` from page to page comes again.
    """
    kind = formats.asked_for(asked, accept)
    return _answer(request, me, asked, kind, if_none_match, feed.newest)


def _answer(
    request: Request, me: Caller, asked: Asked, kind: str, known: str, find: Callable[..., Place]
) -> Response:
    is_an_instrument(me.session, asked.instrument)
    formats.is_a_version(me.session, asked)
    # The ETag comes first: what becomes visible meanwhile may be in the answer, never in the ETag
    headers = {"Vary": "Accept, Accept-Encoding", "ETag": formats.etag(request, me, asked, kind)}
    at = find(me.session, me.registry_id, asked.after, asked.filters)
    if formats.is_known(headers["ETag"], known):
        return Response(status_code=304, headers=headers)
    answer = _written(request, me, asked, at, kind)
    audit.append(me.session, me.registry_id, me.who, "results.read", f"after {at.after}")
    answer.headers.update(headers)
    return answer


def _written(request: Request, me: Caller, asked: Asked, at: Place, kind: str) -> Response:
    if kind == JSON:
        return Response(_page(feed.page(me.session, at, asked.limit or 1000)), media_type=JSON)
    if kind == NDJSON:
        lines = feed.stream(request.app.state.database, at, asked.limit)
        return formats.streamed(request, lines, kind)
    from app.registry import result_tables  # with it comes pyarrow, which patients' pages need not

    name, stream = result_tables.written(request.app.state.database, me, asked, at, kind)
    return formats.streamed(request, stream, kind, name)


def _page(found: feed.Slice) -> str:
    """Join stored documents into a page without parsing them."""
    more = "true" if found.more else "false"
    return f'{{"results":[{",".join(found.documents)}],"next":"{found.next}","more":{more}}}'
