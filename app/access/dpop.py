"""DPoP: whoever sends a token that is bound to a key shows, each time, that the key is theirs.

RFC 9449. A token that was stolen from a log or a proxy is worth nothing without the key.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import Field

from app.access import signed
from app.access.signed import LEEWAY, Claims, NotAKey, NotSigned, Seconds, Words

LASTS = 60
"""Seconds that a proof is good for after it was made."""

_PORTS = {"http": 80, "https": 443}


class ProofClaims(Claims):
    """What a proof must say: of which request, when, of which token, and once."""

    htm: Words
    htu: Annotated[str, Field(max_length=2048)]
    iat: Seconds
    jti: Words
    ath: Words


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that a proof must be of: its method, its address as the world knows it."""

    method: str
    url: str


def check(proof: str, asked: Asked, token: str, jkt: str, at: float) -> tuple[str, float]:
    """Return by which name a proof may be used once, and until when (seconds since 1970).

    `jkt` is the thumbprint of the key that `token` is bound to. Raises NotSigned for a proof of
    another request, token, key or time.
    """
    there = signed.read(proof, ("dpop+jwt",))
    try:
        key = signed.read_key(there.header.get("jwk"))
    except NotAKey as error:
        raise NotSigned(f"jwk: {error}") from None
    if key.thumbprint() != jkt or not signed.is_by_key(there, key):
        raise NotSigned("is not signed by the key that the token is bound to")
    says = signed.claims_of(ProofClaims, there)
    if says.htm != asked.method or _place(says.htu) != _place(asked.url):
        raise NotSigned("htm, htu: are not the method and the address of this request")
    if says.ath != _base64url(hashlib.sha256(token.encode()).digest()):
        raise NotSigned("ath: is not the hash of this token")
    signed.in_time(at, None, None, says.iat)
    if says.iat < at - LASTS:
        raise NotSigned(f"iat: is more than {LASTS} seconds ago; make a proof for each request")
    return f"dpop:{jkt}:{says.jti}", says.iat + LASTS + LEEWAY


def _place(url: str) -> tuple[str, str, int | None, str]:
    """Return scheme, host, port and path of an address; what stands behind `?` does not count."""
    if not re.match(r"https?://", url, re.IGNORECASE):
        raise NotSigned("htu: is not an address")
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise NotSigned("htu: is not an address") from None
    return parts.scheme, (parts.hostname or ""), port, unquote(parts.path)


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
