"""What the routes of the registry's door have in common: names they accept, errors they tell."""

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from app import catalogue
from app.errors import Refused

KEBAB = r"^[a-z0-9]+(-[a-z0-9]+)*$"
InstrumentId = Annotated[str, Path(pattern=KEBAB, max_length=40)]
VersionName = Annotated[str, Path(pattern=r"^[1-9][0-9]*\.[0-9]+$", max_length=12)]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", examples=["nb"])]
InstrumentName = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[1-9][0-9]*\.[0-9]+)?$", max_length=52),
]


A_DOCUMENT: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}
"""What OpenAPI says of a published document."""


def document(text: str, digest: str) -> Response:
    """Return a document as it was published; its hash is the ETag."""
    return Response(text, media_type="application/json", headers={"ETag": f'"{digest}"'})


def is_an_instrument(session: Session, name: str | None) -> None:
    """Raise Refused for the name of an instrument that is not published; None is no name."""
    if name is not None and not catalogue.exists(session, name):
        message = f"{name} is not an instrument here; GET /api/v1/instruments lists them"
        raise Refused("instrument", message)


class Problem(BaseModel):
    """An error, as RFC 9457 has it; `errors` names each field that is wrong and the remedy."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]]


def _example(status: int, words: str) -> dict[str, Any]:
    field, message = "unit", "nowhere is not a unit of this registry"
    named = status == Refused.status
    return {
        "type": "about:blank",
        "title": Refused.title if named else words,
        "status": status,
        "detail": f"{field}: {message}" if named else words,
        "errors": [{"field": field, "message": message}] if named else [],
    }


def may_fail(
    *statuses: int, ok: dict[int | str, dict[str, Any]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of these error statuses, and of what else a route answers (`ok`)."""
    words = {
        400: "The request cannot be read",
        401: "No valid credentials or token",
        403: "The token lacks the scope",
        404: "Not here, or not yours",
        406: "Not in the format asked for",
        409: "In conflict with what is there",
        413: "The body is too large",
        415: "The body is of a type that is not read",
        422: "A field is wrong; `errors` names it",
        429: "Asked too often; Retry-After says when there is room again",
        503: "Not available now; Retry-After says when to try again",
    }
    if 401 in statuses:  # whoever must show who it is, is known by it, or by its failures
        statuses = (*statuses, 429, 503)
    schema = Problem.model_json_schema()
    errors: dict[int | str, dict[str, Any]] = {
        status: {
            "description": words[status],
            "content": {
                "application/problem+json": {
                    "schema": schema,
                    "example": _example(status, words[status]),
                }
            },
        }
        for status in statuses
    }
    return {**(ok or {}), **errors}
