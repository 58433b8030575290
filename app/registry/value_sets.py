"""The value sets that a registry can name, each with its paper: open to anyone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app import valuation
from app.registry.shared import (
    A_DOCUMENT,
    KEBAB,
    InstrumentId,
    document,
    is_an_instrument,
    may_fail,
)
from scoring import ValueSet

router = APIRouter(prefix="/api/v1/value-sets", tags=["value sets"])

SetId = Annotated[str, Path(pattern=KEBAB, max_length=40, examples=["no-2024"])]
VERSION = r"^[1-9][0-9]*\.[0-9]+$"


class ValueSetEntry(BaseModel):
    """One published version of a value set, and the paper it was read from.

    `checked` says how far to trust the transcription; what is `disputed` is told in the `note`.
    """

    id: str
    instrument: str
    version: str
    country: str
    year: int | None
    type: Literal["VT", "CW", "TTO", "VAS", "IVP", "RCW"]
    checked: Literal["two-sources", "one-source", "disputed"]
    note: str
    citation: str
    doi: str | None
    sha256: str


class ValueSetList(BaseModel):
    """The value sets that there are."""

    value_sets: list[ValueSetEntry]


class Wanted(BaseModel):
    """Which value sets are asked for."""

    model_config = ConfigDict(extra="forbid")

    instrument: Annotated[str | None, Field(pattern=KEBAB, max_length=40)] = Field(
        None, description="Only the sets of this instrument", examples=["eq-5d-5l"]
    )


@router.get("", responses=may_fail(422))
def value_sets(request: Request, wanted: Annotated[Wanted, Query()]) -> ValueSetList:
    """List every published version of every value set, or of one instrument's. Open to anyone."""
    with request.app.state.database.read() as session:
        found = valuation.listed(session, wanted.instrument)
        if not found:
            is_an_instrument(session, wanted.instrument)
        return ValueSetList(value_sets=[_entry(*one) for one in found])


def _entry(one: ValueSet, digest: str) -> ValueSetEntry:
    told = one.model_dump(include=ValueSetEntry.model_fields.keys() - {"sha256"})
    return ValueSetEntry(**told, sha256=digest)


@router.get(
    "/{instrument_id}/{value_set_id}",
    response_class=Response,
    responses=may_fail(404, 422, ok={200: A_DOCUMENT | {"description": "The value set"}}),
)
def value_set(
    request: Request,
    instrument_id: InstrumentId,
    value_set_id: SetId,
    version: Annotated[str | None, Query(pattern=VERSION, max_length=12)] = None,
) -> Response:
    """Give a value set as it was published, its newest version unless one is named. Open to anyone.

    Its SHA-256 (the ETag) is that of `provenance.value_sets` in every result that has its index.
    """
    with request.app.state.database.read() as session:
        row = valuation.row(session, instrument_id, value_set_id, version)
        return document(row.document, row.sha256)
