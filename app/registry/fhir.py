"""An instrument as a FHIR Questionnaire, for systems that ask by FHIR, open to anyone."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from app import catalogue
from app.errors import NotFound
from app.exchange import fhir_out
from app.models import PublishedWording
from app.registry.shared import InstrumentId, VersionName, may_fail
from scoring import Wording

router = APIRouter(prefix="/api/v1/instruments", tags=["instruments"])

FHIR = "application/fhir+json"
EXAMPLE = {
    "resourceType": "Questionnaire",
    "id": "gad-7-1.0",
    "status": "active",
    "item": [{"linkId": "page.symptoms", "type": "group"}],
}
A_QUESTIONNAIRE: dict[str, Any] = {
    "description": "A FHIR R4 Questionnaire; options carry their worth as `itemWeight`",
    "content": {FHIR: {"schema": {"type": "object"}, "example": EXAMPLE}},
}


@router.get(
    "/{instrument_id}/{version}/fhir",
    response_class=Response,
    responses=may_fail(404, 422, ok={200: A_QUESTIONNAIRE}),
)
def questionnaire(
    request: Request,
    instrument_id: InstrumentId,
    version: VersionName,
    language: Annotated[
        str | None,
        Query(
            pattern=r"^[a-z]{2,3}$",
            examples=["nb"],
            description="Of the texts; if left out, the first there is",
        ),
    ] = None,
) -> Response:
    """Give an instrument as a FHIR R4 Questionnaire. Open to anyone.

    Licensed wordings are left out: then items have no texts. How scores are made stands in the
    definition, to which the resource links.
    """
    with request.app.state.database.read() as session:
        instrument = catalogue.get(session, instrument_id, version).instrument
        row = _words(session, instrument_id, version, language)
    wording = Wording.model_validate_json(row.document) if row else None
    base = request.app.state.settings.public_url
    resource = fhir_out.questionnaire(instrument, wording, base)
    return Response(json.dumps(resource, ensure_ascii=False), media_type=FHIR)


def _words(
    session: Session, instrument: str, version: str, language: str | None
) -> PublishedWording | None:
    """Return the wording asked for, or the first that anyone may read; None if there is none.

    Raises NotFound for a language that is asked for and is not there, or not for everyone.
    """
    if language is not None:
        return catalogue.open_wording_row(session, instrument, version, language)
    for row in catalogue.wordings(session, instrument, version):
        try:
            return catalogue.open_wording_row(session, instrument, version, row.language)
        except NotFound:
            continue
    return None
