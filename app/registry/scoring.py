"""Scoring as a service: a registry sends answers and gets their scores; nothing is stored."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app import catalogue, valuation
from app.catalogue import Published
from app.errors import NotFound, NotThisType, Refused
from app.registry.formats import CSV, JSON, NDJSON
from app.registry.guard import Caller, caller
from app.registry.results import BandedScore, Score, UsedValueSet
from app.registry.shared import InstrumentId, VersionName, may_fail
from app.registry.wishes import MOST_PEOPLE, TABLES, Wish

router = APIRouter(prefix="/api/v1/score", tags=["scoring as a service"])


class PeoplesAnswers(BaseModel):
    """The answers of some people: an object each, item to code. What is left out is unanswered."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[list[dict[str, int | None]], Field(max_length=MOST_PEOPLE)]


class PeoplesScores(BaseModel):
    """The scores of some people, in the order of their answers, and what they come from.

    `value_sets` holds every set behind the scores, by id; it is empty for an instrument without.
    """

    instrument: str
    version: str
    definition_sha256: str
    scoring_version: str
    value_sets: dict[str, UsedValueSet]
    scores: list[dict[str, BandedScore | Score]]


_ROWS: dict[str, Any] = {
    NDJSON: {
        "schema": {"type": "string"},
        "example": '{"case": "MCE-1017", "mo": 2, "sc": 1, "ua": 2, "pd": 3, "ad": 1, "vas": 75}\n',
    },
    CSV: {
        "schema": {"type": "string"},
        "example": "case,mo,sc,ua,pd,ad,vas\nMCE-1017,2,1,2,3,1,75\nMCE-1018,1,1,1,1,,90\n",
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": PeoplesAnswers.model_json_schema(),
                "example": {
                    "answers": [
                        {"mo": 2, "sc": 1, "ua": 2, "pd": 3, "ad": 1, "vas": 75},
                        {"mo": 1, "sc": 1, "ua": 1, "pd": 1, "ad": None, "vas": 90},
                    ]
                },
            },
            **_ROWS,
        },
    }
}
_SCORES: dict[str, Any] = {
    "model": PeoplesScores,
    "description": "The scores, in the format of the answers and in their order",
    "headers": {
        name: {"schema": {"type": "string"}, "description": f"{what}; with NDJSON and CSV"}
        for name, what in {
            "Svar-Instrument": "The instrument and its version",
            "Svar-Definition-SHA256": "The definition that gave the scores",
            "Svar-Scoring-Version": "The version of the arithmetic",
            "Svar-Value-Sets": "The value sets behind the scores, with a space between them",
        }.items()
    },
    "content": {
        NDJSON: {
            "schema": {"type": "string"},
            "example": '{"case":"MCE-1017","index_no_2024":0.817685,"vas":75.0,"level_sum":9.0}\n',
        },
        CSV: {
            "schema": {"type": "string"},
            "example": '"case","index_no_2024","vas","level_sum"\n"MCE-1017",0.817685,75,9\n',
        },
    },
}
_ROUTE: dict[str, Any] = {
    "response_class": Response,
    "responses": may_fail(400, 401, 403, 404, 413, 415, 422, ok={200: _SCORES}),
    "openapi_extra": _BODY,
}
Me = Annotated[Caller, caller("score", writes=False)]
Asks = Annotated[Wish, Query()]
Type = Annotated[str, Header(include_in_schema=False)]


@router.post("/{instrument_id}", **_ROUTE)
def score_by_the_newest(
    instrument_id: InstrumentId,
    me: Me,
    wish: Asks,
    content_type: Type = "",
    content_encoding: Type = "identity",
) -> Response:
    """Score answers by an instrument's newest version. Nothing is stored.

    A JSON object, or rows as NDJSON or CSV; all other columns are carried through. What cannot be
    read refuses the whole body (422), and is named by row and item.
    """
    kind = _kind(content_type, content_encoding)
    return _answer(me, _newest(me.session, instrument_id), wish, kind)


@router.post("/{instrument_id}/{version}", **_ROUTE)
def score_by_a_version(
    instrument_id: InstrumentId,
    version: VersionName,
    me: Me,
    wish: Asks,
    content_type: Type = "",
    content_encoding: Type = "identity",
) -> Response:
    """Score answers by a version of an instrument, withdrawn or not. Nothing is stored."""
    kind = _kind(content_type, content_encoding)
    return _answer(me, catalogue.get(me.session, instrument_id, version), wish, kind)


def _newest(session: Session, instrument_id: str) -> Published:
    found = catalogue.versions(session, instrument_id)
    newest = next((one for one, status in found if status == "published"), None)
    if newest is None:
        raise NotFound(f"Every version of {instrument_id} is withdrawn; name the one you mean.")
    return newest


def _kind(content_type: str, content_encoding: str) -> str:
    """Return the media type of a body that can be read; raises NotThisType for any other."""
    if content_encoding.strip().lower() != "identity":
        raise NotThisType("Send the body as it is: no Content-Encoding is read here.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind != JSON and kind not in TABLES:
        raise NotThisType(f"Send Content-Type: {JSON}, {NDJSON} or {CSV}.")
    return kind


def _answer(me: Caller, definition: Published, wish: Wish, kind: str) -> Response:
    from app.registry import bodies  # with it comes pyarrow, which patients' pages do not need

    if kind == JSON:
        _for_json(wish)
    valued = valuation.chosen(me.session, definition, wish.value_set)
    return bodies.later(definition, valued, wish, TABLES.get(kind), me.who)


def _for_json(wish: Wish) -> None:
    """See that nothing is wished for that goes with tables only; raises Refused."""
    if given := sorted(wish.model_fields_set - {"value_set", "missing_rule"}):
        raise Refused(given[0], "goes with NDJSON and CSV; JSON names items, and null is no answer")
