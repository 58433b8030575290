"""Keys are fetched with care: https, public addresses, no redirects, small and quick answers."""

import datetime as dt
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.access import fetching
from app.access.fetching import KeySets, NotFetched, fetch, is_public, refused
from app.access.signed import read
from app.errors import Unavailable
from tests.keys import Shop, key, key_set, shop, sign

TLS = ssl.create_default_context()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def keys() -> Iterator[Shop]:
    with shop(key_set(key())) as made:
        yield made


def why(url: str, *, local: bool = True, context: ssl.SSLContext = TLS) -> str:
    with pytest.raises(NotFetched) as caught:
        fetch(url, context, local=local)
    return str(caught.value)


def test_what_is_published_is_fetched(keys: Shop) -> None:
    assert fetch(f"{keys.url}?version=2", TLS, local=True) == keys.body


@pytest.mark.parametrize(
    "url",
    [
        "http://sts.example/jwks",
        "ftp://sts.example/jwks",
        "//sts.example/jwks",
        "https:///jwks",
        "https://user@sts.example/jwks",
        "https://sts.example/jwks#first",
        "https://sts.example:0/jwks",
        "https://sts.example:99999/jwks",
        "https://[x/jwks",
        "https://sts.example/a b",
        "https://sts.example/\n",
        "https://søk.example/",
        "",
    ],
)
def test_an_address_that_will_not_do_is_refused_before_it_is_looked_up(url: str) -> None:
    assert refused(url)
    assert why(url, local=False) == refused(url)


def test_only_here_will_plain_http_do() -> None:
    assert refused("http://127.0.0.1/jwks", local=True) is None
    assert refused("https://sts.example:8443/jwks?x=1") is None


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1",
        "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "2001::1",
        "64:ff9b::7f00:1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_out_in_the_world_is_private(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_public(address)
    found = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert why("https://sts.example/jwks", local=False) == "the name leads to a private address"


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
)
def test_any_other_is_public(address: str) -> None:
    assert is_public(address)


def test_a_name_that_is_not_known_or_nobody_behind_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert why("http://name.invalid/jwks") == "the name is not known"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert why(f"http://127.0.0.1:{port}/") == "no connection (ConnectionRefusedError)"


def test_a_redirect_is_not_followed(keys: Shop) -> None:
    with shop() as other:
        keys.status, keys.headers = 302, [("Location", other.url)]
        assert why(keys.url) == "status 302"
        assert other.asked == 0


def test_a_long_answer_is_refused_as_soon_as_it_is_too_long(keys: Shop) -> None:
    keys.body = b"a" * 65_536
    assert len(fetch(keys.url, TLS, local=True)) == 65_536
    keys.body = b"a" * 10_000_000
    assert why(keys.url) == "more than 65536 bytes"


def test_whoever_answers_drop_by_drop_is_not_waited_for(
    keys: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(out: Any) -> None:
        for _ in range(100):
            out.write(b" ")
            time.sleep(0.05)

    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    monkeypatch.setattr(keys, "say", drip)
    keys.headers = [("Content-Length", "100000")]
    begun = time.perf_counter()
    assert why(keys.url) == "not answered in 0.3 seconds"
    assert time.perf_counter() - begun < 3


def test_whoever_speaks_no_http_is_not_understood() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"https://127.0.0.1:{deaf.getsockname()[1]}/"
        deaf.close()
        assert why(url).startswith("no connection")


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server on this machine speaks TLS with, and what trusts it."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), 1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(private, hashes.SHA256())
    )
    pem = made.public_bytes(Encoding.PEM)
    file = folder / "server.pem"
    file.write_bytes(pem + private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())


def test_over_https_the_certificate_is_checked(tmp_path: Path) -> None:
    server, trusts = certificate(tmp_path)
    with shop(key_set(key()), server) as keys:
        url = keys.url.replace("http:", "https:")
        assert fetch(url, trusts, local=True) == keys.body
        assert why(url) == "no answer (SSLCertVerificationError)"
        assert why(url.replace("127.0.0.1", "localhost"), context=trusts).startswith("no answer")
        assert why(url, local=False, context=trusts) == "the name leads to a private address"


def test_keys_are_kept_for_ten_minutes_and_for_an_hour_while_nobody_answers(
    keys: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    known, text = KeySets(local=True, clock=clock), read(sign(key(), {}), ["jwt"])
    for seconds, asked in ((0, 1), (599, 1), (600, 2)):
        clock.now = 1000.0 + seconds
        assert known.signed(keys.url, text)
        assert keys.asked == asked
    keys.status = 500
    for seconds, asked in ((1200, 3), (1229, 3), (1230, 4), (4199, 5)):
        clock.now = 1000.0 + seconds
        with caplog.at_level(logging.WARNING):
            assert known.signed(keys.url, text)
        assert keys.asked == asked
    clock.now = 1000.0 + 4200
    with pytest.raises(Unavailable):
        known.signed(keys.url, text)
    keys.status = 200
    clock.now += 30
    assert known.signed(keys.url, text)


def test_a_key_that_does_not_fit_makes_them_be_fetched_again_each_half_minute(keys: Shop) -> None:
    clock = Clock()
    known, text = KeySets(local=True, clock=clock), read(sign(key(name="new"), {}), ["jwt"])
    assert not known.signed(keys.url, text)
    keys.body = key_set(key(), key(name="new"))
    clock.now += 29
    assert not known.signed(keys.url, text)
    assert keys.asked == 1
    clock.now += 1
    assert known.signed(keys.url, text)
    assert keys.asked == 2


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [{"kty": "oct"}]}']
)
def test_what_is_no_set_of_keys_is_none(keys: Shop, body: bytes) -> None:
    keys.body = body
    with pytest.raises(Unavailable):
        KeySets(local=True).signed(keys.url, read(sign(key(), {}), ["jwt"]))
