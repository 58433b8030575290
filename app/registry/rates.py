"""The response rate of a registry's orders, with its denominator spelled out."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app import rates
from app.rates import DIMENSIONS, SPELLED_OUT, Dimension, Period, Rate
from app.registry.accepting import preferred
from app.registry.codebook import safe
from app.registry.formats import CSV, JSON
from app.registry.guard import Caller, caller
from app.registry.ledger import Text
from app.registry.orders import a_date, in_our_time
from app.registry.shared import KEBAB, is_an_instrument, may_fail

router = APIRouter(prefix="/api/v1/response-rate", tags=["orders"])

OFFERED = {JSON: JSON, "application/*": JSON, "*/*": JSON, CSV: CSV, "text/*": CSV}

Day = Annotated[date, BeforeValidator(a_date), AfterValidator(in_our_time)] | None


class Group(BaseModel):
    """How many orders came to what. What they are not told apart by is null.

    `rate` is `completed / denominator`, from 0 to 1; null where the denominator is 0.
    """

    instrument: str | None
    time_point: str | None
    unit: str | None
    period: str | None
    ordered: int
    cancelled_before_opening: int
    not_yet_closed: int
    denominator: int
    completed: int
    partial: int
    opened_only: int
    never_opened: int
    cancelled_after_opening: int
    rate: float | None


class ResponseRate(BaseModel):
    """The rate of each group; `denominator` spells out what it is made of."""

    denominator: str
    groups: list[Group]


class Asked(BaseModel):
    """Which orders to count, and by what to tell them apart."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[list[Dimension], Field(max_length=4)] = Field(
        list(DIMENSIONS), description="What to tell apart; may be repeated; all four if left out"
    )
    period: Period = Field("month", description="How long a period is, by when orders open")
    instrument: Annotated[str | None, Field(pattern=KEBAB, max_length=40)] = Field(
        None, description="Only orders that ask for this instrument"
    )
    time_point: Text = Field(None, description="Only orders of this time point")
    unit: Text = Field(None, description="Only orders of this unit")
    opens_from: Day = Field(None, description="Only orders that open on this day or later")
    opens_to: Day = Field(None, description="Only orders that open on this day or earlier")


_CSV: dict[str, Any] = {
    "content": {
        CSV: {
            "schema": {"type": "string"},
            "example": f"{','.join(Group.model_fields)}\n"
            "rand-36,3m,oslo-ortho,2026-08,120,2,10,108,81,7,5,14,1,0.75\n",
        }
    },
    "description": "The rates; with Accept: text/csv as a table",
}


@router.get("", response_model=ResponseRate, responses=may_fail(401, 403, 406, 422, ok={200: _CSV}))
def response_rate(
    request: Request,
    me: Annotated[Caller, caller("orders")],
    asked: Annotated[Asked, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Say how many answered of those who could have.

    `ordered - cancelled_before_opening - not_yet_closed` is the denominator. `partial` were begun
    and never sent. An order for two instruments counts once for each, where they are told apart.
    """
    kind = preferred(accept or JSON, OFFERED)
    is_an_instrument(me.session, asked.instrument)
    by = tuple(name for name in DIMENSIONS if name in asked.by)
    question = rates.Question(
        registry_id=me.registry_id,
        by=by,
        period=asked.period,
        instrument=asked.instrument,
        time_point=asked.time_point,
        unit=asked.unit,
        first_day=asked.opens_from,
        last_day=asked.opens_to,
    )
    found = rates.rates(me.session, request.app.state.settings.zone, question)
    groups = [_group(by, rate) for rate in found]
    return _WRITTEN[kind](groups)


def _group(by: Sequence[Dimension], found: Rate) -> Group:
    of = dict.fromkeys(DIMENSIONS) | dict(zip(by, found.group, strict=True))
    numbers = {"ordered": found.ordered, "denominator": found.denominator, "rate": found.rate}
    return Group.model_validate({**of, **numbers, **found.numbers})


def _json(groups: list[Group]) -> Response:
    told = ResponseRate(denominator=SPELLED_OUT, groups=groups)
    return Response(told.model_dump_json(), media_type=JSON, headers={"Vary": "Accept"})


def _csv(groups: list[Group]) -> Response:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Group.model_fields)
    for group in groups:
        writer.writerow(map(safe, group.model_dump().values()))
    return Response(text.getvalue(), media_type=CSV, headers={"Vary": "Accept"})


_WRITTEN = {JSON: _json, CSV: _csv}
