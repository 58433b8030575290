"""Who is asking: a patient's link, a registry's secret or key. Secrets are made and checked here.

A link's token is 192 random bits, kept as HMAC-SHA-256 only. Cookies and bearer tokens are signed,
carry an expiry, and name one order or one registry.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from typing import Annotated, Any
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Depends, Request
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.access import dpop, once, outside
from app.access.assertion import Assertion
from app.access.fetching import KeySets
from app.access.pace import Left, Pace
from app.access.signed import ALGORITHMS, NotSigned, is_by, read_key
from app.db import Database
from app.errors import BEARER, NotAuthentic, NotPermitted, TooMany
from app.models import Client, Credential, Order, Registry, now
from app.settings import Settings

SCOPES = {
    "orders": "order questionnaires, see and cancel orders",
    "responses": "import answers collected elsewhere",
    "results": "pull scored results",
    "score": "score answers without storing them",
    "instruments": "read instruments",
}

READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The characters of what people read aloud or type: no two of them are easily confused."""
SECRETS = 2
"""Secrets of a client that may be good at a time, and as many keys: the old one and the new one."""

VISIT = "svar_visit"
"""Name of the patient's session cookie, where pages are not served over https."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with the least memory that OWASP advises: many may ask for a token at once."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A patient's visit: one order of one registry, by one link; a renewed link ends it.

    `device` tells one visit from another, and nothing else. `shared` says that the device is handed
    round in a clinic. `began` is in seconds since 1970.
    """

    registry_id: str
    order_id: UUID
    link: str
    device: str
    shared: bool
    began: int

    @classmethod
    def of(cls, order: Order, *, shared: bool = False) -> "Visit":
        """Return a new visit by an order's present link."""
        link = link_key(order.link_hash)
        began = int(now().timestamp())
        return cls(order.registry_id, order.id, link, secrets.token_urlsafe(9), shared, began)

    def is_by_the_link_of(self, order: Order) -> bool:
        """Say whether this visit came by the link that the order has now."""
        return self.link == link_key(order.link_hash)


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


def new_link_token() -> str:
    """Return the token of a new link: 192 random bits."""
    return secrets.token_urlsafe(24)


def new_secret() -> str:
    """Return a new client secret: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_receipt() -> str:
    """Return a receipt number that can be read aloud: eight characters, none easily confused."""
    characters = "".join(secrets.choice(READABLE) for _ in range(8))
    return f"{characters[:4]}-{characters[4:]}"


def link_hash(settings: Settings, token: str) -> bytes:
    """Return what the database keeps of a link's token."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.digest(key, b"svar.link:" + token.encode(), hashlib.sha256)


def link_key(digest: bytes) -> str:
    """Return the part of a link's hash by which a visit knows the link that it came by."""
    return digest.hex()[:16]


def form_token(settings: Settings, visit: Visit) -> str:
    """Return the hidden field that ties a page's form to the visit it was made for."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.digest(
        key, f"svar.form:{visit.registry_id}/{visit.order_id}/{visit.link}".encode(), "sha256"
    ).hex()


def same(one: str, other: str) -> bool:
    """Compare two texts in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _plain(part: Any) -> Any:
    return str(part) if isinstance(part, UUID) else part


def visit_cookie(settings: Settings) -> str:
    """Return the name of the visit's cookie; over https, one that no other site can set."""
    return f"__Host-{VISIT}" if settings.secure else VISIT


def sign_visit(settings: Settings, visit: Visit) -> str:
    """Return the cookie of a visit; it is signed anew with every page, and so counts as used."""
    return _signer(settings, "visit").dumps([*map(_plain, astuple(visit))])


def read_visit(settings: Settings, cookie: str | None) -> Visit | None:
    """Return the visit that a cookie stands for.

    None if there is none, if it was not used for `idle_minutes`, or began `visit_hours` ago. On a
    device that is handed round, also if it was not used for `shared_minutes`.
    """
    visit = _visit_in(settings, cookie, settings.idle_minutes)
    if visit and visit.shared:
        visit = _visit_in(settings, cookie, settings.shared_minutes)
    if visit is None or now().timestamp() - visit.began > settings.visit_hours * 3600:
        return None
    return visit


