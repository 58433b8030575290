"""Access: a registry's client exchanges its credentials for a token that expires."""

import base64
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from fastapi import APIRouter, Form, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app import security
from app.errors import FieldError, NotAuthentic, problem
from app.registry.shared import may_fail
from app.settings import Settings

router = APIRouter(tags=["access"])


class Token(BaseModel):
    """A bearer token, as RFC 6749 has it."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


@router.post("/oauth/token", response_model=Token, responses=may_fail(400, 401, 413, 422))
def token(
    request: Request,
    grant_type: Annotated[str, Form(examples=["client_credentials"])],
    scope: Annotated[str, Form()] = "",
    client_id: Annotated[str | None, Form()] = None,
    client_secret: Annotated[str | None, Form()] = None,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Token | JSONResponse:
    """Exchange client credentials (Basic header or form fields) for a token that expires."""
    if grant_type != "client_credentials":
        return _oauth_problem(
            400, "unsupported_grant_type", "grant_type", "send client_credentials"
        )
    settings: Settings = request.app.state.settings
    given = _basic(authorization) or (client_id or "", client_secret or "")
    try:
        with request.app.state.database.read() as session:
            client = security.authenticate(session, *given)
    except NotAuthentic as error:
        return _oauth_problem(401, "invalid_client", "client_secret", error.detail)
    wanted = scope.split() or client.scopes
    if beyond := sorted(set(wanted) - set(client.scopes)):
        return _oauth_problem(400, "invalid_scope", "scope", f"not yours: {' '.join(beyond)}")
    return Token(
        access_token=security.issue_token(settings, client, wanted),
        token_type="Bearer",  # noqa: S106 - the name of a scheme
        expires_in=settings.token_minutes * 60,
        scope=" ".join(wanted),
    )


def _oauth_problem(status: int, error: str, field: str, message: str) -> JSONResponse:
    """Return one body that both RFC 9457 and RFC 6749 (5.2) readers understand."""
    words = {"error": error, "error_description": message}
    answer = problem(
        status, "No token", f"{field}: {message}", [FieldError(field, message)], **words
    )
    if status == NotAuthentic.status:
        answer.headers["WWW-Authenticate"] = "Basic"
    return answer


def _basic(header: str | None) -> tuple[str, str] | None:
    """Return client id and secret of a Basic header, form-decoded as RFC 6749 (2.3.1) has it."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # no base64, or no UTF-8 in it
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
