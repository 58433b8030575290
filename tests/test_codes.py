"""Codes are used once, and guessing them leads nowhere, however many try at a time."""

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlmodel import col, select

from app import codes, orders
from app.codes import ALL, TRIES_OF_ALL, TRIES_OF_ONE, NoSuchCode
from app.db import Database
from app.errors import TooMany
from app.models import AuditEvent, EntryCode, EntryTry, now
from app.settings import Settings
from app.tries import KNOWN, PERIOD
from tests.conftest import Party, settings_for
from tests.sending import PATIENCE, at_once, still_waits
from tests.tablet import change_tries, made, plain, tries

CLINIC, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def order_id(hips: Party) -> UUID:
    return UUID(hips.order()["id"])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make hashes quick, for tests of many tries; what is slow about them is tried elsewhere."""
    monkeypatch.setattr(codes, "_hash", lambda _, code: code.encode())


def tried(database: Database, settings: Settings, address: str, code: str = "22222222") -> str:
    """Try a code; return what came of it."""
    try:
        codes.redeem(database, settings, address, code)
    except (NoSuchCode, TooMany) as error:
        return type(error).__name__
    return "in"


def test_a_code_opens_its_order_once(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    code = plain(made(database, settings, order_id).code)
    assert codes.redeem(database, settings, CLINIC, code).id == order_id
    assert tried(database, settings, CLINIC, code) == "NoSuchCode"
    with database.read() as session:
        last = [
            (one.who, one.what, one.record)
            for one in session.exec(select(AuditEvent).order_by(col(AuditEvent.id)))
        ][-1]
        used = session.exec(select(EntryCode.used_at)).one()
    assert last == ("patient", "order.code_used", str(order_id))
    assert used is not None


def test_of_two_tablets_at_once_exactly_one_gets_in(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    for _ in range(4):
        code = plain(made(database, settings, order_id).code)
        came = at_once(*[partial(tried, database, settings, CLINIC, code)] * 4)
        assert Counter(came) == {"in": 1, "NoSuchCode": 3}
        change_tries(database, tries=0)


def test_a_code_and_its_successor_at_once_never_wait_for_each_other(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    for _ in range(4):
        code = plain(made(database, settings, order_id).code)
        came, _ = at_once(
            partial(tried, database, settings, CLINIC, code),
            lambda: made(database, settings, order_id).code,
        )
        assert came in {"in", "NoSuchCode"}


def test_a_code_that_is_used_while_its_successor_is_made_is_of_no_use_and_stops_nobody(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    code = plain(made(database, settings, order_id).code)
    with ThreadPoolExecutor() as pool:
        with database.write() as session:
            orders.unsent(session, "hips", order_id)
            used = pool.submit(tried, database, settings, CLINIC, code)
            assert still_waits(used)
            codes.make(session, settings, "hips", order_id, "tests")
        assert used.result(PATIENCE) == "NoSuchCode"


def test_a_code_is_of_no_use_with_another_key(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    code = plain(made(database, settings, order_id).code)
    other = settings_for("sqlite://").model_copy(
        update={"secret_key": type(settings.secret_key)("another key of more than 32 characters")}
    )
    assert tried(database, other, CLINIC, code) == "NoSuchCode"
    assert tried(database, settings, CLINIC, code) == "in"


def test_a_code_that_does_not_work_is_told_in_the_log_but_neither_it_nor_where_from(
    database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert tried(database, settings, CLINIC, "CANARY22") == "NoSuchCode"
    assert "a code that does not work was tried, from " in caplog.text
    assert "CANARY22" not in caplog.text
    assert CLINIC not in caplog.text


@pytest.mark.usefixtures("quick")
def test_one_address_can_try_so_often_and_then_waits_a_minute_at_most(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    code = made(database, settings, order_id).code
    came = [tried(database, settings, CLINIC) for _ in range(TRIES_OF_ONE + 5)]
    assert Counter(came) == {"NoSuchCode": TRIES_OF_ONE, "TooMany": 5}
    with pytest.raises(TooMany) as caught:  # a right one waits too, and is not used up by that
        codes.redeem(database, settings, CLINIC, plain(code))
    assert 50 < int(caught.value.headers["Retry-After"]) <= 60
    assert tried(database, settings, ELSEWHERE) == "NoSuchCode"
    change_tries(database, since=now() - PERIOD)
    assert tried(database, settings, CLINIC, plain(code)) == "in"


@pytest.mark.usefixtures("quick")
def test_who_waits_does_not_prolong_the_wait(database: Database, settings: Settings) -> None:
    for _ in range(TRIES_OF_ONE):
        tried(database, settings, CLINIC)
    change_tries(database, since=now() - PERIOD + timedelta(seconds=3))
    assert tried(database, settings, CLINIC) == "TooMany"
    with pytest.raises(TooMany) as caught:
        codes.redeem(database, settings, CLINIC, "22222222")
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 3


@pytest.mark.usefixtures("quick")
def test_many_addresses_together_can_try_so_often_and_shut_out_no_clinic_that_is_known(
    database: Database, settings: Settings, hips: Party
) -> None:
    first, second = (plain(made(database, settings, hips.order()["id"]).code) for _ in range(2))
    assert tried(database, settings, CLINIC, first) == "in"
    came = [tried(database, settings, f"203.0.113.{n}") for n in range(TRIES_OF_ALL + 3)]
    assert Counter(came) == {"NoSuchCode": TRIES_OF_ALL, "TooMany": 3}
    assert tried(database, settings, CLINIC, second) == "in"


@pytest.mark.usefixtures("quick")
def test_one_address_that_tries_on_and_on_shuts_out_nobody_else(
    database: Database, settings: Settings
) -> None:
    for _ in range(3 * TRIES_OF_ALL):
        tried(database, settings, CLINIC)
    assert tries(database) == {"one": TRIES_OF_ONE, "*": TRIES_OF_ONE}
    assert tried(database, settings, ELSEWHERE) == "NoSuchCode"


@pytest.mark.usefixtures("quick")
def test_a_clinic_is_known_for_a_while(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    assert tried(database, settings, CLINIC, plain(made(database, settings, order_id).code)) == "in"
    change_tries(database, tries=0)
    tried(database, settings, CLINIC)
    assert tries(database) == {"one": 1, "*": 0}
    change_tries(database, known_at=now() - KNOWN - timedelta(minutes=1))
    tried(database, settings, CLINIC)
    assert tries(database) == {"one": 2, "*": 1}


@pytest.mark.usefixtures("quick")
def test_codes_that_work_are_not_counted_however_many(
    database: Database, settings: Settings, hips: Party
) -> None:
    order = hips.order()["id"]
    for _ in range(TRIES_OF_ALL + 3):
        code = plain(made(database, settings, order).code)
        assert tried(database, settings, CLINIC, code) == "in"
    assert tries(database) == {"one": 0, "*": 0}


@pytest.mark.usefixtures("quick")
def test_a_count_is_never_below_nothing(
    database: Database, settings: Settings, order_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = plain(made(database, settings, order_id).code)

    def slow(_: Settings, text: str) -> bytes:
        change_tries(database, tries=0)  # a new minute began meanwhile
        return text.encode()

    monkeypatch.setattr(codes, "_hash", slow)
    assert tried(database, settings, CLINIC, code) == "in"
    assert tries(database) == {"one": 0, "*": 0}


@pytest.mark.usefixtures("quick")
def test_many_at_once_cannot_try_more_than_one_after_another(
    database: Database, settings: Settings
) -> None:
    came = at_once(*[lambda: tried(database, settings, CLINIC)] * (TRIES_OF_ONE + 6))
    assert Counter(came) == {"NoSuchCode": TRIES_OF_ONE, "TooMany": 6}


@pytest.mark.usefixtures("quick")
def test_a_network_of_ipv6_is_one_address(database: Database, settings: Settings) -> None:
    networks = [f"2001:db8:0:{n // 2}::{n}" for n in range(6)]
    for address in [*networks, "192.0.2.1", "192.0.2.2", "", "testclient"]:
        tried(database, settings, address)
    with database.read() as session:
        rows = session.exec(select(EntryTry)).all()
    assert sorted(row.tries for row in rows if row.who != ALL) == [1, 1, 1, 1, 2, 2, 2]
    assert all(re.fullmatch("[0-9a-f]{32}", row.who) for row in rows if row.who != ALL)


@pytest.mark.usefixtures("quick")
def test_what_was_counted_long_ago_is_forgotten(
    database: Database, settings: Settings, order_id: UUID
) -> None:
    tried(database, settings, ELSEWHERE)
    change_tries(database, since=now() - timedelta(days=2))
    assert tried(database, settings, CLINIC, plain(made(database, settings, order_id).code)) == "in"
    with database.read() as session:
        rows = session.exec(select(EntryTry)).all()
    assert len(rows) == 2  # the clinic's own, and all together


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("K7F3-QXM2", "K7F3QXM2"),
        (" k7f3 qxm2 ", "K7F3QXM2"),
        ("k7f3–qxm2.", "K7F3QXM2"),
        ("K7\u00a0F3\u2011QX\tM2", "K7F3QXM2"),
        ("O0-1I", "O01I"),
        ("", ""),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str, code: str) -> None:
    assert codes.read(typed) == code
