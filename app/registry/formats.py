"""Which results a registry may ask for, and the formats that it may have them in."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app import catalogue, feed, valuation
from app.catalogue import Published
from app.errors import NotFound, Refused
from app.registry.accepting import preferred
from app.registry.guard import Caller
from app.registry.shared import KEBAB
from scoring import Instrument

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
SAV = "application/x-spss-sav"
DTA = "application/x-stata-dta"

Name = Literal["json", "ndjson", "csv", "parquet", "arrow", "sav", "dta"]
BY_NAME: Mapping[Name, str] = {
    "json": JSON,
    "ndjson": NDJSON,
    "csv": CSV,
    "parquet": PARQUET,
    "arrow": ARROW,
    "sav": SAV,
    "dta": DTA,
}
NAMES = {kind: name for name, kind in BY_NAME.items()}

AS_DOCUMENTS = {JSON: JSON, "application/*": JSON, "*/*": JSON, NDJSON: NDJSON}
AS_DOCUMENTS |= dict.fromkeys(("application/ndjson", "application/jsonl"), NDJSON)
OFFERED = AS_DOCUMENTS | {"text/*": CSV}
OFFERED |= {kind: kind for kind in (CSV, PARQUET, ARROW, SAV, DTA)}
"""What a client may ask for, and what it then gets."""

ZIPPED = (NDJSON, CSV, ARROW)
"""What is compressed for whoever accepts it; the others are small already, or pages."""
MOST_IN_JSON = 10_000

Plain = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=40)]


class Asked(BaseModel):
    """Which results are asked for, and how they are to be written."""

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
    version: Annotated[str | None, Field(pattern=r"^[1-9][0-9]*\.[0-9]+$", max_length=12)] = Field(
        None, description="Only scores by this version of the definition, such as `1.0`"
    )
    time_point: Plain | None = Field(None, description="Only this time point, such as `3m`")
    unit: Plain | None = Field(None, description="Only this unit, such as `oslo-ortho`")
    submitted_from: date | None = Field(
        None, description="Only what was sent on this day (in UTC) or later"
    )
    submitted_to: date | None = Field(
        None, description="Only what was sent on this day (in UTC) or earlier"
    )
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$")] = Field(
        None, description="Only what was answered in this language, such as `nb`"
    )
    mode: Literal["web", "paper", "import"] | None = Field(
        None, description="Only what came in this way"
    )
    format: Name | None = Field(None, description="Instead of the header Accept")
    labels: Annotated[str | None, Field(pattern=r"^[a-z]{2,3}$")] = Field(
        None, description="The wording that labels the columns; if left out, the first there is"
    )
    value_set: Annotated[
        list[Annotated[str, Field(pattern=KEBAB, max_length=40)]], Field(max_length=500)
    ] = Field([], description="Also a column for an index that your registry no longer names")
    bom: bool = Field(default=False, description="Begin CSV with the mark that Excel looks for")

    @property
    def filters(self) -> feed.Filters:
        """What is asked for, as the feed has it."""
        return feed.Filters(
            **self.model_dump(
                include={
                    "instrument",
                    "version",
                    "time_point",
                    "unit",
                    "submitted_from",
                    "submitted_to",
                    "language",
                    "mode",
                }
            )
        )


_BINARY = {"schema": {"type": "string", "format": "binary"}}
WRITTEN: dict[str, Any] = {
    "description": "A page of JSON; in every other format all that is asked for",
    "headers": {
        "ETag": {
            "schema": {"type": "string"},
            "description": "Another once the answer could be another; send it as If-None-Match",
        }
    },
    "content": {
        NDJSON: {"schema": {"$ref": "#/components/schemas/Result"}},
        CSV: {
            "schema": {"type": "string"},
            "example": '"response_id","case","time_point","q1"\n"0192…","MCE-1017","3m",2\n',
        },
        PARQUET: _BINARY,
        ARROW: _BINARY,
        SAV: _BINARY,
        DTA: _BINARY,
    },
}
NOT_AGAIN = {"description": "Nothing has come since the answer with this ETag"}


def asked_for(asked: Asked, accept: str) -> str:
    """Return the media type to answer with; raises NotAcceptable, or Refused for what it lacks."""
    kind = BY_NAME[asked.format] if asked.format else preferred(accept or JSON, OFFERED)
    if kind == JSON and asked.limit and asked.limit > MOST_IN_JSON:
        message = f"is at most {MOST_IN_JSON} in JSON; send Accept: {NDJSON} for a stream"
        raise Refused("limit", message)
    if asked.bom and kind != CSV:
        raise Refused("bom", "goes with CSV; leave it out, or send format=csv")
    return kind


def table_definition(me: Caller, asked: Asked) -> Published:
    """Return the one definition whose columns a table has; raises Refused where that is open."""
    if asked.instrument is None:
        raise Refused("instrument", "is missing: such a file holds one instrument; name it")
    return one_definition(me, asked.instrument, asked.version)


def one_definition(me: Caller, instrument: str, version: str | None) -> Published:
    """Return the one definition whose scores are asked for; raises Refused where that is open."""
    if version is not None:
        return _of_version(me.session, instrument, version)
    found = [one for one, _ in catalogue.versions(me.session, instrument)]
    if len(found) > 1:
        there = ", ".join(one.instrument.version for one in found)
        raise Refused("version", f"is missing: one version at a time, of {there}; name it")
    return found[0]


def _of_version(session: Session, instrument: str, version: str) -> Published:
    try:
        return catalogue.get(session, instrument, version)
    except NotFound as error:
        raise Refused("version", error.detail) from None


def with_indices(me: Caller, definition: Published, besides: Sequence[str]) -> Instrument:
    """Return an instrument with every index that its registry's results may have.

    Those by the value sets that the registry names now, and by the sets that are named `besides`.
    """
    named = valuation.named_by(me.session, me.registry_id)
    if not besides:
        return valuation.valued(me.session, definition, named).scorer.instrument
    mine = f"{definition.instrument.id}/"
    ids = [one.removeprefix(mine) for one in named if one.startswith(mine)]
    return valuation.chosen(me.session, definition, [*ids, *besides]).scorer.instrument


def is_a_version(session: Session, asked: Asked) -> None:
    """Raise Refused for a version that the instrument does not have."""
    if asked.instrument is not None and asked.version is not None:
        _of_version(session, asked.instrument, asked.version)


def etag(request: Request, me: Caller, asked: Asked, kind: str) -> str:
    """Return what stands for an answer: another once the feed or anything else behind it moves."""
    behind = [
        me.registry_id,
        feed.reached(me.session, me.registry_id),
        sorted(valuation.named_by(me.session, me.registry_id).items()),
        request.url.path,
        sorted(request.query_params.multi_items()),
        kind,
        _labels(me, asked) if kind not in (JSON, NDJSON) else [],
    ]
    return f'W/"{hashlib.sha256(json.dumps(behind).encode()).hexdigest()[:32]}"'


def _labels(me: Caller, asked: Asked) -> list[str]:
    """Return the hash of every wording that a table's labels may be from."""
    of = table_definition(me, asked).instrument
    return [row.sha256 for row in catalogue.wordings(me.session, of.id, of.version)]


def is_known(tag: str, known: str) -> bool:
    """Say whether a client that knows these has the answer of this ETag already."""
    return any(one.strip() in (tag, tag.removeprefix("W/"), "*") for one in known.split(","))


def streamed(
    request: Request, found: Iterator[bytes], kind: str, name: str | None = None
) -> StreamingResponse:
    """Return an answer that is sent while it is made, compressed for whoever accepts that."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if name else {}
    if kind in ZIPPED and _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        found = gzipped(found)
    return StreamingResponse(found, media_type=kind, headers=headers)


def _takes_gzip(accept_encoding: str) -> bool:
    taken = [one.replace(" ", "").lower() for one in accept_encoding.split(",")]
    return any(one.partition(";")[0] == "gzip" and not _is_nought(one) for one in taken)


def _is_nought(taken: str) -> bool:
    return taken.partition("q=")[2].strip("0") == "." or taken.endswith("q=0")


def gzipped(found: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a stream compressed; each piece can be unpacked when it comes."""
    packing = zlib.compressobj(1, zlib.DEFLATED, 31)
    for piece in found:
        yield packing.compress(piece) + packing.flush(zlib.Z_SYNC_FLUSH)
    yield packing.flush()
