"""Killed at any moment, the service loses nothing that it acknowledged, and keeps nothing half."""

import http.client
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from app import responses
from app.db import Database
from app.models import AuditEvent, Draft, Order, QuestionnaireResponse, Registry, ScoringRun
from tests.sending import PATIENCE, RECEIPT, Browser, Ready, Service, at_once, ready

pytestmark = pytest.mark.uncounted

SEEDS = (1, 20, 300, 4000)
"""One service, killed at one moment, for each."""
CLIENTS = 6
BOTH = ("rand-36", "rand-12")

Table = TypeVar("Table", bound=SQLModel)


@dataclass
class Told:
    """What patients were told before the service was killed: receipts, and that q1 was saved."""

    receipts: dict[Ready, str | None] = field(default_factory=dict)
    saved: list[int] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)


@dataclass
class Kept:
    """Everything that the database holds of orders, at one moment."""

    orders: list[Order]
    drafts: list[Draft]
    responses: list[QuestionnaireResponse]
    runs: list[ScoringRun]
    sent: list[str]
    next_seq: dict[str, int]


@pytest.fixture
def beside(database_url: str) -> Iterator[Database]:
    """The database as the test sees it, beside the service that is killed."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Callable[[], Service]]:
    """Start the service, as often as it is killed."""
    started: list[Service] = []

    def begin() -> Service:
        started.append(Service(database_url, tmp_path / "log"))
        return started[-1]

    yield begin
    for service in started:
        service.kill()


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_kill_what_was_acknowledged_is_there_once_and_nothing_is_half(
    seed: int, beside: Database, start: Callable[[], Service]
) -> None:
    chance, told = random.Random(seed), Told()
    (slow,) = ready(beside, "hips", 1)
    orders = ready(beside, "hips", 40) + ready(beside, "knees", 40, BOTH)
    chance.shuffle(orders)
    service = start()
    kill(service, orders, slow, told, after=chance.randint(5, 40), delay=chance.uniform(0, 0.03))

    service = start()
    found = kept(beside)
    whole_or_not_at_all(found)
    as_told(found, told, slow)
    with Browser(service.port) as browser:  # who was not told tries again, and so do the others
        for one in [*orders, slow]:
            assert browser.post("/form/send", one) == RECEIPT
            shown = receipt_on(browser.page(RECEIPT, one))
            assert told.receipts.get(one) in (None, shown)
    found = kept(beside)
    whole_or_not_at_all(found)
    assert Counter(order.status for order in found.orders) == {"completed": len(orders) + 1}


def kill(
    service: Service, orders: list[Ready], slow: Ready, told: Told, *, after: int, delay: float
) -> None:
    """Send and save from several clients; kill the service soon after so many receipts."""
    print(f"killed {delay * 1000:.1f} ms after receipt {after}")  # noqa: T201 - to repeat it

    def killer() -> None:
        told.enough.wait(PATIENCE)
        threading.Event().wait(delay)
        service.kill()

    shares = [orders[place::CLIENTS] for place in range(CLIENTS)]
    senders = [partial(send, service.port, share, told, after) for share in shares]
    at_once(killer, partial(save, service.port, slow, told), *senders)
    assert len(told.receipts) >= after


def send(port: int, orders: list[Ready], told: Told, after: int) -> None:
    """Send orders, one after another, until the service is gone."""
    with Browser(port) as browser:
        for one in orders:
            try:
                assert browser.post("/form/send", one) == RECEIPT
                told.receipts[one] = None
                if len(told.receipts) >= after:
                    told.enough.set()
                told.receipts[one] = receipt_on(browser.page(RECEIPT, one))
            except (OSError, http.client.HTTPException):
                return


def save(port: int, order: Ready, told: Told) -> None:
    """Change one's mind about the first question until the service is gone."""
    with Browser(port) as browser:
        for code in cycle((1, 2, 3, 4, 5)):
            try:
                assert browser.post("/form/1", order, q1=code) == "/form/2"
            except (OSError, http.client.HTTPException):
                return
            told.saved.append(code)


def receipt_on(page: str) -> str:
    (found,) = re.findall(r'id="receipt">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)
    return str(found)


def kept(database: Database) -> Kept:
    """Read everything as it stands at one moment."""
    with database.read() as session:
        if database.engine.dialect.name == "postgresql":
            session.connection().execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return Kept(
            orders=everything(session, Order),
            drafts=everything(session, Draft),
            responses=everything(session, QuestionnaireResponse),
            runs=everything(session, ScoringRun),
            sent=[
                one.record
                for one in everything(session, AuditEvent)
                if one.what == "order.completed"
            ],
            next_seq={one.id: one.next_seq for one in everything(session, Registry)},
        )


def everything(session: Session, table: type[Table]) -> list[Table]:
    return list(session.exec(select(table)))


def whole_or_not_at_all(found: Kept) -> None:
    """See that each order is either sent, with all that belongs to it, or not, with its draft."""
    completed = [order for order in found.orders if order.status == "completed"]
    waiting = [order for order in found.orders if order.status == "started"]
    assert len(completed) + len(waiting) == len(found.orders) > 0
    asked = [(order.id, one["instrument"]) for order in completed for one in order.instruments]
    assert Counter((one.order_id, one.instrument) for one in found.responses) == Counter(asked)
    assert {draft.order_id for draft in found.drafts} == {order.id for order in waiting}
    assert sorted(found.sent) == sorted(str(order.id) for order in completed)
    assert Counter(run.response_id for run in found.runs) == Counter(
        response.id for response in found.responses
    )
    for registry, following in found.next_seq.items():
        seqs = sorted(run.seq for run in found.runs if run.registry_id == registry)
        assert seqs == list(range(1, following))


def as_told(found: Kept, told: Told, slow: Ready) -> None:
    """See that each receipt is its completed order's, and that an answer saved is there."""
    receipts = {order.id: order.receipt for order in found.orders if order.receipt}
    assert len(set(receipts.values())) == len(receipts)
    for one, shown in told.receipts.items():
        assert shown in (None, receipts[one.order_id])
    (draft,) = [draft for draft in found.drafts if draft.order_id == slow.order_id]
    answers = draft.content["rand-36"]["answers"]
    last = told.saved[-1] if told.saved else 1
    assert answers["q1"] in (last, last % 5 + 1)  # the one after it may have been kept too


def test_when_the_database_server_has_closed_the_connections_new_ones_are_made(
    postgres_url: str,
) -> None:
    service, operator = Database(postgres_url), Database(postgres_url)
    for one in ready(service, "hips", 2):
        with operator.read() as session:
            assert session.connection().execute(text(END_OTHERS)).scalar_one() > 0
        with service.write() as session:
            responses.submit(session, one.visit)
    assert len(kept(operator).responses) == 2
    service.close()
    operator.close()


END_OTHERS = """
    SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""
