"""What a registry's program shows to get a token: its secret, or words signed with its key."""

import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from app.access.assertion import TYPE
from app.access.signed import Algorithm

SECONDS = 60
"""How long an assertion is good for; it is used at once."""
CURVES: dict[str, Algorithm] = {"secp256r1": "ES256", "secp384r1": "ES384"}


class NotAKeyFile(ValueError):
    """This is no private key that can be used here; the message says why."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that the service knows too."""

    secret: str

    def form(self, _: str, client_id: str, /) -> dict[str, str]:
        """Return the fields of a request for a token."""
        return {"client_id": client_id, "client_secret": self.secret}


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, whose public half the service knows (RFC 7523)."""

    key: ECKey | RSAKey
    algorithm: Algorithm

    def form(self, url: str, client_id: str, /) -> dict[str, str]:
        """Return the fields of a request for a token; what is signed is good once."""
        at = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": url, "jti": str(uuid4())}
        signed = jwt.encode(
            {"alg": self.algorithm, "typ": "JWT"},
            claims | {"iat": at, "exp": at + SECONDS},
            self.key,
            algorithms=[self.algorithm],
        )
        return {"client_assertion_type": TYPE, "client_assertion": signed}


def read_key(file: Path) -> Key:
    """Return the private key in a PEM file. Raises NotAKeyFile, or OSError if it cannot be read."""
    pem = file.read_bytes()
    try:
        found = load_pem_private_key(pem, None)
    except TypeError:
        raise NotAKeyFile(f"{file} is protected by a password; give a key without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise NotAKeyFile(f"{file} is not a private key in PEM") from None
    if isinstance(found, RSAPrivateKey):
        return Key(RSAKey.import_key(pem), "PS256")
    if isinstance(found, EllipticCurvePrivateKey) and found.curve.name in CURVES:
        return Key(ECKey.import_key(pem), CURVES[found.curve.name])
    raise NotAKeyFile(f"{file} is a key of another kind; make one on P-256, or of RSA")
