"""Orders in batches: a line an order, and for each a line that says what became of it."""

import io
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app import orders
from app.edge import NDJSON, sends_lines
from app.errors import FieldError, SvarError, Unclear, problem_of
from app.registry.guard import Caller, caller
from app.registry.orders import OrderBody, answer_of, asked_for

CHUNK = 20
"""Orders made in one transaction: on SQLite, whoever sends answers waits for as many."""


class ForLines(APIRoute):
    """A route beside that for one: only a body of NDJSON comes here."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any route does, but only what sends lines."""
        match, inner = super().matches(scope)
        return (match, inner) if sends_lines(scope) else (Match.NONE, {})


router = APIRouter(prefix="/api/v1/orders", tags=["orders"], route_class=ForLines)


class OrderedLater(Response):
    """An answer that reads the body when the request's transaction is over, then orders by chunks.

    So a batch of any length holds neither a turn nor one long transaction. What a line came to is
    sent only when it is durable.
    """

    def __init__(self, registry_id: str, who: str) -> None:
        super().__init__()
        self.registry_id, self.who = registry_id, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for room, read the body, and order line by line."""
        request = Request(scope, receive)
        async with request.app.state.batches:
            body = io.BytesIO()
            async for part in request.stream():
                body.write(part)
            body.seek(0)
            answer = StreamingResponse(self._made(request, body), media_type=NDJSON)
            await answer(scope, receive, send)

    def _made(self, request: Request, body: io.BytesIO) -> Iterator[bytes]:
        """Yield what each line came to, in their order, some lines at a time."""
        numbered = ((number, line) for number, line in enumerate(body, 1) if line.strip())
        while chunk := list(islice(numbered, CHUNK)):
            with request.app.state.database.write() as session:
                me = Caller(self.registry_id, self.who.removeprefix("client:"), session)
                said = [orjson.dumps(_made_of(request, me, *one)) for one in chunk]
            yield b"\n".join([*said, b""])


@router.post("", include_in_schema=False)
def create_orders(me: Annotated[Caller, caller("orders", writes=False)]) -> OrderedLater:
    """Order line by line; one that is wrong stops no other."""
    return OrderedLater(me.registry_id, me.who)


def _made_of(request: Request, me: Caller, number: int, line: bytes) -> dict[str, Any]:
    try:
        new = asked_for(_read(line))
        order, link = orders.create(
            me.session, request.app.state.settings, me.registry_id, me.who, new
        )
    except (SvarError, RequestValidationError) as error:
        problem = orjson.loads(bytes(problem_of(request, error).body))
        return {"line": number, "status": problem["status"], "problem": problem}
    made = answer_of(me.session, order, link).model_dump(mode="json")
    return {"line": number, "status": 201 if link else 200, "order": made}


def _read(line: bytes) -> OrderBody:
    try:
        document = orjson.loads(line)
    except (ValueError, RecursionError):
        wrong = FieldError("body", "is not valid JSON; each order is one line")
        raise Unclear("The line is not valid JSON.", wrong) from None
    try:
        return OrderBody.model_validate(document)
    except ValidationError as error:
        placed = [one | {"loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(placed) from None
