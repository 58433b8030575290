"""Tokens from elsewhere: issued by HelseID, Maskinporten or the like for a hospital's program.

An issuer counts when the settings name it, with its keys, what the token must be meant for, and
what its scopes are worth here. The organisation number in the token says which registry it is.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.access import signed
from app.access.fetching import KeySets
from app.access.signed import Claims, NotSigned, Seconds, Words
from app.settings import Issuer

ISO_6523 = "0192:"
"""The prefix that Maskinporten puts before a Norwegian organisation number."""


class _Bound(BaseModel):
    model_config = ConfigDict(strict=True)
    jkt: Words | None = None


class OutsideClaims(Claims):
    """What a token from elsewhere must say; where its organisation number is, the settings say."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")
    iss: Words
    aud: Words | list[Words]
    exp: Seconds
    nbf: Seconds | None = None
    iat: Seconds | None = None
    scope: str | list[str] = ""
    client_id: Words | None = None
    sub: Words | None = None
    cnf: _Bound = Field(default_factory=_Bound)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a token from elsewhere shows. `jkt` is the key that it is bound to, if it is."""

    issuer: Issuer
    client_id: str
    orgnr: str
    scopes: tuple[str, ...]
    jkt: str | None


class _Who(Claims):
    iss: Words


def is_one(token: str) -> bool:
    """Say whether a token is not one of ours: it is a JWT, whose header is a JSON object."""
    return token.startswith("eyJ")


def read(issuers: tuple[Issuer, ...], key_sets: KeySets, token: str, at: float) -> Outside:
    """Return what a token shows, at `at` (seconds since 1970).

    Raises NotSigned with the claim that is wrong, and Unavailable if the issuer's keys cannot be
    fetched. Until the signature is checked, it says nothing but what the text itself says.
    """
    there = signed.read(token, (None, "jwt", "at+jwt"))
    issuer = _named(issuers, signed.claims_of(_Who, there).iss)
    if there.header.get("typ", "JWT").lower() == "jwt" and not issuer.untyped:
        raise NotSigned("typ: must be at+jwt")
    if not key_sets.signed(issuer.jwks, there):
        raise NotSigned("is not signed by its issuer")
    says = signed.claims_of(OutsideClaims, there)
    if issuer.audience not in ([says.aud] if isinstance(says.aud, str) else says.aud):
        raise NotSigned("aud: it is meant for another service")
    signed.in_time(at, says.exp, says.nbf, says.iat)
    if says.cnf.jkt is None and issuer.bound:
        raise NotSigned("cnf: must be bound to a key (DPoP)")
    client_id = says.client_id or says.sub
    if client_id is None:
        raise NotSigned("client_id: is lacking")
    return Outside(issuer, client_id, _orgnr(issuer, says), _scopes(issuer, says), says.cnf.jkt)


def must_suit(there: Outside, scheme: str) -> None:
    """Raise NotSigned if a bound token is not sent as `dpop`, or another one is."""
    if (there.jkt is not None) != (scheme == "dpop"):
        raise NotSigned("cnf: send it as DPoP if it is bound to a key, and else as Bearer")


def _named(issuers: tuple[Issuer, ...], name: str) -> Issuer:
    for issuer in issuers:
        if issuer.issuer == name:
            return issuer
    raise NotSigned("iss: is no issuer whose tokens are taken here")


def _orgnr(issuer: Issuer, says: OutsideClaims) -> str:
    found: Any = says.model_extra
    for name in issuer.orgnr_claim:
        found = found.get(name) if isinstance(found, dict) else None
    orgnr = found.removeprefix(ISO_6523) if isinstance(found, str) else ""
    if not (len(orgnr) == 9 and orgnr.isascii() and orgnr.isdigit()):
        raise NotSigned(f"{'.'.join(issuer.orgnr_claim)}: is no organisation number")
    return orgnr


def _scopes(issuer: Issuer, says: OutsideClaims) -> tuple[str, ...]:
    theirs = says.scope.split() if isinstance(says.scope, str) else says.scope
    ours = [scope for name in theirs for scope in issuer.scopes.get(name, ())]
    return tuple(dict.fromkeys(ours))
