"""What can go wrong, and how it is said: problem+json for machines, a page for people.

SvarError
├── Unclear        400  the request cannot be read at all
├── NotAuthentic   401  who is asking is not shown
├── NotPermitted   403  who is asking may not do this
├── NotFound       404  not here, or not yours: the two look the same
├── NotAcceptable  406  the format that is asked for is not offered
├── Conflict       409  it contradicts what is already there
│   ├── Closed          the order does not take answers now
│   └── Frozen          what is published never changes
├── TooLarge       413  the body is larger than is read
├── NotThisType    415  the body is of a type that is not read
├── Refused        422  it can be read, and a field is wrong
├── TooMany        429  who is asking has asked too often
└── Unavailable    503  the database cannot be reached now
"""

import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

PROBLEM = "application/problem+json"

BEARER = "Bearer"
"""How a registry's program shows who it is; what a 401 says it wants."""

REMEDIES = {
    "extra_forbidden": "is not a field here; remove it or mend its name",
    "missing": "is missing; send it",
    "model_attributes_type": "must be a JSON object, sent with Content-Type: application/json",
    "string_pattern_mismatch": "is not in the right form; such as rand-36, rand-36/1.0, 1.0 or nb",
    "timezone_aware": "needs its offset from UTC, such as 2026-11-01T09:00:00+01:00",
}
"""What to do about a mistake, where pydantic's own words leave it open."""


class FieldError(NamedTuple):
    """One field that is wrong, and what to do about it."""

    field: str
    message: str


class SvarError(Exception):
    """Anything that goes wrong for a reason that can be told. `detail` is shown to who asked."""

    status = 500
    title = "Something went wrong"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str, *errors: FieldError) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class Unclear(SvarError):
    """The request cannot be read at all."""

    status, title = 400, "The request cannot be read"


class NotAuthentic(SvarError):
    """Who is asking is not shown; `challenge` says how it must be (RFC 6750, 3)."""

    status, title = 401, "Who is asking is not shown"

    def __init__(self, detail: str, challenge: str = BEARER) -> None:
        super().__init__(detail)
        self.headers = {"WWW-Authenticate": challenge}


class NotPermitted(SvarError):
    """Who is asking may not do this."""

    status, title = 403, "Not permitted"


class NotFound(SvarError):
    """Not here, or not yours: the two look the same."""

    status, title = 404, "Not found"


class NotAcceptable(SvarError):
    """The format that is asked for is not offered."""

    status, title = 406, "Not in that format"


class Conflict(SvarError):
    """The request contradicts what is already there."""

    status, title = 409, "In conflict with what is there"


class Closed(Conflict):
    """The order does not take answers now; `state` is the word for why."""

    title = "Closed"

    def __init__(self, state: str) -> None:
        super().__init__(f"The order is {state}.")
        self.state = state


class Frozen(Conflict):
    """What is published never changes."""

    title = "Published and frozen"


class TooLarge(SvarError):
    """The body is larger than is read."""

    status, title = 413, "Too large"


class NotThisType(SvarError):
    """The body is of a type that is not read."""

    status, title = 415, "Not a type that is read"


class Refused(SvarError):
    """The request can be read, and a field is wrong."""

    status, title = 422, "A field is wrong"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}", FieldError(field, message))

    @classmethod
    def several(cls, found: Sequence[FieldError], number: int) -> "Refused":
        """Return an error that names the first of all `number` fields that are wrong."""
        error = cls(*found[0])
        error.errors = tuple(found)
        if number > 1:
            told = "" if number == len(found) else f", of which {len(found)} are named"
            error.detail += f"; {number:,} are wrong in all{told}"
        return error


class TooMany(SvarError):
    """Who is asking has asked too often; there will be room in `wait` seconds."""

    status, title = 429, "Too many requests"

    def __init__(self, detail: str, wait: int) -> None:
        super().__init__(f"{detail} Wait {wait} seconds, as Retry-After says.")
        self.headers = {"Retry-After": str(wait)}


class Unavailable(SvarError):
    """The database, or somebody whose keys are needed, cannot be reached now."""

    status, title = 503, "Not available now"
    headers: Mapping[str, str] = MappingProxyType({"Retry-After": "5"})


def problem(
    status: int, title: str, detail: str, errors: Sequence[FieldError] = (), **more: Any
) -> JSONResponse:
    """Return an RFC 9457 problem document; `more` holds members beside the standard ones."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [error._asdict() for error in errors],
    }
    return JSONResponse(body | more, status, media_type=PROBLEM)


def problem_of(_: Request, error: Exception) -> JSONResponse:
    """Return the problem document of any exception; one that was not foreseen tells nothing."""
    match error:
        case SvarError():
            answer = problem(error.status, error.title, error.detail, error.errors)
            answer.headers.update(error.headers)
            return answer
        case RequestValidationError():
            return _of_validation(error)
        case HTTPException():
            title = HTTPStatus(error.status_code).phrase
            answer = problem(error.status_code, title, error.detail)
            answer.headers.update(error.headers or {})
            return answer
        case _:
            return problem(500, SvarError.title, "The error is logged; nothing was stored.")


def status_of(error: Exception) -> int:
    """Return the status of any exception, as `problem_of` has it, for a page."""
    match error:
        case SvarError():
            return error.status
        case HTTPException():
            return error.status_code
        case RequestValidationError():
            return Refused.status
        case _:
            return SvarError.status


def _of_validation(error: RequestValidationError) -> JSONResponse:
    found = [
        FieldError(_field(one["loc"]), REMEDIES.get(one["type"], _words(one["msg"])))
        for one in error.errors()
    ]
    if any(one["type"] == "json_invalid" for one in error.errors()):
        wrong = FieldError("body", "is not valid JSON")
        return problem(400, Unclear.title, "The body is not valid JSON.", [wrong])
    detail = "; ".join(f"{field}: {message}" for field, message in found)
    return problem(422, Refused.title, detail, found)


def _field(place: Sequence[str | int]) -> str:
    """Return a dotted path without the first part, which only says body, query or path."""
    return ".".join(str(part) for part in place[1:]) or str(place[0])


def _words(message: str) -> str:
    """Return pydantic's message without its name for our own checks."""
    return message.removeprefix("Value error, ")


def whence(error: BaseException) -> str:
    """Return for the log what an error is and where it came from, causes first.

    Not its message: that may quote an answer, a token or a row of the database.
    """
    before = error.__cause__ or error.__context__
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{whence(before) if before else ''}\n{frames}{type(error).__qualname__}"
