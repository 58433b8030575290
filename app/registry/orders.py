"""Orders: what a registry asks of its patients."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from sqlmodel import Session

from app import codes, course, orders
from app.edge import NDJSON
from app.models import Order
from app.registry.guard import Caller, caller
from app.registry.shared import InstrumentName, LanguageCode, may_fail
from app.settings import Settings

router = APIRouter(prefix="/api/v1/orders", tags=["orders"])


NATIONAL = re.compile(r"(?<!\d)\d{6}[\s.-]?\d{5}(?!\d)")
"""How a national identity number looks."""


def _plain(text: str) -> str:
    """Take a text without surprises: nothing invisible in it, and no national identity number."""
    if text != text.strip() or not text.isprintable():
        raise ValueError("may not begin or end with a space, nor hold characters that are not seen")
    if NATIONAL.search(text):
        raise ValueError(
            "holds eleven digits that look like a national identity number; send the registry's "
            "own case id, and nothing that tells who the patient is"
        )
    return text


Plain = Annotated[str, Field(min_length=1), AfterValidator(_plain)]


def in_our_time(moment: date) -> date:
    """See that a date is no slip of the pen."""
    if not 2000 <= moment.year <= 2100:
        raise ValueError("must be a year from 2000 to 2100")
    return moment


def _date_or_time(given: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Say it once, and take no other form than these two; a date is the whole of that day."""
    wrong = ValueError(
        "give a date such as 2026-11-01, or a time with its offset from UTC, such as "
        "2026-11-01T09:00:00+01:00"
    )
    if not isinstance(given, str):
        raise wrong
    try:
        return date.fromisoformat(given) if re.fullmatch(DATE, given, re.ASCII) else read(given)
    except ValueError:
        raise wrong from None


def a_date(given: Any) -> Any:
    """Take no other form of a date than this one."""
    if not isinstance(given, str) or not re.fullmatch(DATE, given, re.ASCII):
        raise ValueError("give a date such as 2026-11-01")
    return given


DATE = r"\d{4}-\d{2}-\d{2}"
Moment = Annotated[
    AwareDatetime,
    WrapValidator(_date_or_time),
    AfterValidator(in_our_time),
    WithJsonSchema(
        {
            "description": "A time with its offset, or a date: the whole of that day",
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ],
        }
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CaseBody(_Body):
    """The registry's own case. No name and no national identity number."""

    id: Annotated[Plain, Field(max_length=64)]
    unit: Annotated[Plain, Field(max_length=40, examples=["oslo-ortho"])]
    birth_year: Annotated[int | None, Field(ge=1880, le=2100)] = None
    sex: Literal["female", "male", "other", "unknown"] | None = None
    index_date: Annotated[date, BeforeValidator(a_date), AfterValidator(in_our_time)] | None = None


class OrderBody(_Body):
    """What the registry asks of a patient."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "case": {"id": "MCE-1017", "unit": "oslo-ortho", "index_date": "2026-08-01"},
                    "time_point": "3m",
                    "instruments": ["rand-36"],
                    "language": "nb",
                    "external_id": "MCE-1017-3m",
                }
            ]
        }
    )

    case: CaseBody
    time_point: Annotated[Plain, Field(max_length=40, examples=["3m"])]
    instruments: Annotated[list[InstrumentName], Field(min_length=1, max_length=20)]
    language: LanguageCode = "nb"
    opens: Moment | None = None
    closes: Moment | None = None
    external_id: Annotated[Plain, Field(max_length=64)] | None = None
    consent: Annotated[Plain, Field(max_length=1000)] | None = None
    """What the patient must agree to before anything is asked, in the language of the order."""


class ChangeBody(_Body):
    """What is to be otherwise; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"closes": "2040-12-24", "language": "en"}]}
    )

    opens: Moment | None = None
    closes: Moment | None = None
    language: LanguageCode | None = None


class CancelBody(_Body):
    """Why an order is cancelled."""

    reason: Annotated[Plain, Field(max_length=200, examples=["operated elsewhere"])] = (
        "cancelled by the registry"
    )


class AskedInstrument(BaseModel):
    """An instrument of an order, with the version that was fixed when it was ordered."""

    instrument: str
    version: str


class OrderAnswer(BaseModel):
    """An order as it stands. `link` is the patient's, and given only when it is made."""

    id: UUID
    status: orders.Status
    link: str | None
    case: str
    unit: str
    time_point: str
    instruments: list[AskedInstrument]
    language: str
    opens: datetime
    closes: datetime
    external_id: str | None
    ordered_at: datetime
    opened_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    consented_at: datetime | None
    receipt: str | None


class CodeAnswer(BaseModel):
    """A short code for the clinic. It works once, until `expires_at`; it is not shown again."""

    code: str
    expires_at: datetime
    url: str
    qr_svg: str


SVG = "image/svg+xml"

_QR: dict[str, Any] = {
    "content": {SVG: {"schema": {"type": "string"}}},
    "description": "The code; with Accept: image/svg+xml its QR code alone",
}

