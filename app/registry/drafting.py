"""Drafts by script: a centre keeps its library in git, and a pipeline brings it here."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app import authoring, drafts, library, reviews, runs
from app.errors import FieldError, Refused
from app.exchange import arrival
from app.exchange.binder import Brought, File
from app.models import InstrumentDraft
from app.registry.scripts import Script, brought_body, script
from app.registry.shared import InstrumentId, VersionName, may_fail
from scoring import NotValid

router = APIRouter(prefix="/api/v1", tags=["drafts"])

ONE = "/instruments/{instrument_id}/{version}/draft"
FAILS = (401, 403, 404, 409, 422)
OF_A_BODY = (400, 413, *FAILS)

Author = Annotated[Script, script("author")]
Reviewer = Annotated[Script, script("reviewer")]
Reader = Annotated[Script, script("reader", writes=False)]
Part = Annotated[str, StringConstraints(max_length=60)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Revision = Annotated[str, Header(alias="If-Match", pattern=r'^"[1-9][0-9]{0,8}"$')]


class DraftEntry(BaseModel):
    """A draft: whose turn it is, who has written it, and what its last reviewer said."""

    instrument: str
    version: str
    status: Literal["draft", "in_review"]
    revision: int
    editors: list[str]
    changed_at: datetime
    submitted_at: datetime | None
    submitted_by: str | None
    remark: str


class WrongPlace(BaseModel):
    """What keeps a draft from being published: in which part, at which place, and the remedy."""

    part: str
    path: str
    message: str


class Decision(BaseModel):
    """What the file did not say, and somebody must decide; it is never guessed."""

    path: str
    message: str


class DraftAnswer(DraftEntry):
    """A draft with the texts of its parts, JSON each, and all that is wrong or left open.

    `sha256` stands for all parts: whoever approves the draft names it.
    """

    sha256: str
    parts: dict[str, str]
    problems: list[WrongPlace]
    decisions: list[Decision]


class DraftList(BaseModel):
    """The drafts, those in review first."""

    drafts: list[DraftEntry]


class PartsBody(BaseModel):
    """All parts of a draft: what is left out is taken away."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"parts": {"definition": '{"id": "who-5", "version": "1.1"}'}}]
        },
    )

    parts: Annotated[dict[Part, str], Field(max_length=drafts.MOST_PARTS)]


class DecideBody(BaseModel):
    """Which decision is made, counted from 1."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": 1}]})

    number: Annotated[int, Field(ge=1, le=10_000)]


class RemarkBody(BaseModel):
    """What must be changed before the draft can be approved."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"remark": "Item q2 is reversed."}]}
    )

    remark: Annotated[str, Field(min_length=1, max_length=reviews.LONGEST_REMARK)]


