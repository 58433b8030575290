"""Bodies of many lines, each a document of its own: read, worked on in parts, answered by line."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from sqlmodel import Session
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.edge import NDJSON, sends_lines
from app.errors import FieldError, SvarError, Unclear, problem_of

Body = TypeVar("Body", bound=BaseModel)


class ForLines(APIRoute):
    """A route beside that for one: only a body of NDJSON comes here."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any route does, but only what sends lines."""
        match, inner = super().matches(scope)
        return (match, inner) if sends_lines(scope) else (Match.NONE, {})


class Line(NamedTuple):
    """A line as it was sent; `number` counts from 1, empty ones too."""

    number: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with some lines in one transaction, and how many are done at a time.

    `do` returns what is said of each line, in their order.
    """

    do: Callable[[Request, Session, Sequence[Line]], list[dict[str, Any]]]
    chunk: int
    writes: bool = True


class DoneLater(Response):
    """An answer that reads the body when the request's transaction is over, then works by chunks.

    So a batch of any length holds neither a turn nor one long transaction. What a line came to is
    sent only when it is durable.
    """

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for room, read the body, and work on it line by line."""
        request = Request(scope, receive)
        async with request.app.state.batches:
            body = io.BytesIO()
            async for part in request.stream():
                body.write(part)
            body.seek(0)
            answer = StreamingResponse(self._done(request, body), media_type=NDJSON)
            await answer(scope, receive, send)

    def _done(self, request: Request, body: io.BytesIO) -> Iterator[bytes]:
        """Yield what each line came to, in their order, some lines at a time."""
        database = request.app.state.database
        opened = database.write if self.work.writes else database.read
        numbered = (Line(number, text) for number, text in enumerate(body, 1) if text.strip())
        while chunk := list(islice(numbered, self.work.chunk)):
            with opened() as session:
                said = [orjson.dumps(one) for one in self.work.do(request, session, chunk)]
            yield b"\n".join([*said, b""])


def read(model: type[Body], line: bytes) -> Body:
    """Return a line as what it must be; raises what a body of one would."""
    try:
        document = orjson.loads(line)
    except (ValueError, RecursionError):
        wrong = FieldError("body", "is not valid JSON; each is one line")
        raise Unclear("The line is not valid JSON.", wrong) from None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        placed = [one | {"loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(placed) from None


def told(request: Request, line: Line, error: SvarError | RequestValidationError) -> dict[str, Any]:
    """Return what is said of a line that is wrong."""
    problem = orjson.loads(bytes(problem_of(request, error).body))
    return {"line": line.number, "status": problem["status"], "problem": problem}