def was_shared(settings: Settings, cookie: str | None) -> bool:
    """Say whether a cookie, run out or not, is of a visit on a device that is handed round."""
    visit = _visit_in(settings, cookie, None)
    return visit is not None and visit.shared


def _visit_in(settings: Settings, cookie: str | None, minutes: int | None) -> Visit | None:
    """Return the visit of a cookie that is not older than this."""
    try:
        signed = _signer(settings, "visit").loads(cookie or "", minutes and minutes * 60)
    except BadData:
        return None
    registry_id, order_id, *more = signed
    return Visit(registry_id, UUID(order_id), *more)


def enter_token(settings: Settings) -> str:
    """Return the hidden field of the page that asks for a code, where there is no visit yet."""
    return str(_signer(settings, "enter").dumps(""))


def is_enter_token(settings: Settings, token: str) -> bool:
    """Say whether this is the hidden field of such a page, and not older than a visit may be."""
    try:
        _signer(settings, "enter").loads(token, settings.visit_hours * 3600)
    except BadData:
        return False
    return True


def hash_secret(secret: str) -> str:
    """Return the argon2id hash of a client secret."""
    return _hasher.hash(secret)


def client_of(session: Session, client_id: str) -> tuple[Client, list[Credential]] | None:
    """Return a client that is not revoked, with the credentials that are good, newest first."""
    known = "" if "\0" in client_id else client_id  # PostgreSQL refuses to look for a NUL
    client = session.exec(select(Client).where(Client.id == known)).first()
    if client is None or client.revoked_at is not None:
        return None
    query = select(Credential).where(
        Credential.registry_id == client.registry_id,
        Credential.client_id == client.id,
        or_(col(Credential.ends_at).is_(None), col(Credential.ends_at) > now()),
    )
    return client, list(session.exec(query.order_by(col(Credential.added_at).desc())))


def authenticate(session: Session, client_id: str, secret: str) -> tuple[Client, Credential]:
    """Return the client whose secret this is, and which of its credentials.

    Raises NotAuthentic, in the same time, for an unknown client, a revoked one and a wrong secret.
    """
    client, credentials = client_of(session, client_id) or (None, [])
    secrets_of = [one for one in credentials if one.kind == "secret"]
    for one in secrets_of:
        if client and _is_secret(one.content, secret):
            return client, one
    for _ in range(SECRETS - len(secrets_of)):
        _is_secret(_nobody(), secret)
    raise NotAuthentic("The client id or the client secret is wrong.")


def _is_secret(digest: str, secret: str) -> bool:
    try:
        return _hasher.verify(digest, secret)
    except VerifyMismatchError:
        return False


def key_of(
    known: tuple[Client, list[Credential]] | None, key_sets: KeySets, there: Assertion
) -> tuple[Client, Credential]:
    """Return the client that signed an assertion, if it is `known`, and by which credential.

    Raises NotAuthentic for an unknown client, a revoked one and a wrong key alike, and Unavailable
    if the client's keys cannot be fetched.
    """
    client, credentials = known or (None, [])
    for one in credentials:
        if client and _has_signed(one, key_sets, there):
            return client, one
    raise NotAuthentic("The client is not known, or has no such key, or the signature is wrong.")


def _has_signed(one: Credential, key_sets: KeySets, there: Assertion) -> bool:
    if one.kind == "key_url":
        return key_sets.signed(one.content, there.signed)
    return one.kind == "key" and is_by(there.signed, [read_key(orjson.loads(one.content))])


@cache
def _nobody() -> str:
    return hash_secret(new_secret())


def issue_token(
    settings: Settings, client: Client, scopes: Sequence[str], credential_id: str
) -> str:
    """Return a bearer token for a client, bound to its registry, these scopes and a credential."""
    return _signer(settings, "bearer/2").dumps(
        [client.registry_id, client.id, list(scopes), credential_id]
    )


def _signer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        settings.secret_key.get_secret_value(),
        salt=f"svar.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


_bearer = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(tokenUrl="/oauth/token", scopes=SCOPES)
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
        _keep_pace(request, shown.client_id)
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
        registry_id, client_id, scopes, credential_id = _signer(settings, "bearer/2").loads(
            token, settings.token_minutes * 60
        )
    except BadData:
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


def _keep_pace(request: Request, client_id: str) -> None:
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
