"""Signed texts (JWT): reading one, and saying whether one of these keys has signed it.

RSA keys have 2048 to 4096 bits, EC keys are on P-256 or P-384. Anything else is refused, private
keys above all: there is no `none`, and no secret that both sides hold.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

Algorithm = Literal["ES256", "ES384", "RS256", "RS384", "PS256"]
ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "ES384", "RS256", "RS384", "PS256")

LEEWAY = 30
"""Seconds by which another machine's clock may be ahead of ours."""

Key = ECKey | RSAKey
Seconds = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
"""A moment, in seconds since 1970."""
Words = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name in a claim. PostgreSQL could not look for a NUL."""

_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
_registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_registry.max_header_length = 4096  # an RSA key may stand in it
_registry.max_payload_length = 16_384


class NotAKey(ValueError):
    """This is no public key that can be used here; the message says why."""


class NotSigned(ValueError):
    """This is no signed text, or it says what it must not; the message says why."""


class Claims(BaseModel):
    """What a signed text says. Strict: a number in quotes is no number."""

    model_config = ConfigDict(strict=True, frozen=True)


class _Key(BaseModel):
    model_config = ConfigDict(strict=True)
    kid: Words | None = None
    alg: Algorithm | None = None
    use: Literal["sig"] | None = None


_BASE64URL = r"^[A-Za-z0-9_-]+$"


class _Ec(_Key):
    kty: Literal["EC"]
    crv: Literal["P-256", "P-384"]
    x: Annotated[str, Field(pattern=_BASE64URL, max_length=64)]
    y: Annotated[str, Field(pattern=_BASE64URL, max_length=64)]


class _Rsa(_Key):
    kty: Literal["RSA"]
    n: Annotated[str, Field(pattern=_BASE64URL, max_length=683)]
    e: Annotated[str, Field(pattern=_BASE64URL, max_length=6)]  # a long one is slow to check

    @field_validator("n")
    @classmethod
    def _long_enough(cls, n: str) -> str:
        number = int.from_bytes(base64.urlsafe_b64decode(n + "=" * (-len(n) % 4)))
        if not 2048 <= number.bit_length() <= 4096:  # zeros in front do not count
            raise ValueError("has not between 2048 and 4096 bits")
        return n


_jwk: TypeAdapter[_Ec | _Rsa] = TypeAdapter(Annotated[_Ec | _Rsa, Field(discriminator="kty")])


def read_key(jwk: Any) -> Key:
    """Return the public key of a JWK (RFC 7517). Raises NotAKey for any other thing."""
    if isinstance(jwk, dict) and _PRIVATE & set(jwk):
        raise NotAKey("holds a private or secret part; keep that, and give the public key alone")
    try:
        parts = _jwk.validate_python(jwk).model_dump(exclude_none=True)
    except ValidationError as error:
        raise NotAKey(_first(error)) from None
    kind: type[Key] = ECKey if parts["kty"] == "EC" else RSAKey
    try:
        key = kind.import_key(parts)
        _ = key.raw_value  # read now: what is no key fails here, not when it is used
    except (JoseError, ValueError):
        raise NotAKey("is not a point on its curve, or its numbers are none of RSA's") from None
    return key


def read_keys(document: bytes | str) -> list[Key]:
    """Return the keys of a JWK set that can be used here; others are passed over (RFC 7517, 5).

    Raises NotAKey if it is no set, or none of them can be used.
    """
    try:
        found = json.loads(document)["keys"]
    except (ValueError, TypeError, LookupError, RecursionError):
        raise NotAKey("is not a JWK set: a JSON object with a list of `keys`") from None
    keys, why = [], "there is none in it"
    for jwk in found if isinstance(found, list) else []:
        try:
            keys.append(read_key(jwk))
        except NotAKey as error:
            why = str(error)
    if not keys:
        raise NotAKey(f"has no key that can be used: {why}")
    return keys


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed text as it was sent; nothing in it is known to be true until its key is found."""

    text: str
    header: dict[str, Any]
    payload: bytes

    @property
    def kid(self) -> str | None:
        """The name of the key that it is said to be signed with."""
        kid: str | None = self.header.get("kid")
        return kid


def read(text: str, types: Sequence[str | None]) -> Signed:
    """Return a signed text whose header says an algorithm of ours and one of these types.

    Raises NotSigned, which says what is wrong; that depends on the text alone, on nothing we hold.
    """
    try:
        found = jws.extract_compact(text.encode(), registry=_registry)
        header = found.headers()
        _registry.check_header(header)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise NotSigned("is not a JWT that can be read here") from None
    if header["alg"] not in ALGORITHMS:
        raise NotSigned(f"alg: is none of {', '.join(ALGORITHMS)}")
    kind = header.get("typ")
    if (kind.lower().removeprefix("application/") if kind else None) not in types:
        raise NotSigned("typ: is not what is wanted here")
    return Signed(text, header, found.payload or b"")


_C = TypeVar("_C", bound=Claims)


def claims_of(model: type[_C], signed: Signed) -> _C:
    """Return what a text says, in the shape of `model`. Raises NotSigned, naming the claim."""
    try:
        return model.model_validate(orjson.loads(signed.payload))
    except orjson.JSONDecodeError:
        raise NotSigned("holds no JSON object") from None
    except ValidationError as error:
        raise NotSigned(_first(error)) from None


def is_by(signed: Signed, keys: Iterable[Key]) -> bool:
    """Say whether one of these keys has signed a text; a `kid` in it must be that key's."""
    return any(
        is_by_key(signed, key) for key in keys if signed.kid is None or key.kid == signed.kid
    )


def is_by_key(signed: Signed, key: Key) -> bool:
    """Say whether this very key has signed a text, whatever key the text names."""
    try:
        jws.deserialize_compact(signed.text.encode(), key, registry=_registry)
    except (JoseError, ValueError):
        return False
    return True


def in_time(at: float, exp: float | None, nbf: float | None, iat: float | None) -> None:
    """Raise NotSigned for a text that has expired at `at`, or is from the future (seconds)."""
    if exp is not None and exp <= at:
        raise NotSigned("exp: has passed; make a new one, and see that your clock is right")
    for name, moment in (("nbf", nbf), ("iat", iat)):
        if moment is not None and moment > at + LEEWAY:
            raise NotSigned(f"{name}: is in the future; see that your clock is right")


def _first(error: ValidationError) -> str:
    """Return the first mistake, by the name of its claim, without what was sent."""
    found = error.errors()[0]
    place = ".".join(str(part) for part in found["loc"] if part not in {"EC", "RSA"})
    return f"{place or 'JSON'}: {found['msg'].removeprefix('Value error, ')}"
