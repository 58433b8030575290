"""Clients: a registry's programs get credentials, change them without a pause, and lose them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlmodel import Session, col, select

from app import audit, security
from app.access.fetching import refused
from app.access.signed import NotAKey, read_key
from app.db import to_json
from app.errors import Conflict, NotFound, Refused
from app.models import Client, Credential, Registry, now

Kind = Literal["secret", "key", "key_url"]

_WORDS = {"secret": ("secret",), "key": ("key", "key_url")}
"""Which kinds count as one: a client has two secrets at most, and two keys."""


def create(
    session: Session, registry_id: str, client_id: str, scopes: Sequence[str], who: str
) -> Client:
    """Add a client without credentials. Raises NotFound for the registry, Conflict for the id."""
    if session.get(Registry, registry_id) is None:
        raise NotFound(f"There is no registry {registry_id}.")
    if session.exec(select(Client.id).where(Client.id == client_id)).first():
        raise Conflict(f"The client {client_id} exists already.")
    client = Client(registry_id=registry_id, id=client_id, scopes=[*scopes], created_at=now())
    session.add(client)
    session.flush()
    audit.append(session, registry_id, who, "client.created", client_id)
    return client


def get(session: Session, registry_id: str, client_id: str, *, hold: bool = False) -> Client:
    """Return a registry's client, held against others' changes if asked. Raises NotFound."""
    client = session.get(Client, (registry_id, client_id), with_for_update=hold)
    if client is None:
        raise NotFound(f"The registry {registry_id} has no client {client_id}.")
    return client


def credentials(session: Session, client: Client) -> list[Credential]:
    """Return all credentials of a client, oldest first; those that have ended too."""
    query = select(Credential).where(
        Credential.registry_id == client.registry_id, Credential.client_id == client.id
    )
    return list(session.exec(query.order_by(col(Credential.added_at))))


def add_secret(
    session: Session, client: Client, who: str, old_lasts: timedelta, secret: str | None = None
) -> tuple[str, str]:
    """Give a client another secret; return its id and the secret, which is shown this once.

    The one that was there ends after `old_lasts`. Raises Conflict if two are good already.
    """
    secret = secret or security.new_secret()
    credential_id = security.new_receipt().lower()
    digest = security.hash_secret(secret)
    _add(session, client, who, old_lasts, _new(client, "secret", credential_id, digest))
    return credential_id, secret


def add_key(session: Session, client: Client, who: str, old_lasts: timedelta, jwk: object) -> str:
    """Register a public key (JWK) of a client; return its id, which is its thumbprint (RFC 7638).

    Raises Refused for what is no key that can be used here, Conflict if it is there or two are.
    """
    try:
        key = read_key(jwk)
    except NotAKey as error:
        raise Refused("key", str(error)) from None
    text = to_json(key.as_dict(private=False))
    _add(session, client, who, old_lasts, _new(client, "key", key.thumbprint(), text))
    return key.thumbprint()


def add_key_url(
    session: Session, client: Client, who: str, old_lasts: timedelta, url: str, *, local: bool
) -> str:
    """Register the address of a client's key set (https, or `local` too); return its id.

    Raises Refused for an address that keys are not fetched from, Conflict if two are good already.
    """
    if why := refused(url, local=local):
        raise Refused("url", why)
    credential_id = security.new_receipt().lower()
    _add(session, client, who, old_lasts, _new(client, "key_url", credential_id, url))
    return credential_id


def remove(session: Session, client: Client, who: str, word: str, credential_id: str) -> int:
    """Take a `secret` or `key` from a client at once, and its tokens; return how many are left.

    Raises NotFound if the client has none of this id.
    """
    key = (client.registry_id, client.id, credential_id)
    credential = session.get(Credential, key)
    if credential is None or credential.kind not in _WORDS[word]:
        raise NotFound(f"The client {client.id} has no {word} {credential_id}.")
    session.delete(credential)
    session.flush()
    _note(session, client, who, f"{word}_removed", credential_id)
    return sum(map(_is_good, credentials(session, client)))


def revoke(session: Session, client: Client, who: str) -> None:
    """End a client for good, and the tokens it has fetched."""
    client.revoked_at = client.revoked_at or now()
    session.add(client)
    audit.append(session, client.registry_id, who, "client.revoked", client.id)


def _new(client: Client, kind: Kind, credential_id: str, content: str) -> Credential:
    return Credential(
        registry_id=client.registry_id,
        client_id=client.id,
        id=credential_id,
        kind=kind,
        content=content,
        added_at=now(),
    )


def _add(session: Session, client: Client, who: str, old_lasts: timedelta, new: Credential) -> None:
    word = "secret" if new.kind == "secret" else "key"
    there = credentials(session, client)
    if any(one.id == new.id for one in there):
        raise Conflict(f"The client {client.id} has this {word} already.")
    good = [one for one in there if one.kind in _WORDS[word] and _is_good(one)]
    if len(good) >= security.SECRETS:
        raise Conflict(f"The client {client.id} has two {word}s that are good: remove one first.")
    for old in good:
        old.ends_at = min(filter(None, (old.ends_at, new.added_at + old_lasts)))
        session.add(old)
        _note(session, client, who, f"{word}_ends", old.id)
    session.add(new)
    session.flush()
    _note(session, client, who, f"{word}_added", new.id)


def _is_good(one: Credential) -> bool:
    return one.ends_at is None or one.ends_at > now()


def _note(session: Session, client: Client, who: str, what: str, credential_id: str) -> None:
    record = f"{client.id}/{credential_id}"
    audit.append(session, client.registry_id, who, f"client.{what}", record)
