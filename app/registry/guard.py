"""Which registry's program is asking: the guard of every route that is a registry's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2
from sqlmodel import Session, select

from app import security
from app.access import dpop, once, outside
from app.access.pace import Left, Pace
from app.access.signed import ALGORITHMS, NotSigned
from app.db import Database
from app.errors import BEARER, NotAuthentic, NotPermitted, TooMany
from app.models import Client, Credential, Registry, now
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Caller:
    """A registry's client, what it may do, and the transaction of its request."""

    registry_id: str
    client_id: str
    session: Session

    @property
    def who(self) -> str:
        """How the audit trail names this caller."""
        return f"client:{self.client_id}"


_bearer = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/oauth/token", scopes=security.SCOPES
        )
    ),
    scheme_name="oauth2",
    auto_error=False,
)


def caller(scope: str, *, writes: bool | None = None) -> Any:
    """Return the guard of a registry's route: a dependency that gives a Caller with this scope.

    A GET reads only and all else writes, unless `writes` says otherwise. The transaction is
    committed before the response is sent (`scope="function"`). Raises NotAuthentic without a valid
    token, NotPermitted without the scope, TooMany when it is asked too often.
    """
    return Depends(_guard(scope, writes=writes), scope="function")


@cache
def _guard(scope: str, *, writes: bool | None) -> Callable[..., Iterator[Caller]]:
    def guard(
        request: Request, header: Annotated[str | None, Depends(_bearer)]
    ) -> Iterator[Caller]:
        database: Database = request.app.state.database
        shown = _shown(request, header)
        keep_pace(request, shown.client_id)
        if shown.proof is not None:
            _use_proof(database, shown, *shown.proof)
        changes = request.method != "GET" if writes is None else writes
        opened = database.write() if changes else database.read()
        with opened as session:
            registry_id, scopes = _known(session, shown)
            if scope not in scopes:
                raise NotPermitted(f"This needs the scope {scope}, which the token does not have.")
            yield Caller(registry_id, shown.client_id, session)

    return guard


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a token shows by itself: a client of ours with a credential, or an organisation.

    `proof` is by which name a proof of a key may be used once, and until when.
    """

    client_id: str
    scopes: frozenset[str]
    registry_id: str = ""
    credential_id: str = ""
    orgnr: str | None = None
    proof: tuple[str, float] | None = None


def _shown(request: Request, header: str | None) -> _Shown:
    scheme, _, token = (header or "").partition(" ")
    settings, token = request.app.state.settings, token.strip()
    if scheme.lower() not in {"bearer", "dpop"}:
        raise NotAuthentic(
            "Send the header `Authorization: Bearer …` with a token from /oauth/token."
        )
    if settings.issuers and outside.is_one(token):
        return _shown_outside(request, scheme.lower(), token)
    try:
        registry_id, client_id, scopes, credential_id = security.read_token(settings, token)
    except NotSigned:
        wrong = "The token is not valid or has expired; fetch a new one."
        raise NotAuthentic(wrong, _challenge(BEARER, "invalid_token", wrong)) from None
    return _Shown(client_id, frozenset(scopes), registry_id, credential_id)


def _shown_outside(request: Request, scheme: str, token: str) -> _Shown:
    """Return what a token of another issuer shows, and the proof that it is its sender's."""
    settings: Settings = request.app.state.settings
    key_sets, at = request.app.state.key_sets, now().timestamp()
    try:
        there = outside.read(settings.issuers, key_sets, token, at)
        outside.must_suit(there, scheme)
    except NotSigned as error:
        wrong = f"The token is refused. {error}"
        raise NotAuthentic(wrong, _challenge(BEARER, "invalid_token", wrong)) from None
    client_id, scopes = f"{there.issuer.issuer}#{there.client_id}", frozenset(there.scopes)
    proof = None
    if there.jkt is not None:
        asked = dpop.Asked(request.method, f"{settings.public_url}{request.url.path}")
        proof = _proof(request.headers.getlist("dpop"), asked, token, there.jkt, at)
    return _Shown(client_id, scopes, orgnr=there.orgnr, proof=proof)


def _proof(
    sent: list[str], asked: dpop.Asked, token: str, jkt: str, at: float
) -> tuple[str, float]:
    if len(sent) != 1:
        raise _no_proof("Send one DPoP header with a proof of the token's key.")
    try:
        return dpop.check(sent[0], asked, token, jkt, at)
    except NotSigned as error:
        raise _no_proof(f"The DPoP proof is refused. {error}") from None


def _no_proof(why: str) -> NotAuthentic:
    algs = " ".join(ALGORITHMS)
    challenge = _challenge("DPoP", "invalid_dpop_proof", why)
    return NotAuthentic(why, f'{challenge}, algs="{algs}"')


def _use_proof(database: Database, shown: _Shown, name: str, until: float) -> None:
    with database.write() as session:
        registry_id, _ = _known(session, shown)
        if not once.use(session, registry_id, name, until):
            raise _no_proof("The DPoP proof was used before. Make one for each request.")


def _known(session: Session, shown: _Shown) -> tuple[str, frozenset[str]]:
    """Return the registry that a token stands for now, and what it may do there."""
    if shown.orgnr is not None:
        found = session.exec(select(Registry.id).where(Registry.orgnr == shown.orgnr).limit(2))
        match found.all():
            case [registry_id]:
                return registry_id, shown.scopes
        raise NotPermitted(f"The organisation {shown.orgnr} stands for no one registry here.")
    client = session.get(Client, (shown.registry_id, shown.client_id))
    key = (shown.registry_id, shown.client_id, shown.credential_id)
    if client is None or client.revoked_at is not None or session.get(Credential, key) is None:
        wrong = "These credentials are revoked."
        raise NotAuthentic(wrong, _challenge(BEARER, "invalid_token", wrong))
    return shown.registry_id, shown.scopes & set(client.scopes)


def _challenge(scheme: str, error: str, why: str) -> str:
    """Return a WWW-Authenticate header: ASCII, and no quotation mark within its quotes."""
    said = why.replace('"', "'").replace("\\", "/").encode("ascii", "replace").decode()
    return f'{scheme} error="{error}", error_description="{said}"'


def keep_pace(request: Request, client_id: str) -> None:
    """Take one of the requests that a client has left, and have the answer say how many are."""
    pace: Pace = request.app.state.pace
    left = pace.take(client_id)
    request.state.headers = pace_headers(pace, left)
    if not left.allowed:
        raise TooMany("This client asks too often.", left.wait)


def pace_headers(pace: Pace, left: Left) -> dict[str, str]:
    """Return the headers that say how often a client may ask, and what it has left."""
    return {
        "RateLimit-Policy": f'"client";q={pace.at_once};w={pace.window}',
        "RateLimit": f'"client";r={left.remaining};t={left.wait}',
    }
