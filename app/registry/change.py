"""Change: pairs of time points of each case, with both values and what became of them."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app import audit, changes, feed
from app.changes import Changed, Changes, Limit, Visit
from app.errors import Refused
from app.registry.accepting import preferred
from app.registry.codebook import safe
from app.registry.formats import CSV, JSON, Plain, one_definition, with_indices
from app.registry.guard import Caller, caller
from app.registry.shared import KEBAB, is_an_instrument, may_fail
from scoring import Instrument

router = APIRouter(prefix="/api/v1/results", tags=["results"])

OFFERED = {JSON: JSON, "application/*": JSON, CSV: CSV, "text/*": CSV, "*/*": JSON}
BY_NAME = {"json": JSON, "csv": CSV}
PIECE = 500
"""Pairs sent at a time."""
Documents = Iterator[list[str]]


class Wish(BaseModel):
    """Which change is asked for."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    instrument: Annotated[str, Field(pattern=KEBAB, max_length=40)] = Field(
        description="The instrument, such as `eq-5d-5l`"
    )
    before: Plain = Field(alias="from", description="The earlier time point, such as `pre`")
    after: Plain = Field(alias="to", description="The later time point, such as `12m`")
    version: Annotated[str | None, Field(pattern=r"^[1-9][0-9]*\.[0-9]+$", max_length=12)] = Field(
        None, description="The definition's version; may be left out where there is but one"
    )
    unit: Plain | None = Field(None, description="Only what was answered at this unit")
    format: Literal["json", "csv"] | None = Field(None, description="Instead of the header Accept")


class Moment(BaseModel):
    """One end of a pair."""

    response_id: str
    unit: str
    submitted_at: str


class ScoreChange(BaseModel):
    """A score both times, and `after - before`; null where a value is missing.

    `reached` says for each smallest important change of this score whether the case improved or
    worsened by so much, or is unchanged.
    """

    before: float | None
    after: float | None
    change: float | None
    reached: dict[str, Literal["improved", "worsened", "unchanged"] | None]


class Pair(BaseModel):
    """A case that has both time points. `pchc` is null for an instrument that is no EQ-5D."""

    case: str
    before: Moment
    after: Moment
    pchc: Literal["no problems", "no change", "improve", "worsen", "mixed change"] | None
    scores: dict[str, ScoreChange]


class SmallestImportant(BaseModel):
    """A smallest important change, and the paper that found it."""

    score: str
    amount: float
    population: str
    citation: str
    doi: str | None


class ChangeView(BaseModel):
    """Every case that has both time points, and how many have only one."""

    instrument: str
    version: str
    mcids: dict[str, SmallestImportant]
    only_before: int
    only_after: int
    pairs: list[Pair]


_CSV: dict[str, Any] = {
    "description": "The pairs, as JSON or as CSV with a line for each",
    "content": {
        CSV: {
            "schema": {"type": "string"},
            "example": "case,pchc,vas_before,vas_after,vas_change\nMCE-1017,improve,60,80,20\n",
        }
    },
}


