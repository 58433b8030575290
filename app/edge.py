"""What every request passes first: a limit on its size, safe headers, one line in the log."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings

log = logging.getLogger("svar.access")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

POLICY = "Content-Security-Policy"
FRAMED = HEADERS[POLICY].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""For a page that stands in a frame on a page of ours, and nowhere else."""

FRAMING = f"{HEADERS[POLICY]}; frame-src 'self'"
"""For the page that such frames stand on."""

BENCH = 4 << 20
"""How many bytes a form of the bench may have: an instrument's text, and what a form adds to it."""

DOCS = HEADERS | {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
}
"""For /docs, whose page starts itself with a script of its own."""

STATIC = HEADERS | {"Cache-Control": "public, max-age=3600"}

NDJSON = "application/x-ndjson"
LINES = (NDJSON.encode(), b"application/ndjson", b"application/jsonl")
"""What a body of lines, a JSON document each, is called."""

FILES = "/centre/drafts"
"""Where the PRO centre's people bring files."""
FILE_BYTES = 10_000_000
"""What may be sent there, and by their scripts: an instrument has 0.1 MB."""
DRAFT_BYTES = 2_000_000
"""What the parts of a draft may come to, where a script writes them anew."""
MOST_WITH_A_FILE = 6 << 20
"""How large a form is that the PRO centre sends with an agreement's file, in bytes."""

BODY_SECONDS = 20
"""How long the next part of a request's body is waited for."""

HSTS = {"Strict-Transport-Security": "max-age=31536000"}


def sends_lines(scope: Scope) -> bool:
    """Say whether a request's body is called NDJSON."""
    kinds = (value for name, value in scope["headers"] if name == b"content-type")
    return next(kinds, b"").partition(b";")[0].strip().lower() in LINES


class Bounds:
    """What the settings say of every request: how large it may be, which headers answer it."""

    def __init__(self, settings: Settings) -> None:
        self.limit = settings.body_kilobytes * 1024
        self.larger = {
            "/api/v1/score/": settings.score_megabytes << 20,
            "/api/v1/instruments/": max(DRAFT_BYTES, self.limit),
            "/centre/drafts/": BENCH,
        }
        self.files = {
            FILES: FILE_BYTES,
            "/api/v1/instruments": FILE_BYTES,
            "/centre/agreements": MOST_WITH_A_FILE,
        }
        self.lines = {
            "/api/v1/orders": settings.order_megabytes << 20,
            "/api/v1/responses": settings.import_megabytes << 20,
        }
        self.always = HSTS if settings.secure else {}

    def headers(self, path: str) -> Mapping[str, str]:
        """Return the headers of an answer that sets no others of these names."""
        if path.startswith("/static/"):
            return STATIC | self.always
        return (DOCS if path == "/docs" else HEADERS) | self.always

    def most(self, scope: Scope) -> int:
        """Return how many bytes a body may have."""
        path: str = scope["path"]
        if path in self.lines and sends_lines(scope):
            return self.lines[path]
        if path in self.files and scope["method"] == "POST":
            return max(self.files[path], self.limit)
        found = (most for begin, most in self.larger.items() if path.startswith(begin))
        return next(found, self.limit)


class Edge:
    """ASGI middleware around the whole service, within the bounds that its state holds.

    What a route's guard leaves in `request.state.headers` is on the answer, whatever it is. The log
    line holds the route's pattern, never the path: a path can carry a link's token. What
    nobody foresaw is answered here too (`failed`), so that its answer has the headers and the line.
    """

    def __init__(self, app: ASGIApp, failed: Callable[[Request, Exception], Response]) -> None:
        self.app = app
        self.failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within the limit, and its answer back, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, answered = time.perf_counter(), False
        bounds: Bounds = scope["app"].state.bounds

        async def sending(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                _log(scope, message["status"], begun)
                headers = MutableHeaders(scope=message)
                headers.update(scope.get("state", {}).get("headers", {}))
                for name, value in bounds.headers(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, _limited(receive, bounds.most(scope)), sending)
        except ClientDisconnect:
            log.info("%s broken off by the client", scope["method"])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered and logged
            answer = await run_in_threadpool(self.failed, Request(scope), error)
            if answered:  # half of it is sent: the server breaks off, and the reader notices
                raise BrokenOff from None
            await answer(scope, receive, sending)


class BrokenOff(RuntimeError):
    """An answer failed half way; why is in the log, without words that may quote an answer."""


def _limited(receive: Receive, limit: int) -> Receive:
    read, whole = 0, False

    async def receiving() -> Message:
        nonlocal read, whole
        try:
            async with asyncio.timeout(None if whole else BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"No more of the body for {BODY_SECONDS} seconds.") from None
        whole = not message.get("more_body", False)
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413, f"The body is larger than {limit // 1024} kilobytes.")
        return message

    return receiving


def _log(scope: Scope, status: int, begun: float) -> None:
    route: Any = scope.get("route")
    pattern = getattr(route, "path", "(no route)")
    milliseconds = (time.perf_counter() - begun) * 1000
    log.info("%s %s %d %.1f ms", scope["method"], pattern, status, milliseconds)


TURNS = 16
"""Requests that may be inside their transaction at a time."""

BATCHES = 4
"""Batches of orders or responses held and worked on at a time; whoever comes later waits."""

BRINGING = 4
"""Requests with files that are read and held at a time; whoever comes later waits."""

SCORINGS = 4
"""Tables that may be held and scored at a time; whoever comes later waits before theirs is read."""


async def whole_body(request: Request) -> None:
    """Read a request's body before its turn, so that who sends slowly keeps nobody waiting.

    For routes that read their body themselves; the others' is read before any dependency runs.
    """
    await request.body()


async def held_body(request: Request) -> AsyncIterator[None]:
    """Read a request's body as `whole_body` does; those that bring files a few at a time."""
    if request.url.path != FILES:
        await request.body()
        yield
        return
    async with request.app.state.files:
        await request.body()
        yield


async def turn(request: Request) -> AsyncIterator[None]:
    """Let a request wait, before it takes a thread or a connection, until there is room for it.

    A request goes through the thread pool once to begin its transaction and again to end it. If
    those that begin took all 40 threads, none would be left for the one that they wait for.
    """
    async with request.app.state.turns:
        yield


class NoPaths(logging.Filter):
    """Keeps the server's own access lines out of the log: their paths can carry a link's token."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        """Let nothing through."""
        return False
