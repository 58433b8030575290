"""Who is asking: a patient's link, a registry's bearer token. Secrets are made and checked here.

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

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Depends, Request
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlmodel import Session, select

from app.db import Database
from app.errors import NotAuthentic, NotPermitted
from app.models import Client, Order, now
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


def authenticate(session: Session, client_id: str, secret: str) -> Client:
    """Return the client whose secret this is.

    Raises NotAuthentic, in the same time, for an unknown client, a revoked one and a wrong secret.
    """
    known = "" if "\0" in client_id else client_id  # PostgreSQL refuses to look for a NUL
    client = session.exec(select(Client).where(Client.id == known)).first()
    try:
        _hasher.verify(client.secret_hash if client else _nobody(), secret)
    except VerifyMismatchError:
        client = None
    if client is None or client.revoked_at is not None:
        raise NotAuthentic("The client id or the client secret is wrong.")
    return client


@cache
def _nobody() -> str:
    return hash_secret(new_secret())


def issue_token(settings: Settings, client: Client, scopes: Sequence[str]) -> str:
    """Return a bearer token for a client, bound to its registry and these scopes."""
    return _signer(settings, "bearer").dumps([client.registry_id, client.id, list(scopes)])


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
    token, NotPermitted without the scope.
    """
    return Depends(_guard(scope, writes=writes), scope="function")


@cache
def _guard(scope: str, *, writes: bool | None) -> Callable[..., Iterator[Caller]]:
    def guard(
        request: Request, header: Annotated[str | None, Depends(_bearer)]
    ) -> Iterator[Caller]:
        database: Database = request.app.state.database
        registry_id, client_id, scopes = _read_token(request.app.state.settings, header)
        changes = request.method != "GET" if writes is None else writes
        opened = database.write() if changes else database.read()
        with opened as session:
            client = session.get(Client, (registry_id, client_id))
            if client is None or client.revoked_at is not None:
                raise NotAuthentic("These credentials are revoked.")
            if scope not in set(scopes) & set(client.scopes):
                raise NotPermitted(f"This needs the scope {scope}, which the token does not have.")
            yield Caller(registry_id, client_id, session)

    return guard


def _read_token(settings: Settings, header: str | None) -> tuple[str, str, list[str]]:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthentic(
            "Send the header `Authorization: Bearer …` with a token from /oauth/token."
        )
    try:
        registry_id, client_id, scopes = _signer(settings, "bearer").loads(
            token.strip(), settings.token_minutes * 60
        )
    except BadData:
        raise NotAuthentic("The token is not valid or has expired; fetch a new one.") from None
    return registry_id, client_id, scopes
