"""Asks the service, again where that may help: when it is away, busy, or broke off."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import httpx

from app.pulling.folder import make_durable
from app.pulling.pages import Garbled
from app.pulling.stops import NotLetIn, NotReached

SECONDS = httpx.Timeout(60, connect=10)
"""How long the next piece of an answer is waited for."""
EARLY = 30
"""Seconds before its end that a token is changed for another."""
LONGEST = 600.0
"""Seconds that the service may ask us to wait; beyond that the next run goes on."""
BUSY = (408, 425, 429)

T = TypeVar("T")
Params = dict[str, Any]


class Shown(Protocol):
    """A secret, or a key."""

    def form(self, url: str, client_id: str, /) -> dict[str, str]:
        """Return the fields of a request for a token."""
        ...


class _Later(Exception):
    """It may go better later: in so many seconds, or whenever."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class _TokenEnded(Exception):
    """The token was good when it was fetched, and is no longer."""


@dataclass
class Service:
    """The service at an address, for one client of a registry.

    `tell` is given a line of words before each new try; `sleep` waits.
    """

    url: str
    client_id: str
    shown: Shown
    tries: int
    tell: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    transport: httpx.BaseTransport | None = None
    _token: tuple[str, float] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(
            base_url=self.url, timeout=SECONDS, transport=self.transport, follow_redirects=False
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def document(self, path: str) -> Any:
        """Return a document of JSON. Raises NotReached or NotLetIn."""

        def take(answer: httpx.Response) -> Any:
            answer.read()
            try:
                return answer.json()
            except ValueError:
                raise _Later("The answer is no JSON.") from None

        return self._again(lambda: self._asked(path, {}, take))

    def download(
        self,
        path: str,
        params: Params,
        file: Path,
        check: Callable[[Path], T],
        told: Callable[[int], None],
    ) -> T:
        """Write an answer to a file, durably, and return what `check` makes of it.

        `told` is given the number of bytes so far. Raises NotReached, also for an answer that is
        Garbled at every try, NotLetIn, or OSError where the file cannot be written.
        """

        def take(answer: httpx.Response) -> T:
            _write(answer, file, told)
            try:
                return check(file)
            except Garbled as error:
                raise _Later(f"The answer did not come whole: {error}.") from None

        return self._again(lambda: self._asked(path, params, take))

    def _again(self, ask: Callable[[], T]) -> T:
        """Ask, and again after a while, twice as long each time, or as long as the answer says."""
        wait, number = 1.0, 1
        while True:
            try:
                return ask()
            except _Later as later:
                wait = wait if later.after is None else later.after
                if number == self.tries or wait > LONGEST:
                    whole = "What has come is whole, and the next run goes on from there."
                    raise NotReached(f"{later} {whole}") from None
                self.tell(f"{later} Trying again in {wait:.0f} s.")
                self.sleep(wait)
                wait, number = max(1.0, 2 * wait), number + 1

    def _asked(self, path: str, params: Params, take: Callable[[httpx.Response], T]) -> T:
        try:
            return self._once(path, params, take)
        except _TokenEnded:
            self._token = None
            return self._once(path, params, take)

    def _once(self, path: str, params: Params, take: Callable[[httpx.Response], T]) -> T:
        fresh = self._token is None or self._token[1] <= time.monotonic()
        token = self._fetched() if fresh else self._token[0]  # type: ignore[index]
        headers = {"Authorization": f"Bearer {token}"}
        with _reaching(), self._http.stream("GET", path, params=params, headers=headers) as answer:
            if answer.status_code == httpx.codes.UNAUTHORIZED and not fresh:
                raise _TokenEnded
            _see(answer)
            return take(answer)

    def _fetched(self) -> str:
        form = self.shown.form(self.url, self.client_id)
        form |= {"grant_type": "client_credentials", "scope": "results"}
        with _reaching():
            answer = self._http.post("/oauth/token", data=form)
        _see(answer)
        try:
            token, lasts = answer.json()["access_token"], float(answer.json()["expires_in"])
        except (ValueError, TypeError, LookupError):
            raise NotLetIn(f"{self.url} gives no token. Is it the service's address?") from None
        self._token = (token, time.monotonic() + lasts - EARLY)
        return self._token[0]


def _write(answer: httpx.Response, file: Path, told: Callable[[int], None]) -> None:
    with file.open("wb") as out:
        for piece in answer.iter_bytes():
            out.write(piece)
            told(out.tell())
        out.flush()
        make_durable(out.fileno())


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except httpx.RequestError as error:  # no connection, broken off, or badly packed
        why = str(error) or type(error).__name__
        raise _Later(f"{error.request.url.host} cannot be reached ({why}).") from None


def _see(answer: httpx.Response) -> None:
    """Raise what an answer other than 200 means."""
    status = answer.status_code
    if status == httpx.codes.OK:
        return
    answer.read()
    words = f"The service answers {status}: {_detail(answer)}"
    if status in BUSY or answer.is_server_error:
        raise _Later(words, _retry_after(answer.headers.get("retry-after", "")))
    raise NotLetIn(words)


def _detail(answer: httpx.Response) -> str:
    if answer.is_redirect:
        return f"it has moved to {answer.headers.get('location')}. Give that address as --url."
    try:
        said = answer.json()["detail"]
    except (ValueError, TypeError, LookupError):
        said = answer.reason_phrase
    return str(said)[:1000]


def _retry_after(given: str) -> float | None:
    """Return the seconds that Retry-After says, as a number or as a date; None if it says none."""
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
