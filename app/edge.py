"""What every request passes first: a limit on its size, safe headers, one line in the log."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings

log = logging.getLogger("svar.access")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

DOCS = HEADERS | {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
}
"""For /docs, whose page starts itself with a script of its own."""

STATIC = HEADERS | {"Cache-Control": "public, max-age=3600"}

HSTS = {"Strict-Transport-Security": "max-age=31536000"}


class Edge:
    """ASGI middleware around the whole service.

    The log line holds the route's pattern, never the path: a path can carry a link's token.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.limit = settings.body_kilobytes * 1024
        self.always = HSTS if settings.secure else {}

    def _headers(self, path: str) -> Mapping[str, str]:
        if path.startswith("/static/"):
            return STATIC | self.always
        return (DOCS if path == "/docs" else HEADERS) | self.always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within the limit, and its answer back, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _log(scope, message["status"], begun)
                headers = MutableHeaders(scope=message)
                for name, value in self._headers(scope["path"]).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, _limited(receive, self.limit), sending)


def _limited(receive: Receive, limit: int) -> Receive:
    read = 0

    async def receiving() -> Message:
        nonlocal read
        message = await receive()
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


class NoPaths(logging.Filter):
    """Keeps the server's own access lines out of the log: their paths can carry a link's token."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        """Let nothing through."""
        return False
