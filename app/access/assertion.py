"""Client assertions: a registry's program signs who it is with a key of its own (RFC 7523)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from app.access import signed
from app.access.signed import Claims, NotSigned, Seconds, Signed, Words
from app.settings import Settings

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYPES = (None, "jwt", "client-authentication+jwt")

LONGEST = 300
"""Seconds that an assertion may be good for: it is made for one request."""

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]


class AssertionClaims(Claims):
    """What an assertion must say: who (`iss` = `sub`), to whom (`aud`), until when, and once."""

    iss: ClientId
    sub: ClientId
    aud: Words | list[Words]
    exp: Seconds
    jti: Words
    iat: Seconds | None = None
    nbf: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion whose words are right. Whose key has signed it is still to be found out."""

    signed: Signed
    client_id: str
    jti: str
    exp: float


def read(settings: Settings, text: str, at: float) -> Assertion:
    """Return an assertion that is meant for us, at `at` (seconds since 1970).

    Raises NotSigned, which names the claim; it depends on the text alone, on nothing we hold.
    """
    there = signed.read(text, TYPES)
    says = signed.claims_of(AssertionClaims, there)
    if says.iss != says.sub:
        raise NotSigned("sub: must be the same as iss: your client id")
    aims = [says.aud] if isinstance(says.aud, str) else says.aud
    ours = {settings.public_url, f"{settings.public_url}/oauth/token"}
    if not aims or not set(aims) <= ours:
        raise NotSigned(f"aud: must be {settings.public_url} alone")
    signed.in_time(at, says.exp, says.nbf, says.iat)
    if says.exp > at + LONGEST + signed.LEEWAY:
        raise NotSigned(f"exp: is more than {LONGEST} seconds ahead")
    return Assertion(there, says.iss, says.jti, says.exp)
