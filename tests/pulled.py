"""Folders that were pulled, and a small service that breaks where it is told to."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.testclient import TestClient

from app.pulling.asking import Service
from app.pulling.credentials import Secret

URL = "http://127.0.0.1:8000"


def through(http: TestClient) -> httpx.MockTransport:
    """Return a way for httpx to the service of a test."""

    def carried(request: httpx.Request) -> httpx.Response:
        there = http.request(
            request.method,
            request.url.raw_path.decode(),
            content=request.content,
            headers=dict(request.headers),
        )
        packed = ("content-encoding", "content-length")
        headers = {name: text for name, text in there.headers.items() if name not in packed}
        return httpx.Response(there.status_code, headers=headers, content=there.content)

    return httpx.MockTransport(carried)


def state_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "svar-pull.json").read_bytes())
    return found


def parts_of(folder: Path, table: str) -> list[Path]:
    """Return the files of a table that the folder's state tells of, in their order."""
    kept = state_of(folder)["tables"].get(table, {"parts": []})
    return [folder / table / part["name"] for part in kept["parts"]]


def files_in(folder: Path) -> list[str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file.relative_to(folder).as_posix() for file in files)


def rows_of(files: Sequence[Path]) -> list[dict[str, str]]:
    """Return the rows of CSV files, one after another."""
    return [
        row
        for file in files
        for row in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))
    ]


class Cut(Exception):
    """The power goes."""


@dataclass
class SmallService:
    """Answers `svar pull` from a list of results, whose names are their tables.

    `broken` is asked what is to be answered in place of the next answers, None for what is right.
    """

    feed: list[str] = field(default_factory=list)
    broken: Iterator[httpx.Response | Exception | None] = field(default_factory=lambda: iter(()))
    lasts: int = 3600
    asked: list[str] = field(default_factory=list)
    tokens: int = 0

    def client(self, told: Callable[[str], None] = print, **more: Any) -> Service:
        """Return what asks this service, without waiting."""
        how: dict[str, Any] = {"tries": 4, "sleep": lambda _: None} | more
        carried = httpx.MockTransport(self.answer)
        return Service(URL, "hips-test", Secret("s"), tell=told, transport=carried, **how)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if request.url.path == "/oauth/token":
            self.tokens += 1
            token = {"access_token": f"token-{self.tokens}", "expires_in": self.lasts}
            return next(self.broken, None) or httpx.Response(200, json=token)  # type: ignore[return-value]
        match next(self.broken, None):
            case Exception() as error:
                raise error
            case httpx.Response() as wrong:
                return wrong
        if request.url.path == "/api/v1/instruments":
            listed = [{"id": name, "version": "1.0"} for name in ("a", "b")]
            return httpx.Response(200, json={"instruments": listed})
        return httpx.Response(200, content=self.table(dict(request.url.params)))

    def table(self, asked: dict[str, str]) -> bytes:
        after, limit = int(asked.get("after") or 0), int(asked.get("limit", 1000))
        rows = [
            f'"{seq:020}","{name}"\n'
            for seq, name in enumerate(self.feed, 1)
            if name == asked["instrument"] and seq > after
        ]
        return ('"cursor","name"\n' + "".join(rows[:limit])).encode()

    def expected(self, name: str) -> list[dict[str, str]]:
        return [
            {"cursor": f"{seq:020}", "name": one}
            for seq, one in enumerate(self.feed, 1)
            if one == name
        ]
