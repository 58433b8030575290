"""Keys that the tests make, what they sign with them, and an issuer that the tests run."""

import base64
import hashlib
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from app.access.assertion import TYPE
from app.access.signed import Key
from app.db import Database
from app.models import Credential, now
from tests.conftest import HERE
from tests.serving import served

GRANT = {"grant_type": "client_credentials"}
KINDS: dict[str, Any] = {
    "ES256": (ECKey, "P-256"),
    "ES384": (ECKey, "P-384"),
    "RS256": (RSAKey, 2048),
    "RS384": (RSAKey, 2048),
    "PS256": (RSAKey, 2048),
}


def key(alg: str = "ES256", name: str = "mine") -> Any:
    """Return a private key; the same for the same name."""
    return _made(alg, name)


@cache
def _made(alg: str, _: str) -> Any:
    kind, size = KINDS[alg]
    made = kind.generate_key(size, private=True)
    made.ensure_kid()
    return made


def public(one: Key) -> dict[str, Any]:
    return {**one.as_dict(private=False)}


def key_set(*keys: Key) -> bytes:
    return json.dumps({"keys": [public(one) for one in keys]}).encode()


def seconds() -> int:
    return int(now().timestamp())


def sign(one: Key, claims: dict[str, Any], alg: str = "ES256", **header: Any) -> str:
    """Return a signed text; a header or claim that is None is left out."""
    whole = {"alg": alg, "typ": "JWT"} | header
    registry = jws.JWSRegistry(algorithms=[*KINDS, "HS256"], strict_check_header=False)
    registry.max_header_length = 4096
    return jwt.encode(_there(whole), _there(claims), one, registry=registry, default_type=None)


def _there(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def says(client_id: str = "hips-test", **more: Any) -> dict[str, Any]:
    """Return what an assertion says."""
    who = {"iss": client_id, "sub": client_id, "aud": HERE, "jti": str(uuid4())}
    return who | {"iat": seconds(), "exp": seconds() + 60} | more


def form(assertion: str, **more: str) -> dict[str, str]:
    return GRANT | {"client_assertion_type": TYPE, "client_assertion": assertion} | more


def register(
    database: Database, content: str, kind: str = "key", client_id: str = "hips-test", **more: Any
) -> None:
    """Give a client a key, or the address of its keys, behind the commands' back."""
    row = Credential(
        registry_id=client_id.split("-")[0],
        client_id=client_id,
        id=str(uuid4()),
        kind=kind,
        content=content,
        added_at=now(),
        **more,
    )
    with database.write() as session:
        session.add(row)


class Published(BaseHTTPRequestHandler):
    """Answers as the server that it belongs to was told, and counts how often it was asked."""

    def do_GET(self) -> None:
        shop: Any = self.server
        shop.asked += 1
        self.send_response(shop.status)
        for name, value in shop.headers:
            self.send_header(name, value)
        self.end_headers()
        shop.say(self.wfile)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Shop(ThreadingHTTPServer):
    """A small server on this machine, where somebody publishes keys."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Published)
        self.status, self.asked = 200, 0
        self.headers: list[tuple[str, str]] = []
        self.body = b"{}"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/jwks"

    def say(self, out: Any) -> None:
        out.write(self.body)

    def handle_error(self, *_: Any) -> None:
        """A reader that breaks off is what some tests are about."""


@contextmanager
def shop(body: bytes = b"{}", context: ssl.SSLContext | None = None) -> Iterator[Shop]:
    """Run a server that publishes `body`."""
    made = Shop()
    made.body = body
    if context is not None:
        made.socket = context.wrap_socket(made.socket, server_side=True)
    with served(made):
        yield made


def hashed(token: str) -> str:
    """Return how a DPoP proof names a token."""
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
