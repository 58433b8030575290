"""Access: a registry's client exchanges its credentials for a token that expires."""

import base64
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app import security
from app.access import assertion, once
from app.access.pace import Failures
from app.access.signed import LEEWAY, NotSigned
from app.db import Database
from app.errors import FieldError, NotAuthentic, TooMany, problem
from app.models import Client, Credential, now
from app.registry.shared import may_fail
from app.settings import Settings

router = APIRouter(tags=["access"])


class Token(BaseModel):
    """A bearer token, as RFC 6749 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "access_token": "WyJoaXBzIl0.ZyLx9w.f3oSVa",
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "scope": "orders results",
                }
            ]
        }
    )

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


@dataclass(frozen=True, slots=True)
class Given:
    """The credentials of a request for a token: a client id with a secret, or an assertion."""

    client_id: str
    secret: str
    assertion: str | None
    kind: str | None
    twice: bool

    @property
    def field(self) -> str:
        """The field that is wrong, if these credentials are."""
        return "client_secret" if self.assertion is None else "client_assertion"


def given(
    client_id: Annotated[str | None, Form()] = None,
    client_secret: Annotated[str | None, Form()] = None,
    client_assertion_type: Annotated[str | None, Form(examples=[assertion.TYPE])] = None,
    client_assertion: Annotated[str | None, Form()] = None,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Given:
    """Return the credentials of a request, from its Basic header or from its form fields."""
    basic = _basic(authorization)
    name, secret = basic or (client_id or "", client_secret or "")
    ways = (basic, client_secret, client_assertion)
    twice = sum(way is not None for way in ways) > 1
    return Given(name, secret, client_assertion, client_assertion_type, twice)


@router.post("/oauth/token", response_model=Token, responses=may_fail(400, 401, 413, 422))
def token(
    request: Request,
    grant_type: Annotated[str, Form(examples=["client_credentials"])],
    credentials: Annotated[Given, Depends(given)],
    scope: Annotated[str, Form(examples=["results"])] = "",
) -> Token | JSONResponse:
    """Exchange client credentials for a token that expires.

    A secret is sent in a Basic header or in form fields; who has a key sends `client_assertion`.
    """
    if contradiction := _contradiction(grant_type, credentials):
        return contradiction
    try:
        client, credential = _authenticated(request, credentials)
    except NotAuthentic as error:
        return _oauth_problem(401, "invalid_client", credentials.field, error.detail)
    wanted = scope.split() or client.scopes
    if beyond := sorted(set(wanted) - set(client.scopes)):
        return _oauth_problem(400, "invalid_scope", "scope", f"not yours: {' '.join(beyond)}")
    settings: Settings = request.app.state.settings
    return Token(
        access_token=security.issue_token(settings, client, wanted, credential.id),
        token_type="Bearer",  # noqa: S106 - the name of a scheme
        expires_in=settings.token_minutes * 60,
        scope=" ".join(wanted),
    )


def _contradiction(grant_type: str, credentials: Given) -> JSONResponse | None:
    """Return what is wrong with a request before its credentials are looked at, or None."""
    if grant_type != "client_credentials":
        message = "send client_credentials"
        return _oauth_problem(400, "unsupported_grant_type", "grant_type", message)
    if credentials.twice:
        message = "send one kind of credentials, once"
        return _oauth_problem(400, "invalid_request", credentials.field, message)
    if credentials.assertion is not None and credentials.kind != assertion.TYPE:
        message = f"send {assertion.TYPE}"
        return _oauth_problem(400, "invalid_request", "client_assertion_type", message)
    return None


def _authenticated(request: Request, credentials: Given) -> tuple[Client, Credential]:
    """Return whose credentials these are. Raises TooMany after too many that were wrong."""
    failures: Failures = request.app.state.failures
    address = request.client.host if request.client else "-"
    claimed = credentials.client_id
    try:
        there = _assertion(request, credentials)
        claimed = there.client_id if there else claimed
        if wait := failures.wait(claimed, address):
            raise TooMany("Too many wrong credentials came from here.", wait)
        if there is not None:
            return _by_key(request, credentials, there)
        with request.app.state.database.read() as session:
            return security.authenticate(session, claimed, credentials.secret)
    except NotAuthentic:
        failures.note(claimed, address)
        raise


def _assertion(request: Request, credentials: Given) -> assertion.Assertion | None:
    if credentials.assertion is None:
        return None
    try:
        settings: Settings = request.app.state.settings
        return assertion.read(settings, credentials.assertion, now().timestamp())
    except NotSigned as error:
        raise NotAuthentic(str(error)) from None


def _by_key(
    request: Request, credentials: Given, there: assertion.Assertion
) -> tuple[Client, Credential]:
    """Return whose key has signed an assertion, which cannot be used again."""
    database: Database = request.app.state.database
    if credentials.client_id not in {"", there.client_id}:
        raise NotAuthentic("iss: is not the client_id that was sent beside it")
    with database.read() as session:
        known = security.client_of(session, there.client_id)
    client, credential = security.key_of(known, request.app.state.key_sets, there)
    with database.write() as session:
        name = f"assertion:{there.client_id}:{there.jti}"
        if not once.use(session, client.registry_id, name, there.exp + LEEWAY):
            raise NotAuthentic("jti: was used before; make a new one for each request")
    return client, credential


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
