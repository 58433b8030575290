"""Who is asking: a patient's link, a registry's secret or key. Secrets are made and checked here.

A link's token is 192 random bits, kept as HMAC-SHA-256 only. Cookies and bearer tokens are signed,
carry an expiry, and name one order or one registry.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.access.assertion import Assertion
from app.access.fetching import KeySets
from app.access.signed import NotSigned, is_by, read_key
from app.errors import NotAuthentic
from app.models import Client, Credential, Order, now
from app.settings import Settings

SCOPES = {
    "orders": "order questionnaires, see and cancel orders",
    "responses": "import answers collected elsewhere, look up and correct responses",
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

STAFF = "svar_staff"
"""Name of the PRO centre's session cookie, where pages are not served over https."""

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
    """Return the hidden field of a page that lets somebody in, where there is no visit yet."""
    return sealed(settings, "enter", "")


def is_enter_token(settings: Settings, token: str) -> bool:
    """Say whether this is the hidden field of such a page, and not older than a visit may be."""
    return unsealed(settings, "enter", token, settings.visit_hours * 3600) is not None


def sealed(settings: Settings, purpose: str, value: Any) -> str:
    """Return a signed text that says a value, for one purpose; whoever holds it can read it."""
    return str(_signer(settings, purpose).dumps(value))


def unsealed(settings: Settings, purpose: str, text: str, seconds: int) -> Any:
    """Return what such a text says; None for one that is not ours, or is older than `seconds`."""
    try:
        return _signer(settings, purpose).loads(text, seconds)
    except BadData:
        return None


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


def is_password(digest: str | None, password: str) -> bool:
    """Say whether this is a person's password, in the same time for somebody who has none."""
    return _is_secret(digest or _nobody(), password) and digest is not None


def is_outdated(digest: str) -> bool:
    """Say whether a password was hashed with other parameters than those of today."""
    return _hasher.check_needs_rehash(digest)


def keyed(settings: Settings, purpose: str, token: str) -> bytes:
    """Return what the database keeps of a token that is a secret of ours, for one purpose."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.digest(key, f"svar.{purpose}:{token}".encode(), hashlib.sha256)


def staff_cookie(settings: Settings) -> str:
    """Return the name of the staff's session cookie; over https, one that no other site can set."""
    return f"__Host-{STAFF}" if settings.secure else STAFF


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


def read_token(settings: Settings, token: str) -> tuple[str, str, list[str], str]:
    """Return what a bearer token of ours stands for: registry, client, scopes, credential.

    Raises NotSigned for one that is not ours, or has expired.
    """
    try:
        read = _signer(settings, "bearer/2").loads(token, settings.token_minutes * 60)
    except BadData:
        raise NotSigned("It is not valid or has expired.") from None
    registry_id, client_id, scopes, credential_id = read
    return registry_id, client_id, scopes, credential_id


def _signer(settings: Settings, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        settings.secret_key.get_secret_value(),
        salt=f"svar.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
