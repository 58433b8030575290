"""The instruments that can be ordered: their definitions and wordings, open to anyone."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from app import catalogue
from app.registry.shared import A_DOCUMENT, InstrumentId, VersionName, document, may_fail

router = APIRouter(prefix="/api/v1/instruments", tags=["instruments"])


class InstrumentEntry(BaseModel):
    """One published version of an instrument."""

    id: str
    version: str
    name: str
    kind: Literal["PROM", "PREM"]
    status: Literal["published", "withdrawn"]
    licence: str
    sha256: str
    wordings: list["WordingEntry"]


class WordingEntry(BaseModel):
    """One wording of a version: its language, its revision, and whether it is the official one."""

    language: str
    revision: int
    status: Literal["official", "unreviewed", "placeholder"]
    sha256: str


class InstrumentList(BaseModel):
    """The instruments that can be ordered."""

    instruments: list[InstrumentEntry]


@router.get("")
def instruments(request: Request) -> InstrumentList:
    """List every published version of every instrument. Open to anyone."""
    with request.app.state.database.read() as session:
        return InstrumentList(instruments=_entries(session, None))


@router.get("/{instrument_id}", responses=may_fail(404, 422))
def instrument(request: Request, instrument_id: InstrumentId) -> InstrumentList:
    """List the versions of one instrument, newest first. Open to anyone."""
    with request.app.state.database.read() as session:
        return InstrumentList(instruments=_entries(session, instrument_id))


def _entries(session: Session, instrument_id: str | None) -> list[InstrumentEntry]:
    return [
        InstrumentEntry(
            id=one.instrument.id,
            version=one.instrument.version,
            name=one.instrument.name,
            kind=one.instrument.kind,
            status=status,
            licence=one.instrument.licence.status,
            sha256=one.sha256,
            wordings=[
                WordingEntry(
                    language=row.language,
                    revision=row.revision,
                    status=row.status,
                    sha256=row.sha256,
                )
                for row in catalogue.revisions(session, one.instrument.id, one.instrument.version)
            ],
        )
        for one, status in catalogue.versions(session, instrument_id)
    ]


@router.get(
    "/{instrument_id}/{version}",
    response_class=Response,
    responses=may_fail(404, 422, ok={200: A_DOCUMENT | {"description": "The definition"}}),
)
def definition(request: Request, instrument_id: InstrumentId, version: VersionName) -> Response:
    """Give a definition as it was published, value sets resolved. Open to anyone.

    Its SHA-256 (the ETag) is the `definition_sha256` of every result scored with it.
    """
    with request.app.state.database.read() as session:
        row = catalogue.definition_row(session, instrument_id, version)
        return document(row.document, row.sha256)


@router.get(
    "/{instrument_id}/{version}/wording/{language}",
    response_class=Response,
    responses=may_fail(404, 422, ok={200: A_DOCUMENT | {"description": "The wording"}}),
)
def wording(
    request: Request,
    instrument_id: InstrumentId,
    version: VersionName,
    language: Annotated[str, Path(pattern=r"^[a-z]{2,3}$")],
    revision: Annotated[int | None, Query(ge=1, le=9999)] = None,
) -> Response:
    """Give the wording in a language, its newest revision unless one is named.

    Open to anyone, but for licensed official wordings. Its SHA-256 (the ETag) is the
    `wording_sha256` of every result that was asked in it.
    """
    with request.app.state.database.read() as session:
        row = catalogue.open_wording_row(session, instrument_id, version, language, revision)
        return document(row.document, row.sha256)
