"""Public keys: which are taken, and which are not."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from joserfc.jwk import ECKey

from app.access.signed import NotAKey, read_key, read_keys
from tests.keys import KINDS, key, public

EC, RSA = public(key()), public(key("RS256"))


def refused(jwk: Any) -> str:
    with pytest.raises(NotAKey) as caught:
        read_key(jwk)
    return str(caught.value)


@pytest.mark.parametrize("alg", KINDS)
def test_a_public_key_is_taken_with_what_it_is_for(alg: str) -> None:
    jwk = public(key(alg)) | {"alg": alg, "use": "sig", "kid": "first", "x5t": "passed over"}
    taken = read_key(jwk)
    assert (taken.kid, taken.alg) == ("first", alg)
    assert taken.thumbprint() == key(alg).thumbprint()
    assert not taken.is_private


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_private_key_is_refused_before_anything_of_it_is_kept(alg: str) -> None:
    private = key(alg).as_dict(private=True)
    for jwk in (private, {"kty": "oct", "k": "c2VjcmV0"}):
        assert "private or secret part" in refused(jwk)


@pytest.mark.parametrize(
    ("jwk", "said"),
    [
        (None, "JSON: "),
        ([], "JSON: "),
        ({}, "JSON: "),
        ({"kty": ["EC"]}, "JSON: "),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AA"}, "JSON: "),
        (EC | {"crv": "P-521"}, "crv: "),
        (EC | {"crv": "secp256k1"}, "crv: "),
        (EC | {"crv": "P-384"}, "is not a point"),
        (EC | {"x": "AA"}, "is not a point"),
        (EC | {"x": "!"}, "x: "),
        (EC | {"x": 7}, "x: "),
        (EC | {"y": None}, "y: "),
        (EC | {"alg": "HS256"}, "alg: "),
        (EC | {"alg": "none"}, "alg: "),
        (EC | {"use": "enc"}, "use: "),
        (EC | {"kid": 7}, "kid: "),
        (EC | {"kid": "\0"}, "kid: "),
        (RSA | {"n": "AQAB"}, "n: "),
        (RSA | {"n": "A" * 342}, "n: has not"),
        (RSA | {"n": "_" * 684}, "n: "),
        (RSA | {"e": "AAAAAAAAAAAA"}, "e: "),
        (RSA | {"e": "AA"}, "is not a point"),
    ],
)
def test_what_is_no_key_of_ours_is_refused_by_name(jwk: Any, said: str) -> None:
    assert refused(jwk).startswith(said)


def test_an_rsa_key_has_2048_bits_at_least() -> None:
    number = int.from_bytes(urlsafe_b64decode(RSA["n"] + "==")) >> 3 | 1
    short = urlsafe_b64encode(number.to_bytes(256)).rstrip(b"=").decode()
    assert len(short) == len(RSA["n"])
    assert refused(RSA | {"n": short}) == "n: has not between 2048 and 4096 bits"


def test_of_a_set_the_keys_that_can_be_used_are_taken() -> None:
    others = [{"kty": "OKP"}, EC | {"use": "enc"}, 7, ECKey.generate_key("P-521").as_dict()]
    (taken,) = read_keys(json.dumps({"keys": [*others, EC]}))
    assert taken.thumbprint() == key().thumbprint()


def test_a_set_without_one_says_why() -> None:
    with pytest.raises(NotAKey, match="has no key that can be used: use: "):
        read_keys(json.dumps({"keys": [EC | {"use": "enc"}]}))
    with pytest.raises(NotAKey, match="there is none in it"):
        read_keys('{"keys": []}')
    with pytest.raises(NotAKey, match="is not a JWK set"):
        read_keys("[" * 100_000)
