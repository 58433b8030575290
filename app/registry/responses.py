"""What is stored of a response: looked up, amended, withdrawn."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app import corrections
from app.corrections import Amendment, Kept
from app.registry.guard import Caller, caller
from app.registry.imports import Answers, Missing
from app.registry.orders import Plain
from app.registry.shared import may_fail

router = APIRouter(prefix="/api/v1/responses", tags=["responses"])

Reason = Annotated[Plain, Field(max_length=200, examples=["the form was typed in wrongly"])]


class AmendBody(BaseModel):
    """All the answers as they should have been, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reason": "the form was typed in wrongly",
                    "answers": {"mo": 1, "sc": 2, "ua": 2, "pd": 2, "ad": 1, "vas": 70},
                }
            ]
        },
    )

    reason: Reason
    answers: Answers
    missing: dict[str, Missing] = {}


class WithdrawBody(BaseModel):
    """Why a response counts no longer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "belongs to another patient"}]}
    )

    reason: Reason


class Correction(BaseModel):
    """What became of a response, when and why. `amended_by` is the response in its place."""

    kind: Literal["amended", "withdrawn"]
    amended_by: UUID | None
    reason: str
    at: datetime


class ResponseAnswer(BaseModel):
    """A response as it is stored. `amends` is the one whose place it takes.

    `order` is null, and `wording_sha256` too, when it was collected elsewhere. `correction` is null
    while it counts.
    """

    id: UUID
    order: UUID | None
    external_id: str | None
    case: str
    unit: str
    time_point: str
    index_date: str | None
    instrument: str
    version: str
    wording_sha256: str | None
    language: str
    mode: Literal["web", "paper", "import"]
    respondent: Literal["self", "proxy", "staff"]
    helped: bool
    relation: str | None
    started_at: datetime
    submitted_at: datetime
    answers: dict[str, int | float | str | list[int]]
    missing: dict[str, Missing]
    amends: UUID | None
    correction: Correction | None


class FoundResponses(BaseModel):
    """The responses that have an external id, oldest first: of an import, or of its order."""

    responses: list[ResponseAnswer]


def answer_of(kept: Kept) -> ResponseAnswer:
    """Return a response as its registry is told of it."""
    row, told = kept.row, {name: kept.facts[name] for name in OF_CASE}
    stored = row.model_dump(include=set(ResponseAnswer.model_fields))
    more: dict[str, Any] = {
        "order": row.order_id,
        "amends": row.supersedes,
        "correction": kept.correction.model_dump() if kept.correction else None,
    }
    return ResponseAnswer(**stored | told | more)


OF_CASE = ("external_id", "case", "unit", "time_point", "index_date")
"""What a response was told with, and is not of itself: it may have changed since."""

Me = Annotated[Caller, caller("responses")]


@router.get("", responses=may_fail(401, 403, 422))
def find_responses(
    me: Me,
    external_id: Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[^\x00]*$")],
) -> FoundResponses:
    """Find responses by an id of your own: that of the import, or of the order."""
    found = corrections.by_external_id(me.session, me.registry_id, external_id)
    return FoundResponses(responses=list(map(answer_of, found)))


@router.get("/{response_id}", responses=may_fail(401, 403, 404, 422))
def get_response(response_id: UUID, me: Me) -> ResponseAnswer:
    """Look up a response of your registry, as it is stored."""
    return answer_of(corrections.get(me.session, me.registry_id, response_id))


@router.post(
    "/{response_id}/amend",
    status_code=201,
    responses=may_fail(400, 401, 403, 404, 409, 413, 422),
)
def amend_response(response_id: UUID, body: AmendBody, me: Me) -> ResponseAnswer:
    """Store what a response should have said, in a response that takes its place.

    The earlier one and its results stay. The feed gets a new result, and the present scores and the
    change view count the new response alone.
    """
    wish = Amendment(body.answers, body.missing, body.reason)
    return answer_of(corrections.amend(me.session, me.registry_id, response_id, me.who, wish))


@router.post(
    "/{response_id}/withdraw",
    responses=may_fail(400, 401, 403, 404, 409, 413, 422),
)
def withdraw_response(response_id: UUID, body: WithdrawBody, me: Me) -> ResponseAnswer:
    """Take a response back: it counts no longer, and the feed says so. It stays, with its results.

    What it amended does not count again. To withdraw what is withdrawn changes nothing.
    """
    kept = corrections.withdraw(me.session, me.registry_id, response_id, me.who, body.reason)
    return answer_of(kept)