AGAIN: dict[str, Any] = {
    "model": OrderAnswer,
    "description": "This external_id was ordered before; or, of NDJSON, a line for each line",
    "content": {
        NDJSON: {
            "schema": {"type": "string"},
            "example": '{"line": 1, "status": 201, "order": {"id": "…", "link": "…"}}\n'
            '{"line": 2, "status": 422, "problem": {"title": "A field is wrong", "…": "…"}}\n',
        }
    },
}
_LINES: dict[str, Any] = {
    "requestBody": {
        "content": {
            NDJSON: {
                "schema": {"type": "string"},
                "example": '{"case": {"id": "MCE-1017", "unit": "oslo-ortho"}, "time_point": "3m", '
                '"instruments": ["rand-36"], "external_id": "MCE-1017-3m"}\n',
            }
        }
    }
}


def asked_for(body: OrderBody) -> orders.NewOrder:
    """Return what a body asks for; of the case, only what was given."""
    return orders.NewOrder(
        case_id=body.case.id,
        unit=body.case.unit,
        case=body.case.model_dump(exclude_unset=True, exclude={"id", "unit"}),
        time_point=body.time_point,
        instruments=body.instruments,
        language=body.language,
        opens=body.opens,
        closes=body.closes,
        external_id=body.external_id,
        consent=body.consent,
    )


def answer_of(session: Session, order: Order, link: str | None) -> OrderAnswer:
    """Return an order as its registry is told of it."""
    return OrderAnswer(
        id=order.id,
        status=orders.status(order),
        link=link,
        case=order.case_id,
        unit=orders.case_of(session, order).unit_id,
        time_point=order.time_point,
        instruments=[AskedInstrument.model_validate(asked) for asked in order.instruments],
        language=order.language,
        opens=order.opens,
        closes=order.closes,
        external_id=order.external_id,
        ordered_at=order.ordered_at,
        opened_at=order.opened_at,
        started_at=order.started_at,
        completed_at=order.completed_at,
        cancelled_at=order.cancelled_at,
        cancel_reason=order.cancel_reason,
        consented_at=order.consented_at,
        receipt=order.receipt,
    )


@router.post(
    "",
    status_code=201,
    responses=may_fail(400, 401, 403, 409, 413, 422, ok={200: AGAIN}),
    openapi_extra=_LINES,
)
def create_order(
    request: Request, response: Response, body: OrderBody, me: Annotated[Caller, caller("orders")]
) -> OrderAnswer:
    """Order questionnaires of a patient and get the patient's link, which is shown this once.

    The same `external_id` again gives the same order, without the link. NDJSON is a batch: an order
    a line, and for each a line with its own status and `order` or `problem`.
    """
    settings: Settings = request.app.state.settings
    new = asked_for(body)
    order, link = orders.create(me.session, settings, me.registry_id, me.who, new)
    if link is None:
        response.status_code = 200
    return answer_of(me.session, order, link)


@router.get("/{order_id}", responses=may_fail(401, 403, 404, 422))
def get_order(order_id: UUID, me: Annotated[Caller, caller("orders")]) -> OrderAnswer:
    """Look up an order of your registry."""
    return answer_of(me.session, orders.get(me.session, me.registry_id, order_id), None)


@router.patch("/{order_id}", responses=may_fail(400, 401, 403, 404, 409, 413, 422))
def change_order(
    request: Request, order_id: UUID, body: ChangeBody, me: Annotated[Caller, caller("orders")]
) -> OrderAnswer:
    """Change the window or the language of an order that takes answers.

    The versions that were ordered stay, and so do the link and the answers so far.
    """
    settings: Settings = request.app.state.settings
    wish = course.Change(body.opens, body.closes, body.language)
    order = course.change(me.session, settings, me.registry_id, order_id, me.who, wish)
    return answer_of(me.session, order, None)


@router.post(
    "/{order_id}/cancel",
    responses=may_fail(400, 401, 403, 404, 409, 413, 422),
)
def cancel_order(
    order_id: UUID, me: Annotated[Caller, caller("orders")], body: CancelBody | None = None
) -> OrderAnswer:
    """Cancel an order that is not sent; its link then tells the patient so."""
    reason = (body or CancelBody()).reason
    order = course.cancel(me.session, me.registry_id, order_id, me.who, reason)
    return answer_of(me.session, order, None)


@router.post(
    "/{order_id}/link",
    responses=may_fail(401, 403, 404, 409, 422),
)
def renew_link(
    request: Request, order_id: UUID, me: Annotated[Caller, caller("orders")]
) -> OrderAnswer:
    """Make a new link for an order whose link was lost; the old link stops working."""
    settings: Settings = request.app.state.settings
    order, link = course.renew_link(me.session, settings, me.registry_id, order_id, me.who)
    return answer_of(me.session, order, link)


@router.post(
    "/{order_id}/code",
    status_code=201,
    response_model=CodeAnswer,
    responses=may_fail(401, 403, 404, 409, 422, ok={201: _QR}),
)
def make_code(
    request: Request,
    order_id: UUID,
    me: Annotated[Caller, caller("orders")],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> CodeAnswer | Response:
    """Make a short code that opens the order on a clinic's tablet, once; an earlier one is dead.

    `qr_svg` is a picture of `url`, to be shown or printed: scanned, it opens the page for the code.
    """
    settings: Settings = request.app.state.settings
    made = codes.make(me.session, settings, me.registry_id, order_id, me.who)
    picture = codes.drawn(made.url)
    if accept.partition(";")[0].strip().lower() == SVG:
        return Response(picture, 201, media_type=SVG)
    return CodeAnswer(code=made.code, expires_at=made.expires_at, url=made.url, qr_svg=picture)