@router.get(
    "/change", response_model=ChangeView, responses=may_fail(401, 403, 406, 422, ok={200: _CSV})
)
def change(
    request: Request,
    me: Annotated[Caller, caller("results", writes=True)],
    wish: Annotated[Wish, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Compare each case's newest results at two time points.

    Scores are later minus earlier. An EQ-5D has its Paretian classification, and a score with a
    published smallest important change says who reached it. Of several responses of a case at one
    time point, the one that was sent last counts.
    """
    kind = BY_NAME[wish.format] if wish.format else preferred(accept or JSON, OFFERED)
    is_an_instrument(me.session, wish.instrument)
    definition = one_definition(me, wish.instrument, wish.version)
    instrument = with_indices(me, definition, [])
    both = [
        _chunks(request, me, wish, point, instrument.version) for point in (wish.before, wish.after)
    ]
    what = f"{wish.instrument}: {wish.before} to {wish.after}"
    audit.append(me.session, me.registry_id, me.who, "results.read", what)
    written = (_csv if kind == CSV else _json)(instrument, *both)
    return StreamingResponse(written, media_type=kind, headers={"Vary": "Accept"})


def _chunks(request: Request, me: Caller, wish: Wish, point: str, version: str) -> Documents:
    """Return the newest results of a time point, which are read when the request is over.

    Raises Refused when there are too many.
    """
    filters = feed.Filters(
        instrument=wish.instrument, version=version, time_point=point, unit=wish.unit
    )
    at = feed.newest(me.session, me.registry_id, None, filters)
    if feed.more_than(me.session, at, changes.MOST):
        raise Refused(
            "unit",
            f"there are more than {changes.MOST:,} results at {point}, which is more than can be "
            "paired at a time; ask for a unit at a time",
        )
    return feed.chunks(request.app.state.database, at, None)


def _json(instrument: Instrument, before: Documents, after: Documents) -> Iterator[bytes]:
    """Yield the object that is described as ChangeView, some hundreds of pairs at a time."""
    found = changes.between(instrument, before, after)
    head = {
        "instrument": instrument.id,
        "version": instrument.version,
        "mcids": {one.name: _told(one) for one in found.limits},
        "only_before": found.unpaired[0],
        "only_after": found.unpaired[1],
    }
    yield orjson.dumps(head)[:-1] + b',"pairs":['
    for start in range(0, len(found.pairs), PIECE):
        some = range(start, min(start + PIECE, len(found.pairs)))
        written = b",".join(orjson.dumps(_pair(found, place)) for place in some)
        yield (b"," if start else b"") + written
    yield b"]}"


def _told(limit: Limit) -> dict[str, Any]:
    told = limit.mcid.model_dump(include={"score", "population", "citation", "doi"})
    return told | {"amount": limit.mcid.threshold(limit.bound)}


def _pair(found: Changes, place: int) -> dict[str, Any]:
    before, after = found.pairs[place]
    return {
        "case": before.case,
        "before": _moment(before),
        "after": _moment(after),
        "pchc": found.pchc[place] if found.pchc else None,
        "scores": {name: _score(one, place) for name, one in found.scores.items()},
    }


def _moment(visit: Visit) -> dict[str, str]:
    return {
        "response_id": visit.response_id,
        "unit": visit.unit,
        "submitted_at": visit.submitted_at,
    }


def _score(of: Changed, place: int) -> dict[str, Any]:
    return _values(of, place) | {"reached": {name: who[place] for name, who in of.reached.items()}}


def _values(of: Changed, place: int) -> dict[str, float | None]:
    values = {"before": of.before, "after": of.after, "change": of.change}
    return {name: _or_none(float(value[place])) for name, value in values.items()}


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _csv(instrument: Instrument, before: Documents, after: Documents) -> Iterator[bytes]:
    """Yield a header and a line for each pair; nothing where there is no value."""
    found = changes.between(instrument, before, after)
    head = _head(found)
    for start in range(0, max(len(found.pairs), 1), PIECE):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, head, lineterminator="\n")
        if start == 0:
            writer.writeheader()
        for place in range(start, min(start + PIECE, len(found.pairs))):
            row = _cells(found, place)
            writer.writerow({name: safe(cell) for name, cell in row.items()})
        yield text.getvalue().encode()


def _head(found: Changes) -> list[str]:
    names = ["case"]
    for end in ("before", "after"):
        names += [f"{end}_response_id", f"{end}_unit", f"{end}_submitted_at"]
    names += ["pchc"]
    for score, of in found.scores.items():
        names += [f"{score}_before", f"{score}_after", f"{score}_change"]
        names += [_column(score, limit) for limit in of.reached]
    return names


def _cells(found: Changes, place: int) -> Mapping[str, Any]:
    before, after = found.pairs[place]
    row: dict[str, Any] = {
        "case": before.case,
        "pchc": found.pchc[place] if found.pchc else None,
    }
    for end, visit in (("before", before), ("after", after)):
        row |= {f"{end}_{name}": value for name, value in _moment(visit).items()}
    for score, of in found.scores.items():
        row |= {f"{score}_{name}": value for name, value in _values(of, place).items()}
        row |= {_column(score, limit): who[place] for limit, who in of.reached.items()}
    return row


def _column(score: str, limit: str) -> str:
    return f"{score}_reached_{limit.replace('-', '_')}"
