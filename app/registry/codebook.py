"""The codebook: what stands in every column of an instrument's results, open to anyone."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app import catalogue, valuation
from app.catalogue import Published
from app.columns import Column, columns_of
from app.errors import NotFound, Refused
from app.models import PublishedWording
from app.registry.accepting import preferred
from app.registry.formats import CSV, JSON
from app.registry.shared import KEBAB, InstrumentId, VersionName, may_fail
from scoring import Instrument, Wording

router = APIRouter(prefix="/api/v1/instruments", tags=["instruments"])

HTML = "text/html"
BY_NAME = {"json": JSON, "csv": CSV, "html": HTML}
OFFERED = {JSON: JSON, CSV: CSV, HTML: HTML, "application/xhtml+xml": HTML}
OFFERED |= {"application/*": JSON, "text/*": CSV, "*/*": JSON}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet would take for a formula."""

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates" / "registry"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Wish(BaseModel):
    """Which codebook is wanted, and how it is to be written."""

    model_config = ConfigDict(extra="forbid")

    language: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$")] = Field(
        None, description="The wording that labels items and codes; if left out, the first there is"
    )
    value_set: Annotated[
        list[Annotated[str, Field(pattern=KEBAB, max_length=40)]], Field(max_length=500)
    ] = Field([], description="A value set that your registry has named besides; `all` for all")
    format: Literal["json", "csv", "html"] | None = Field(
        None, description="Instead of the header Accept"
    )


class CodebookColumn(BaseModel):
    """One column. What does not concern it is null or empty.

    `path` is where its value stands in a result document. `codes` gives the text of each code or
    word (of a scale, of its two ends), null where the wording is licensed and not shown.
    """

    name: str
    part: Literal["response", "item", "open_item", "score", "answered", "provenance"]
    type: Literal["text", "whole_number", "number", "yes_no", "date", "time", "code", "codes"]
    path: list[str]
    label: str
    stem: str | None
    unit: str | None
    range: tuple[float, float] | None
    codes: dict[str, str | None]
    missing_codes: list[int]
    missing_reasons: list[Literal["skipped", "not_shown", "not_applicable"]]
    missing_rule: str | None
    direction: Literal["higher_is_better", "lower_is_better", "none"] | None
    bands: dict[str, str]
    source: str | None


class CodebookWording(BaseModel):
    """The wording that the labels are from."""

    language: str
    revision: int
    status: Literal["official", "unreviewed", "placeholder"]
    sha256: str
    credit: str


class Codebook(BaseModel):
    """Every column of an instrument's results. `wording` is null where none may be shown."""

    instrument: str
    version: str
    name: str
    kind: Literal["PROM", "PREM"]
    recall_period: str
    source: str
    licence: str
    credit: str
    definition_sha256: str
    wording: CodebookWording | None
    columns: list[CodebookColumn]


_FORMATS: dict[str, Any] = {
    "content": {
        CSV: {"schema": {"type": "string"}, "example": "name,part,type,label\nq1,item,code,…\n"},
        HTML: {"schema": {"type": "string"}},
    },
    "description": "The codebook, as JSON, as CSV with a line for each column, or as a page",
}


