"""An OpenID Connect issuer that the tests run, on this machine."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.keys import key, key_set, seconds, sign
from tests.serving import served

CLIENT, SECRET = "svar-test", "canary of an issuer's secret: +/&%"


class Answers(BaseHTTPRequestHandler):
    """Says what the issuer says of itself and its keys, and exchanges codes."""

    def do_GET(self) -> None:
        issuer: Any = self.server
        known = {"/.well-known/openid-configuration": issuer.about, "/jwks": issuer.keys}
        issuer.asked.append(self.path)
        self._say(issuer.status, known[self.path])

    def do_POST(self) -> None:
        issuer: Any = self.server
        sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        fields = {name: values[0] for name, values in sent.items()}
        issuer.asked.append(self.path)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        knows = self.headers.get("authorization") == f"Basic {basic}"
        knows |= (fields.get("client_id"), fields.get("client_secret")) == (CLIENT, SECRET)
        assert knows
        assert fields["grant_type"] == "authorization_code"
        self._say(*issuer.exchanged(fields))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Issuer(ThreadingHTTPServer):
    """Logs in whoever is named; `wrong` holds the claims that are otherwise than they should be."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.reset()

    def reset(self) -> None:
        """Do everything right from now on."""
        self.status, self.asked, self.keys = 200, list[str](), key_set(key("RS256", "issuer"))
        self.codes: dict[str, dict[str, str]] = {}
        self.wrong: dict[str, Any] = {}
        self.signer, self.alg = key("RS256", "issuer"), "RS256"
        self.reply: tuple[int, bytes] | None = None
        self.says: dict[str, Any] = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
        }

    @property
    def about(self) -> bytes:
        return json.dumps(self.says).encode()

    def log_in(self, address: str) -> dict[str, str]:
        """Log somebody in where the browser was sent; return what it brings back."""
        place = urlsplit(address)
        assert f"{place.scheme}://{place.netloc}{place.path}" == f"{self.url}/authorize"
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def exchanged(self, fields: dict[str, str]) -> tuple[int, bytes]:
        asked = self.codes.pop(fields["code"], None)
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.reply:
            return self.reply
        if asked is None or asked["code_challenge"] != challenge:
            return 400, b'{"error": "invalid_grant"}'
        assert fields["redirect_uri"] == asked["redirect_uri"]
        return 200, json.dumps(
            {"token_type": "Bearer", "access_token": "a"} | self.token(asked)
        ).encode()

    def token(self, asked: dict[str, str]) -> dict[str, str]:
        at = seconds()
        says = {
            "iss": self.url,
            "sub": "17",
            "aud": CLIENT,
            "iat": at,
            "exp": at + 60,
            "nonce": asked["nonce"],
            "email": "Kari@Example.org",
            "email_verified": True,
        }
        if self.alg == "none":
            parts = (json.dumps(one).encode() for one in ({"alg": "none"}, says | self.wrong))
            texts = (base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)
            return {"id_token": ".".join([*texts, ""])}
        return {"id_token": sign(self.signer, says | self.wrong, self.alg)}


@contextmanager
def running() -> Iterator[Issuer]:
    """Run an issuer."""
    made = Issuer()
    with served(made):
        yield made
