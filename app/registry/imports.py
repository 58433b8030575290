"""Responses that were collected elsewhere: on paper, or on another platform."""

import hashlib
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticSerializationError
from sqlmodel import Session

from app import imports
from app.edge import NDJSON
from app.errors import Refused, SvarError
from app.imports import NewResponse, Taken, There, Tried
from app.registry.guard import Caller, caller
from app.registry.orders import CaseBody, Moment, Plain
from app.registry.results import BandedScore, Score
from app.registry.shared import KEBAB, LanguageCode, may_fail
from app.settings import Settings

router = APIRouter(prefix="/api/v1/responses", tags=["responses"])

Missing = Literal["skipped", "not_shown", "not_applicable"]
Respondent = Literal["self", "helped", "proxy"]
Relation = Literal["partner", "parent", "child", "family", "friend", "health_worker", "other"]
Answers = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    {"type": "integer"},
                    {"type": "number"},
                    {"type": "string"},
                    {"type": "array", "items": {"type": "integer"}},
                ]
            },
        }
    ),
]
"""Item to code; of an open item a number, a date, a text, or several codes."""

EXAMPLE: dict[str, Any] = {
    "external_id": "paper-2041",
    "case": {"id": "MCE-1017", "unit": "oslo-ortho", "index_date": "2026-08-01"},
    "time_point": "3m",
    "instrument": "eq-5d-5l",
    "version": "1.0",
    "language": "nb",
    "mode": "paper",
    "respondent": "self",
    "submitted_at": "2026-11-01",
    "answers": {"mo": 1, "sc": 1, "ua": 2, "pd": 2, "vas": 80},
    "missing": {"ad": "skipped"},
}


class ResponseBody(BaseModel):
    """What somebody answered elsewhere. `external_id` is your own id of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    external_id: Annotated[Plain, Field(max_length=64)]
    case: CaseBody
    time_point: Annotated[Plain, Field(max_length=40, examples=["3m"])]
    instrument: Annotated[str, Field(pattern=KEBAB, max_length=40, examples=["eq-5d-5l"])]
    version: Annotated[str | None, Field(pattern=r"^[1-9][0-9]*\.[0-9]+$", max_length=12)] = None
    """The newest, if left out."""
    language: LanguageCode
    mode: Literal["paper", "import"]
    respondent: Respondent
    relation: Relation | None = None
    """Who answered, if that was a proxy."""
    submitted_at: Moment
    """When it was answered; a date alone is kept as the beginning of that day in UTC."""
    answers: Answers
    missing: dict[str, Missing] = {}
    """Why questions have no answer; those that are in neither were skipped."""


class ImportAnswer(BaseModel):
    """A response that is stored: now, or `unchanged` from when it was sent before."""

    id: UUID
    external_id: str
    outcome: Literal["stored", "unchanged"]


class TrialAnswer(BaseModel):
    """What would be stored of a response, and what it would be worth; nothing is."""

    id: None
    external_id: str
    outcome: Literal["valid"]
    answers: dict[str, int | float | str | list[int]]
    missing: dict[str, Missing]
    scores: dict[str, BandedScore | Score] | None


def asked_for(body: ResponseBody) -> NewResponse:
    """Return what a body says; of the case, only what was given."""
    return NewResponse(
        external_id=body.external_id,
        case_id=body.case.id,
        unit=body.case.unit,
        case=body.case.model_dump(exclude_unset=True, exclude={"id", "unit"}),
        time_point=body.time_point,
        instrument=body.instrument,
        version=body.version,
        language=body.language,
        mode=body.mode,
        respondent=body.respondent,
        relation=body.relation,
        submitted_at=body.submitted_at,
        answers=body.answers,
        missing=body.missing,
        sent_sha256=_hash(body),
    )


def _hash(body: ResponseBody) -> str:
    try:
        sent = body.model_dump_json(exclude_unset=True, warnings=False)
    except PydanticSerializationError:
        raise Refused("answers", "hold characters that are not Unicode; mend them") from None
    return hashlib.sha256(sent.encode()).hexdigest()


def imported(
    request: Request,
    session: Session,
    registry_id: str,
    who: str,
    new: list[NewResponse],
    *,
    dry_run: bool,
) -> list[Taken | There | Tried | SvarError]:
    """Store some responses, or only see what would become of them."""
    settings: Settings = request.app.state.settings
    if dry_run:
        return [*imports.check(session, settings.zone, registry_id, new)]
    return [*imports.store(session, settings.zone, registry_id, who, new)]


def answer_of(new: NewResponse, found: Taken | There | Tried) -> dict[str, Any]:
    """Return what is said of a response that was taken in."""
    if isinstance(found, Tried):
        parts = {name: found.facts[name] for name in ("answers", "missing")}
        said = {"id": None, "external_id": new.external_id, "outcome": "valid"}
        return said | parts | {"scores": found.scores}
    response_id = found.facts["id"] if isinstance(found, Taken) else str(found.id)
    return {"id": response_id, "external_id": new.external_id, "outcome": found.outcome}


DryRun = Annotated[bool, Query(description="Only say what would become of it; store nothing")]

_LINE = (
    '{"external_id": "paper-2041", "case": {"id": "MCE-1017", "unit": "oslo-ortho"}, '
    '"time_point": "3m", "instrument": "eq-5d-5l", "language": "nb", "mode": "paper", '
    '"respondent": "self", "submitted_at": "2026-11-01", '
    '"answers": {"mo": 1, "sc": 1, "ua": 2, "pd": 2, "ad": 1, "vas": 80}}\n'
)
_LINES: dict[str, Any] = {
    "requestBody": {"content": {NDJSON: {"schema": {"type": "string"}, "example": _LINE}}}
}
_AGAIN: dict[str, Any] = {
    "model": ImportAnswer | TrialAnswer,
    "description": "It was there before, or this is a dry run; or, of NDJSON, a line for each line",
    "content": {
        NDJSON: {
            "schema": {"type": "string"},
            "example": '{"line": 1, "status": 201, "response": {"id": "…", "outcome": "stored"}}\n'
            '{"line": 2, "status": 422, "problem": {"title": "A field is wrong", "…": "…"}}\n',
        }
    },
}


@router.post(
    "",
    status_code=201,
    response_model=ImportAnswer | TrialAnswer,
    responses=may_fail(400, 401, 403, 409, 413, 422, ok={200: _AGAIN}),
    openapi_extra=_LINES,
)
def import_response(
    request: Request,
    response: Response,
    body: ResponseBody,
    me: Annotated[Caller, caller("responses")],
    *,
    dry_run: DryRun = False,
) -> dict[str, Any]:
    """Store what was answered elsewhere, checked and scored as what is answered here.

    The same `external_id` again gives the same response, and 409 if anything else is otherwise.
    Every question has an answer, a reason in `missing`, or was skipped. NDJSON is a batch: a
    response a line, and for each a line with its own status and `response` or `problem`.
    """
    new = asked_for(body)
    (found,) = imported(request, me.session, me.registry_id, me.who, [new], dry_run=dry_run)
    if isinstance(found, SvarError):
        raise found
    response.status_code = status_of(found)
    return answer_of(new, found)


def status_of(found: Taken | There | Tried) -> int:
    """Return the status that says what became of a response."""
    return 201 if isinstance(found, Taken) and found.outcome == "stored" else 200
