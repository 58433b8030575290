"""Orders in batches: a line an order, and for each a line that says what became of it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from sqlmodel import Session

from app import orders
from app.errors import SvarError
from app.registry.guard import Caller, caller
from app.registry.lines import DoneLater, ForLines, Line, Work, read, told
from app.registry.orders import OrderBody, answer_of, asked_for

CHUNK = 20
"""Orders made in one transaction: on SQLite, whoever sends answers waits for as many."""

router = APIRouter(prefix="/api/v1/orders", tags=["orders"], route_class=ForLines)


@router.post("", include_in_schema=False)
def create_orders(me: Annotated[Caller, caller("orders", writes=False)]) -> DoneLater:
    """Order line by line; one that is wrong stops no other."""
    return DoneLater(Work(partial(_ordered, me.registry_id, me.who), CHUNK))


def _ordered(
    registry_id: str, who: str, request: Request, session: Session, lines: Sequence[Line]
) -> list[dict[str, Any]]:
    return [_made_of(request, session, registry_id, who, line) for line in lines]


def _made_of(
    request: Request, session: Session, registry_id: str, who: str, line: Line
) -> dict[str, Any]:
    try:
        new = asked_for(read(OrderBody, line.text))
        order, link = orders.create(session, request.app.state.settings, registry_id, who, new)
    except (SvarError, RequestValidationError) as error:
        return told(request, line, error)
    made = answer_of(session, order, link).model_dump(mode="json")
    return {"line": line.number, "status": 201 if link else 200, "order": made}