@router.get(
    "/{instrument_id}/{version}/codebook",
    response_model=Codebook,
    responses=may_fail(404, 406, 422, ok={200: _FORMATS}),
)
def codebook(
    request: Request,
    instrument_id: InstrumentId,
    version: VersionName,
    wish: Annotated[Wish, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Explain every column of an instrument's results. Open to anyone.

    Items and codes are labelled in the wording's words, but for licensed ones, which only those
    may read who hold the licence. Svar's own columns and the scores are labelled in English.
    """
    kind = BY_NAME[wish.format] if wish.format else preferred(accept or JSON, OFFERED)
    with request.app.state.database.read() as session:
        found = _found(session, catalogue.get(session, instrument_id, version), wish)
    answer = _WRITTEN[kind](found)
    answer.headers["Vary"] = "Accept"
    return answer


class _Found(NamedTuple):
    """What a codebook is made of."""

    definition: Published
    row: PublishedWording | None
    wording: Wording | None
    columns: tuple[Column, ...]
    wish: Wish


def _found(session: Session, definition: Published, wish: Wish) -> _Found:
    row = open_row(session, definition.instrument, wish.language)
    wording = catalogue.wording_of(session, row.sha256) if row else None
    instrument = valuation.chosen(session, definition, wish.value_set).scorer.instrument
    return _Found(definition, row, wording, columns_of(instrument, wording), wish)


def open_row(
    session: Session, of: Instrument, language: str | None, field: str = "language"
) -> PublishedWording | None:
    """Return the wording that labels are from; None where it may not be shown to anyone.

    Raises Refused, naming the field, for a language that there is no wording in.
    """
    there = [row.language for row in catalogue.wordings(session, of.id, of.version)]
    if language is not None and language not in there:
        others = ", ".join(there) or "none"
        raise Refused(field, f"there is no wording in {language}; there is: {others}")
    for one in [language] if language else there:
        try:
            return catalogue.open_wording_row(session, of.id, of.version, one)
        except NotFound:
            continue
    return None


def _document(found: _Found) -> Codebook:
    of, row = found.definition.instrument, found.row
    wording = None
    if row and found.wording:
        wording = CodebookWording(
            language=row.language,
            revision=row.revision,
            status=row.status,
            sha256=row.sha256,
            credit=found.wording.credit,
        )
    return Codebook(
        instrument=of.id,
        version=of.version,
        name=of.name,
        kind=of.kind,
        recall_period=of.recall_period,
        source=of.source,
        licence=of.licence.status,
        credit=of.licence.credit,
        definition_sha256=found.definition.sha256,
        wording=wording,
        columns=[_column(column) for column in found.columns],
    )


def _column(column: Column) -> CodebookColumn:
    told = {name: getattr(column, name) for name in CodebookColumn.model_fields}
    codes = {str(code): text for code, text in column.codes.items()}
    bands = {f"{least:.10g}": word for least, word in column.bands.items()}
    return CodebookColumn.model_validate(told | {"codes": codes, "bands": bands})


def _json(found: _Found) -> Response:
    return Response(_document(found).model_dump_json(), media_type=JSON)


HEAD = [
    "name",
    "part",
    "type",
    "label",
    "stem",
    "unit",
    "least",
    "most",
    "codes",
    "missing_codes",
    "missing_reasons",
    "missing_rule",
    "direction",
    "bands",
    "source",
]


def _csv(found: _Found) -> Response:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for column in found.columns:
        row = _cells(column)
        writer.writerow([safe(row[name]) for name in HEAD])
    return Response(text.getvalue(), media_type=CSV)


def _cells(column: Column) -> dict[str, Any]:
    least, most = column.range or ("", "")
    return {
        **{name: getattr(column, name, None) for name in HEAD},
        "missing_codes": " ".join(map(str, column.missing_codes)),
        "missing_reasons": " ".join(column.missing_reasons),
        "least": least,
        "most": most,
        "codes": pairs(column.codes),
        "bands": pairs(column.bands),
    }


def pairs(of: Mapping[Any, str | None]) -> str:
    """Return codes with their texts on one line, such as `1 = Excellent; 2 = Very good`."""
    return "; ".join(_pair(*one) for one in of.items())


def _pair(code: float | str, text: str | None) -> str:
    shown = f"{code:.10g}" if isinstance(code, int | float) else code
    return shown if text is None else f"{shown} = {text}"


def safe(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _page(found: _Found) -> Response:
    template = _pages.get_template("codebook.html")
    return HTMLResponse(
        template.render(
            book=_document(found), columns=found.columns, pairs=pairs, more=_query(found.wish)
        )
    )


def _query(wish: Wish) -> str:
    """Return the rest of the address that gives the same codebook in another format."""
    given = wish.model_dump(include={"language", "value_set"}, exclude_unset=True)
    return f"&{urlencode(given, doseq=True)}" if given else ""


_WRITTEN = {JSON: _json, CSV: _csv, HTML: _page}
