"""The ledger: a registry pulls where each of its orders stands, as they change."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app import audit, ledger
from app.errors import Refused
from app.ledger import Entry, Wanted
from app.models import cursor
from app.orders import Status
from app.registry.accepting import preferred
from app.registry.formats import AS_DOCUMENTS, JSON, MOST_IN_JSON, NDJSON
from app.registry.guard import Caller, caller
from app.registry.orders import AskedInstrument
from app.registry.shared import KEBAB, is_an_instrument, may_fail

router = APIRouter(prefix="/api/v1/orders", tags=["orders"])

Text = Annotated[str | None, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class LedgerEntry(BaseModel):
    """Where an order stands. `cursor` is its place in the ledger, a later one when it changes.

    `why` says why there are no answers: of a cancelled order the reason that was given, of an
    expired one `never opened`, `opened, not started` or `started, not sent`.
    """

    cursor: str
    id: UUID
    external_id: str | None
    case: str
    unit: str
    time_point: str
    instruments: list[AskedInstrument]
    language: str
    opens: datetime
    closes: datetime
    status: Status
    why: str | None
    ordered_at: datetime
    opened_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    expired_at: datetime | None
    cancelled_at: datetime | None


class LedgerPage(BaseModel):
    """A page of the ledger; send `next` as `after` for what follows, now or later."""

    orders: list[LedgerEntry]
    next: str
    more: bool


class Asked(BaseModel):
    """Which orders are asked for."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[str | None, Field(max_length=40)] = Field(
        None, description="`next` of the page before, or an order's `cursor`; the start if left out"
    )
    limit: Annotated[int | None, Field(ge=1, le=1_000_000)] = Field(
        None, description=f"At most so many; in JSON 1000 if left out, and {MOST_IN_JSON} at most"
    )
    status: Status | None = Field(None, description="Only orders that stand so now")
    unit: Text = Field(None, description="Only orders of cases that belong to this unit")
    time_point: Text = Field(None, description="Only orders of this time point, such as `3m`")
    instrument: Annotated[str | None, Field(pattern=KEBAB, max_length=40)] = Field(
        None, description="Only orders that ask for this instrument, such as `rand-36`"
    )
    external_id: Text = Field(None, description="Only the order with this id of your own")


_STREAM: dict[str, Any] = {
    "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/LedgerEntry"}}},
    "description": "A page; with Accept: application/x-ndjson a stream, an order a line",
}


@router.get(
    "", response_model=LedgerPage, responses=may_fail(401, 403, 406, 422, ok={200: _STREAM})
)
def list_orders(
    request: Request,
    me: Annotated[Caller, caller("orders", writes=True)],
    asked: Annotated[Asked, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Pull where your orders stand, in the order in which they changed. No change is ever skipped.

    An order that changes comes again, behind the others, as it then stands: made, opened, started,
    sent, cancelled, expired, or with another window or language. Keep the newest for each `id`.
    """
    kind = preferred(accept or JSON, AS_DOCUMENTS)
    if kind == JSON and asked.limit and asked.limit > MOST_IN_JSON:
        message = f"is at most {MOST_IN_JSON} in JSON; send Accept: {NDJSON} for a stream"
        raise Refused("limit", message)
    is_an_instrument(me.session, asked.instrument)
    after = ledger.place(me.session, me.registry_id, asked.after)
    wanted = Wanted(me.registry_id, **asked.model_dump(exclude={"after", "limit"}))
    audit.append(me.session, me.registry_id, me.who, "orders.read", f"after {after}")
    vary = {"Vary": "Accept"}
    if kind == NDJSON:
        found = ledger.stream(request.app.state.database, wanted, after, asked.limit)
        return StreamingResponse(_lines(found), media_type=NDJSON, headers=vary)
    page = ledger.page(me.session, wanted, after, asked.limit or 1000)
    entries = list(map(_told, page.entries))
    told = {"orders": entries, "next": cursor(page.reached), "more": page.more}
    return Response(_json(told), media_type=JSON, headers=vary)


def _lines(found: Iterator[Sequence[Entry]]) -> Iterator[bytes]:
    for entries in found:
        yield b"".join(_json(_told(entry)) + b"\n" for entry in entries)


def _told(entry: Entry) -> dict[str, Any]:
    asked = [
        {name: one[name] for name in AskedInstrument.model_fields} for one in entry.instruments
    ]
    told = {"cursor": cursor(entry.place)} | entry._asdict() | {"instruments": asked}
    del told["place"]
    return told


def _json(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)