class ApproveBody(BaseModel):
    """The draft's hash, as whoever approves it has looked at it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"sha256": 64 * "0"}]}
    )

    sha256: Sha256


class PublishedAnswer(BaseModel):
    """A version that was published; so many responses could be scored again by it."""

    instrument: str
    version: str
    to_score_again: int


class WithdrawnAnswer(BaseModel):
    """A version that was withdrawn; so many open orders of it still take answers."""

    instrument: str
    version: str
    status: Literal["withdrawn"]
    open_orders: int


def _file(kind: str, example: str) -> dict[str, Any]:
    return {kind: {"schema": {"type": "string", "format": "binary"}, "example": example}}


_FILES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {"id": "who-5", "version": "1.1"},
            },
            **_file("text/csv", "id,text:en,options:en\npain,Have you pain?,1=No;2=Yes\n"),
            **_file("application/octet-stream", "PK…"),
        },
    }
}


@router.get("/drafts", responses=may_fail(401, 403))
def listed(me: Reader) -> DraftList:
    """List the drafts of the PRO centre, those in review first."""
    return DraftList(drafts=[DraftEntry(**_entry(one)) for one in drafts.listed(me.session)])


@router.post(
    "/instruments",
    status_code=201,
    response_model=DraftAnswer,
    openapi_extra=_FILES,
    responses=may_fail(
        401,
        403,
        409,
        413,
        422,
        ok={200: {"model": DraftAnswer, "description": "What it would be; nothing was kept"}},
    ),
)
def bring(
    response: Response,
    data: Annotated[bytes, Depends(brought_body, scope="function")],
    me: Author,
    replace: Annotated[bool, Query(description="Replace the draft that there is")] = False,  # noqa: FBT002 - FastAPI's way
    dry_run: Annotated[bool, Query(description="Keep nothing")] = False,  # noqa: FBT002 - FastAPI's way
) -> DraftAnswer:
    """Bring in a file as a draft: a spreadsheet (XLSX, CSV), JSON, ours or FHIR's, or a zip of it.

    What it is, is seen by its bytes. The answer says what is wrong with it, and what it left open.
    Nothing is published. With `dry_run` nothing is kept.
    """
    brought = _read(data)
    with me.session.begin_nested() as kept:
        answer = _answer(me, authoring.begin(me.session, brought, me.who, replace=replace))
        if dry_run:
            response.status_code = 200
            kept.rollback()
    return answer


def _read(data: bytes) -> Brought:
    try:
        return arrival.read([File("file", data)])
    except NotValid as error:
        found = [FieldError(*one) for one in error.problems]
        raise Refused.several(found[: reviews.MOST_NAMED], len(found)) from None


@router.get(ONE, responses=may_fail(401, 403, 404, 422))
def look(
    response: Response, instrument_id: InstrumentId, version: VersionName, me: Reader
) -> DraftAnswer:
    """Give a draft with its parts and all that is wrong with them; the ETag is its revision."""
    draft = drafts.get(me.session, instrument_id, version)
    response.headers["ETag"] = f'"{draft.revision}"'
    return _answer(me, draft)


@router.put(ONE, responses=may_fail(*OF_A_BODY))
def rewrite(
    instrument_id: InstrumentId,
    version: VersionName,
    body: PartsBody,
    me: Author,
    revision: Revision,
) -> DraftAnswer:
    """Write the parts of a draft anew, right or wrong, if nobody has changed it meanwhile."""
    draft = drafts.get(me.session, instrument_id, version)
    authoring.rewrite(me.session, draft, body.parts, int(revision.strip('"')), me.who)
    return _answer(me, draft)


@router.delete(ONE, status_code=204, responses=may_fail(*FAILS))
def discard(instrument_id: InstrumentId, version: VersionName, me: Author) -> None:
    """Throw a draft away, for good, while it is not in review."""
    authoring.discard(me.session, drafts.get(me.session, instrument_id, version), me.who)


@router.post(ONE + "/decide", responses=may_fail(*OF_A_BODY))
def decide(
    instrument_id: InstrumentId,
    version: VersionName,
    body: DecideBody,
    me: Author,
    revision: Revision,
) -> DraftAnswer:
    """Tick off one thing that the file left open, once it is written into the draft."""
    draft = drafts.get(me.session, instrument_id, version)
    authoring.decide(me.session, draft, body.number, int(revision.strip('"')), me.who)
    return _answer(me, draft)


@router.post(ONE + "/hand-in", responses=may_fail(*FAILS))
def hand_in(instrument_id: InstrumentId, version: VersionName, me: Author) -> DraftAnswer:
    """Hand a draft in for review; refused while anything is wrong or left open."""
    draft = drafts.get(me.session, instrument_id, version)
    reviews.hand_in(me.session, draft, me.who)
    return _answer(me, draft)


@router.post(ONE + "/take-back", responses=may_fail(*FAILS))
def take_back(instrument_id: InstrumentId, version: VersionName, me: Author) -> DraftAnswer:
    """Take a draft back from review, to change it."""
    draft = drafts.get(me.session, instrument_id, version)
    reviews.take_back(me.session, draft, me.who)
    return _answer(me, draft)


@router.post(ONE + "/give-back", responses=may_fail(*OF_A_BODY))
def give_back(
    instrument_id: InstrumentId, version: VersionName, body: RemarkBody, me: Reviewer
) -> DraftAnswer:
    """Give a draft back to its authors, with a remark."""
    draft = drafts.get(me.session, instrument_id, version)
    reviews.give_back(me.session, draft, body.remark, me.who)
    return _answer(me, draft)


@router.post(ONE + "/publish", responses=may_fail(*OF_A_BODY))
def publish(
    instrument_id: InstrumentId, version: VersionName, body: ApproveBody, me: Reviewer
) -> PublishedAnswer:
    """Approve and publish a draft that somebody else has written, by the hash that was looked at.

    Its value sets, definition and wordings are published in one go, and never change.
    """
    draft = drafts.get(me.session, instrument_id, version)
    reviews.publish(me.session, draft, body.sha256, me.who, two_people=me.settings.two_people)
    return PublishedAnswer(
        instrument=instrument_id,
        version=version,
        to_score_again=runs.to_score_again(me.session, instrument_id, version),
    )


@router.post("/instruments/{instrument_id}/{version}/withdraw", responses=may_fail(*FAILS))
def withdraw(instrument_id: InstrumentId, version: VersionName, me: Reviewer) -> WithdrawnAnswer:
    """Withdraw a published version, for good: nobody orders it any more, open orders go on."""
    reviews.withdraw(me.session, instrument_id, version, me.who)
    return WithdrawnAnswer(
        instrument=instrument_id,
        version=version,
        status="withdrawn",
        open_orders=library.open_orders(me.session, instrument_id, version),
    )


def _entry(draft: InstrumentDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in DraftEntry.model_fields}


def _answer(me: Script, draft: InstrumentDraft) -> DraftAnswer:
    parts = drafts.parts(draft)
    problems = reviews.check(me.session, draft).problems
    return DraftAnswer(
        **_entry(draft),
        sha256=drafts.digest(parts),
        parts=parts,
        problems=[
            WrongPlace(part=part, path=one.path, message=one.message)
            for part, some in problems.items()
            for one in some
        ],
        decisions=[Decision(**one) for one in draft.decisions],
    )
