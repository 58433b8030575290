"""Fetching what somebody else publishes, their public keys above all, carefully.

Over https only, from a public address, without following redirects, a small answer in a short time.
A copy of keys serves for ten minutes; while its owner cannot be reached, for an hour.
"""

import http.client
import logging
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from app.access.signed import Key, NotAKey, Signed, is_by, read_keys
from app.errors import Unavailable

log = logging.getLogger("svar.keys")

FRESH, KEPT = 600, 3600
"""Seconds that a copy serves unasked, and while its owner cannot be reached."""
PAUSE = 30
"""Seconds between two attempts, whatever tokens come in."""
SECONDS, BYTES = 5, 65_536
"""How long an answer may take, and how long it may be."""

_NAT64 = ip_network("64:ff9b::/96")


class NotFetched(RuntimeError):
    """The keys could not be fetched; the message says why, for the log."""


class Declined(NotFetched):
    """The address answered, with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass
class _Copy:
    keys: list[Key] = field(default_factory=list)
    fetched: float = -math.inf
    tried: float = -math.inf
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeySets:
    """The key sets of this process, by address; `local` allows this machine's own, over http."""

    def __init__(
        self,
        *,
        local: bool = False,
        context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._local = local
        self._context = context or default_context()
        self._clock = clock
        self._copies: dict[str, _Copy] = {}

    def signed(self, url: str, there: Signed) -> bool:
        """Say whether a text is signed by a key at this address. Raises Unavailable.

        Keys may have been replaced: if none fits, they are fetched again, at most each half minute.
        """
        return is_by(there, self._keys(url, FRESH)) or is_by(there, self._keys(url, PAUSE))

    def _keys(self, url: str, oldest: float) -> list[Key]:
        """Return the keys at an address, fetched anew if the copy is `oldest` seconds old."""
        copy = self._copies.setdefault(url, _Copy())
        with copy.lock:
            now = self._clock()
            if now - copy.fetched >= oldest and now - copy.tried >= PAUSE:
                copy.tried = now
                self._renew(url, copy, now)
            if now - copy.fetched >= KEPT:
                raise Unavailable("The keys of the signature cannot be fetched now. Try again.")
            return copy.keys

    def _renew(self, url: str, copy: _Copy, now: float) -> None:
        try:
            copy.keys = read_keys(fetch(url, self._context, local=self._local))
            copy.fetched = now
        except (NotFetched, NotAKey) as error:
            log.warning("Keys of %s not fetched: %s", urlsplit(url).hostname, error)


def refused(url: str, *, local: bool = False) -> str | None:
    """Return why keys are not fetched from an address, or None; looks up nothing."""
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return "is not an address"
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        return "must begin with https://"
    if not parts.hostname or parts.username is not None or parts.fragment or not port_is_one:
        return "must be https://host/path, without a user or a fragment"
    return None if url.isascii() and url.isprintable() and " " not in url else "is not an address"


@cache
def default_context() -> ssl.SSLContext:
    """Return whom this machine trusts: read once, as it takes as long as all else at a start."""
    return ssl.create_default_context()


class Form(NamedTuple):
    """What is sent to an address that takes it: the body of a form, and the headers beside it."""

    body: str
    headers: Mapping[str, str]


def fetch(
    url: str, context: ssl.SSLContext, *, local: bool = False, form: Form | None = None
) -> bytes:
    """Return what an address answers, to a `form` if one is sent.

    Raises NotFetched, for a private address too, unless it may be `local`.
    """
    if why := refused(url, local=local):
        raise NotFetched(why)
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    try:
        plain = socket.create_connection((_public(parts, port, local=local), port), SECONDS)
    except OSError as error:
        raise NotFetched(f"no connection ({type(error).__name__})") from None
    cut = threading.Event()
    with plain, plain.dup() as same:  # TLS takes the first one over
        enough = threading.Timer(SECONDS, _break_off, [same, cut])  # reads have their own limit
        enough.start()
        try:
            body = _answer(parts, plain, context, form)
        except (OSError, http.client.HTTPException) as error:
            raise NotFetched(f"no answer ({type(error).__name__})") from None
        finally:
            enough.cancel()
            enough.join()
    if cut.is_set():
        raise NotFetched(f"not answered in {SECONDS} seconds")
    return body


def _answer(
    parts: SplitResult, plain: socket.socket, context: ssl.SSLContext, form: Form | None
) -> bytes:
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with closing(http.client.HTTPConnection(host, parts.port)) as asks:
        asks.sock = context.wrap_socket(plain, server_hostname=host) if secure else plain
        headers = {"Accept": "application/json", "Host": parts.netloc}
        if form is None:
            asks.request("GET", path, headers=headers)
        else:
            asks.request("POST", path, form.body, {**form.headers, **headers})
        with asks.getresponse() as answer:
            if answer.status != http.HTTPStatus.OK:
                raise Declined(answer.status)
            body = answer.read(BYTES + 1)
    if len(body) > BYTES:
        raise NotFetched(f"more than {BYTES} bytes")
    return body


def _break_off(connection: socket.socket, cut: threading.Event) -> None:
    cut.set()
    with suppress(OSError):  # the other side was quicker
        connection.shutdown(socket.SHUT_RDWR)


def _public(parts: SplitResult, port: int, *, local: bool) -> str:
    """Return the address to connect to; looked up once, it cannot change after the check."""
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched("the name is not known") from None
    addresses = [str(place[4][0]) for place in found]
    if not local and not all(map(is_public, addresses)):
        raise NotFetched("the name leads to a private address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Say whether an IP address is out in the world, and stands for no other that is not."""
    there = ip_address(address.split("%")[0])
    if isinstance(there, IPv6Address):
        if there.ipv4_mapped:
            return is_public(str(there.ipv4_mapped))
        if there.sixtofour or there.teredo or there in _NAT64:
            return False
    return there.is_global and not there.is_multicast
