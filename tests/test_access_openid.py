"""A login elsewhere: whom the issuer shows is taken at its word only if every claim is right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.access import openid
from app.access.openid import Attempt, Provider
from app.access.signed import NotSigned
from app.errors import Unavailable
from app.settings import Settings
from tests.conftest import SECRET_KEY
from tests.issuer import CLIENT, SECRET, Issuer, running
from tests.keys import key, seconds


@pytest.fixture(scope="module")
def one_issuer() -> Iterator[Issuer]:
    with running() as made:
        yield made


@pytest.fixture
def issuer(one_issuer: Issuer) -> Issuer:
    """An issuer that does everything right."""
    one_issuer.reset()
    return one_issuer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def provider(issuer: Issuer, clock: Clock | None = None, **more: Any) -> Provider:
    secret: Any = {"secret_key": SECRET_KEY, "oidc_client_secret": SECRET}
    there = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT}
    return Provider(Settings(**secret | there | more), clock or Clock())


def shown(issuer: Issuer, **more: Any) -> str:
    there, attempt = provider(issuer, **more), Attempt.new()
    back = issuer.log_in(there.address(attempt))
    return there.email(attempt, back["code"], seconds())


def why(issuer: Issuer, **more: Any) -> str:
    with pytest.raises(NotSigned) as caught:
        shown(issuer, **more)
    return str(caught.value)


@pytest.mark.parametrize("ways", [None, ["client_secret_post"], ["client_secret_basic"]])
def test_whoever_logs_in_there_is_shown_by_their_address(
    issuer: Issuer, ways: list[str] | None
) -> None:
    if ways:
        issuer.says["token_endpoint_auth_methods_supported"] = ways
    assert shown(issuer) == "Kari@Example.org"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"nonce": "another"}, "nonce:"),
        ({"nonce": None}, "nonce:"),
        ({"iss": "https://login.example"}, "iss:"),
        ({"aud": "another"}, "aud:"),
        ({"aud": [CLIENT, "another"]}, "aud:"),
        ({"azp": "another"}, "aud:"),
        ({"exp": 1000}, "exp:"),
        ({"exp": None}, "exp:"),
        ({"nbf": 9e9}, "nbf:"),
        ({"iat": 9e9}, "iat:"),
        ({"email_verified": False}, "email_verified:"),
        ({"email_verified": None}, "email_verified:"),
        ({"email": None}, "email:"),
        ({"email": ["kari@example.org"]}, "email:"),
    ],
)
def test_a_claim_that_is_wrong_is_named(issuer: Issuer, wrong: dict[str, Any], words: str) -> None:
    issuer.wrong = wrong
    assert why(issuer).startswith(words)


def test_a_token_for_several_is_taken_if_it_was_made_for_us(issuer: Issuer) -> None:
    issuer.wrong = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert shown(issuer) == "Kari@Example.org"


def test_a_token_that_is_not_signed_by_the_issuers_key_is_refused(issuer: Issuer) -> None:
    issuer.alg = "none"
    assert "alg:" in why(issuer)
    issuer.alg, issuer.signer = "RS256", key("RS256", "somebody")
    assert "not signed by the issuer" in why(issuer)


def test_the_address_may_stand_in_another_claim_that_the_issuer_vouches_for(
    issuer: Issuer,
) -> None:
    issuer.wrong = {"email_verified": None, "upn": "ola@example.org"}
    assert shown(issuer, oidc_claim="upn") == "ola@example.org"
    issuer.wrong = {"upn": "ola@example.org\n"}
    assert why(issuer, oidc_claim="upn") == "upn: is lacking"


def test_a_code_is_good_once_and_for_the_browser_that_asked(issuer: Issuer) -> None:
    there, attempt = provider(issuer), Attempt.new()
    back = issuer.log_in(there.address(attempt))
    with pytest.raises(NotSigned, match="code: is not taken"):
        there.email(Attempt.new(), back["code"], seconds())
    with pytest.raises(NotSigned, match="code: is not taken"):
        there.email(attempt, back["code"], seconds())


@pytest.mark.parametrize(
    "reply", [b"nonsense", b"[]", b'{"error": "invalid_grant"}', b'{"expires_in": "soon"}']
)
def test_an_exchange_that_gives_nothing_is_refused(issuer: Issuer, reply: bytes) -> None:
    issuer.reply = (200, reply)
    assert "code:" in why(issuer)


def test_an_exchange_without_an_id_token_is_refused(issuer: Issuer) -> None:
    issuer.reply = (200, json.dumps({"access_token": "a"}).encode())
    assert "id_token: is lacking" in why(issuer)


def test_an_issuer_that_is_broken_is_away(issuer: Issuer) -> None:
    issuer.reply = (500, b"")
    with pytest.raises(Unavailable):
        shown(issuer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://another.example"},
        {"jwks_uri": None},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://user@login.example/"},
    ],
)
def test_an_issuer_that_says_other_things_of_itself_than_it_must_is_away(
    issuer: Issuer, wrong: dict[str, Any]
) -> None:
    issuer.says |= wrong
    with pytest.raises(Unavailable):
        provider(issuer).address(Attempt.new())


def test_what_an_issuer_says_of_itself_is_remembered_and_so_is_that_it_was_away(
    issuer: Issuer,
) -> None:
    clock = Clock()
    there, known = provider(issuer, clock), "/.well-known/openid-configuration"
    issuer.status = 503
    for _ in range(2):
        with pytest.raises(Unavailable):
            there.address(Attempt.new())
    assert issuer.asked == [known]
    issuer.status, clock.now = 200, clock.now + openid.PAUSE
    for _ in range(2):
        there.address(Attempt.new())
    assert issuer.asked == [known] * 2
    issuer.status, clock.now = 503, clock.now + openid.FRESH
    with pytest.raises(Unavailable):
        there.address(Attempt.new())
    assert there.address(Attempt.new())
    assert issuer.asked == [known] * 3


def test_only_a_few_wait_for_an_issuer_at_a_time(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid, "AT_ONCE", 0)
    with pytest.raises(Unavailable):
        provider(issuer).address(Attempt.new())
    assert issuer.asked == []


def test_an_issuer_that_is_not_there_is_away(issuer: Issuer) -> None:
    with pytest.raises(Unavailable):
        provider(issuer, oidc_issuer="http://127.0.0.1:1").address(Attempt.new())
