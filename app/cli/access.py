"""Commands for a registry's programs: their secrets and keys are made, changed and taken away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from sqlmodel import Session

from app import clients, security
from app.cli import database
from app.cli.console import err, out, stop
from app.cli.tenants import RegistryId, an_id
from app.models import Client, Credential, now

WHO = "cli"

NewId = Annotated[str | None, typer.Option(help="Client id; made up if left out", callback=an_id)]
Scopes = Annotated[list[str], typer.Option(help="May be repeated")]
ClientId = Annotated[str, typer.Argument(help="The client's id")]
KeyFile = Annotated[
    Path, typer.Argument(help="Public key: PEM or JWK", exists=True, dir_okay=False)
]
NoSecret = Annotated[bool, typer.Option("--no-secret", help="It will have a key instead")]
OldLasts = Annotated[
    int, typer.Option("--old-days", min=0, max=365, help="Days that what it had before stays good")
]


def create_client(
    registry: RegistryId,
    scope: Scopes,
    id: NewId = None,  # noqa: A002
    no_secret: NoSecret = False,
) -> None:
    """Create a program of a registry, and print its secret, this once."""
    if id is not None and id.endswith("-demo"):
        stop("Client ids that end in -demo are the demo's, whose secrets everyone knows.")
    if unknown := sorted(set(scope) - set(security.SCOPES)):
        stop(f"Unknown scope: {', '.join(unknown)}. There are: {', '.join(security.SCOPES)}.")
    client_id = id or f"{registry}-{security.new_receipt().lower()}"
    with database.told() as session:
        client = clients.create(session, registry, client_id, scope, WHO)
        made = None if no_secret else clients.add_secret(session, client, WHO, timedelta(0))
    out.print(f"client_id: {client_id}")
    if made is None:
        err.print(f"Next: svar client key add {client_id} public.pem --registry {registry}")
    else:
        _show_secret(made[1])


def show_client(id: ClientId, registry: RegistryId) -> None:  # noqa: A002
    """Show a client: its scopes, its secrets and keys by their ids, and when each ends."""
    with database.told() as session:
        client = clients.get(session, registry, id)
        there = clients.credentials(session, client)
    state = f"revoked {client.revoked_at:%Y-%m-%d}" if client.revoked_at else "not revoked"
    out.print(f"{id} of {registry}: {', '.join(client.scopes)}; {state}")
    for one in there:
        where = f" {one.content}" if one.kind == "key_url" else ""
        out.print(f"  {one.kind} {one.id}{where}: added {one.added_at:%Y-%m-%d}, {_end(one)}")


def revoke_client(id: ClientId, registry: RegistryId) -> None:  # noqa: A002
    """Revoke a client at once; tokens fetched with its credentials stop working too."""
    with _held(registry, id) as (session, client):
        clients.revoke(session, client, WHO)
    out.print(f"Revoked {id}.")


def add_secret(id: ClientId, registry: RegistryId, old_days: OldLasts = 30) -> None:  # noqa: A002
    """Make another secret, and print it, this once; the one before stays good for a while."""
    with _held(registry, id) as (session, client):
        made = clients.add_secret(session, client, WHO, timedelta(days=old_days))
    out.print(f"secret_id: {made[0]}")
    _show_secret(made[1])


def remove_secret(
    id: ClientId,  # noqa: A002
    secret: Annotated[str, typer.Argument(help="The secret's id: svar client show has it")],
    registry: RegistryId,
) -> None:
    """Take a secret away at once; tokens fetched with it stop working too."""
    _remove(registry, id, "secret", secret)


def add_key(
    id: ClientId,  # noqa: A002
    registry: RegistryId,
    key: Annotated[Path | None, typer.Argument(help="Public key: a PEM or JWK file")] = None,
    url: Annotated[str | None, typer.Option(help="Address of its JWK set instead")] = None,
    old_days: OldLasts = 30,
) -> None:
    """Register a public key, or where the keys are published; the one before stays for a while."""
    if (key is None) == (url is None):
        stop("Give either a file with a public key, or --url with the address of a JWK set.")
    lasts = timedelta(days=old_days)
    with _held(registry, id) as (session, client):
        if url is not None:
            local = database.settings().demo
            made = clients.add_key_url(session, client, WHO, lasts, url, local=local)
        if key is not None:
            made = clients.add_key(session, client, WHO, lasts, _read(key))
    out.print(f"key_id: {made}")


ANY_ID = {"ignore_unknown_options": True}
"""A key's id is its thumbprint, and one of 64 begins with a hyphen: that is no option."""


def remove_key(
    id: ClientId,  # noqa: A002
    key: Annotated[str, typer.Argument(help="The key's id: svar client show has it")],
    registry: RegistryId,
) -> None:
    """Take a key away at once; tokens fetched with it stop working too."""
    _remove(registry, id, "key", key)


def _remove(registry: str, client_id: str, word: str, credential_id: str) -> None:
    with _held(registry, client_id) as (session, client):
        left = clients.remove(session, client, WHO, word, credential_id)
    out.print(f"Removed the {word} {credential_id} of {client_id}.")
    if not left:
        err.print(f"{client_id} has no credentials now, and can fetch no tokens.")


def _end(one: Credential) -> str:
    if one.ends_at is None:
        return "no end"
    return f"{'ends' if one.ends_at > now() else 'ended'} {one.ends_at:%Y-%m-%d %H:%M} UTC"


def _show_secret(secret: str) -> None:
    out.print(f"client_secret: {secret}\n")
    err.print("The secret is not shown again: keep it where secrets are kept.")


def _read(path: Path) -> object:
    """Return the key in a file, as a JWK; stops if it cannot be read."""
    try:
        text = path.read_bytes()
        if b"PRIVATE KEY-----" in text:
            stop(f"{path}: is a private key; keep that, and give the public key alone.")
        return _of_pem(text) if text.lstrip().startswith(b"-----") else orjson.loads(text)
    except (OSError, ValueError, UnsupportedAlgorithm, JoseError) as error:
        stop(f"{path}: cannot be read as a public key in PEM or JWK ({type(error).__name__}).")


def _of_pem(text: bytes) -> object:
    match load_pem_public_key(text):
        case RSAPublicKey() as key:
            return RSAKey.import_key(key).as_dict(private=False)
        case EllipticCurvePublicKey() as key:
            return ECKey.import_key(key).as_dict(private=False)
    raise ValueError("a key of another kind")


@contextmanager
def _held(registry: str, client_id: str) -> Iterator[tuple[Session, Client]]:
    with database.told() as session:
        yield session, clients.get(session, registry, client_id, hold=True)
