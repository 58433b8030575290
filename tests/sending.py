"""Prepares orders that only remain to be sent, and sends them as a patient's browser does."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from app import catalogue, orders, security
from app.db import Database
from app.models import Draft, Order
from app.security import Visit
from tests.conftest import PARTIES, SECRET_KEY, settings_for

FORM = "application/x-www-form-urlencoded"
RECEIPT = "/form/receipt"
PATIENCE = 60.0
"""Seconds after which a test says that something hangs; nothing waits as long when all is well."""
A_WHILE = 0.2
"""Seconds in which a thread that need not wait would be done; a slow machine proves less."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready:
    """An order whose questions are all answered, with what its patient's browser holds."""

    visit: Visit
    cookie: str
    csrf: str

    @property
    def order_id(self) -> UUID:
        return self.visit.order_id

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"{security.VISIT}={self.cookie}", "Content-Type": FORM}

    def body(self, **fields: object) -> str:
        return "&".join(f"{name}={text}" for name, text in {"csrf": self.csrf, **fields}.items())


def ready(
    database: Database, registry: str, number: int, instruments: Sequence[str] = ("rand-36",)
) -> list[Ready]:
    """Order, start, and answer every question, some of them skipped; nothing is sent yet."""
    settings = settings_for("sqlite://")
    made = []
    with database.write() as session:
        for place in range(number):
            new = orders.NewOrder(
                case_id=f"MCE-{place % 50}",
                unit=PARTIES[registry],
                case={},
                time_point="3m",
                instruments=instruments,
                language="nb",
                opens=None,
                closes=None,
                external_id=None,
            )
            order, _ = orders.create(session, settings, registry, "tests", new)
            orders.start(session, orders.hold(session, registry, order.id))
            _answer(session, order, place)
            visit = Visit.of(order)
            cookie = security.sign_visit(settings, visit)
            csrf = security.form_token(settings, visit)
            made.append(Ready(visit, cookie, csrf))
    return made


def _answer(session: Session, order: Order, person: int) -> None:
    mine = (col(Draft.registry_id) == order.registry_id, col(Draft.order_id) == order.id)
    content = {
        asked["instrument"]: answers_of(session, asked["definition_sha256"], person)
        for asked in order.instruments
    }
    session.connection().execute(
        update(Draft).where(*mine).values(content=content, respondent="self")
    )


def answers_of(session: Session, definition_sha256: str, person: int) -> dict[str, Any]:
    """Return a person's answers; every second person skips some questions."""
    instrument = catalogue.definition(session, definition_sha256).instrument
    answers, missing = {}, {}
    for place, item in enumerate(instrument.items, person):
        codes = instrument.codes(item)
        if person % 2 and place % 7 == 0:
            missing[item.id] = "skipped"
        else:
            answers[item.id] = codes[place % len(codes)]
    return {"answers": answers, "missing": missing}


class Browser(AbstractContextManager["Browser"]):
    """A connection to a running service, for one thread and any patients."""

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, path: str, one: Ready, **fields: object) -> str:
        """Send a form; return where the answer leads. Raises OSError or HTTPException if none."""
        self.http.request("POST", path, one.body(**fields), one.headers)
        answer = self.http.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        return answer.headers["Location"]

    def page(self, path: str, one: Ready) -> str:
        """Return a page's text."""
        self.http.request("GET", path, headers=one.headers)
        answer = self.http.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        return text


class Service:
    """The real service in a process of its own, which can be killed."""

    def __init__(self, url: str, log: Path, factory: str = "app.main:from_environment") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.log = log
        knobs = {"SVAR_DATABASE_URL": url, "SVAR_SECRET_KEY": SECRET_KEY}
        serve = ("-m", "uvicorn", "--factory", factory, "--port", str(self.port))
        quiet = ("--no-access-log", "--log-level", "warning")
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, *serve, *quiet], env=os.environ | knobs, stdout=out, stderr=out
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"the service does not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End it as a power cut does: nothing is finished, nothing is tidied up."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it as an operator does."""
        self.process.terminate()
        self.process.wait(PATIENCE)


def at_once(*acts: Callable[[], T]) -> list[T]:
    """Do several things at the same time; return what each gave, or raise what one raised."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(PATIENCE) for done in [pool.submit(act) for act in acts]]


def still_waits(thing: Future[Any]) -> bool:
    """Say whether something is not done after a while."""
    return not wait([thing], A_WHILE).done
