"""A licensed instrument reaches patients by a valid agreement and in its official words only."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from starlette.testclient import TestClient

from app import agreements, orders, reminders
from app.browser import SentFile
from app.catalogue import shape
from app.db import Database
from app.errors import NotFound, Refused
from app.licences import is_fit
from app.models import AuditEvent, now
from app.reminders import Reminder
from app.settings import Settings
from scoring import Instrument
from tests.conftest import Party, path_of
from tests.documents import SMALL, read
from tests.flow import nothing_stored, refusal
from tests.licensed import EQ, PDF, agree, ended_before, make_official

ORDERS = "/api/v1/orders"


def refused(party: Party, **more: Any) -> str:
    answer = party.post(ORDERS, json=party.order_body(instruments=["rand-36", EQ], **more))
    assert refusal(answer, 422) == ["instruments.1"]
    told: str = answer.json()["detail"]
    return told


def test_all_that_a_licensed_instrument_lacks_is_told_at_once_and_whom_to_ask(
    hips: Party, database: Database
) -> None:
    with nothing_stored(database):
        told = refused(hips)
    assert "no agreement with EuroQol Research Foundation that is valid today" in told
    assert "no official wording in nb, only one that patients must not get: placeholder" in told
    assert "Ask EuroQol Research Foundation for a licence, and the PRO centre to enter" in told
    alone = hips.post(ORDERS, json=hips.order_body(instruments=[EQ], language="fi"))
    assert refusal(alone, 422) == ["instruments.0"]
    assert "its languages: en, nb" in alone.json()["detail"]
    unknown = hips.post(ORDERS, json=hips.order_body(language="fi"))
    assert refusal(unknown, 422) == ["language"]


@pytest.mark.parametrize(
    ("has", "lacks"),
    [("agreement", "enter the agreement"), ("words", "load the official wording")],
)
def test_what_is_there_is_not_asked_for(
    hips: Party, database: Database, has: str, lacks: str
) -> None:
    other = {"enter the agreement", "load the official wording"} - {lacks}
    if has == "agreement":
        make_official(database)
    else:
        agree(database)
    told = refused(hips)
    assert lacks in told
    assert not any(words in told for words in other)


def test_with_both_it_is_ordered_and_the_order_keeps_under_which_agreement(
    hips: Party, knees: Party, database: Database, client: TestClient
) -> None:
    make_official(database)
    agreed = agree(database)
    order = hips.order(instruments=[EQ])
    with database.read() as session:
        kept = orders.get(session, "hips", UUID(order["id"])).instruments[0]
    assert kept["agreement"] == str(agreed.id)
    client.get(path_of(order["link"]))
    assert "Made up: " in client.get("/form/").text
    assert "no agreement" in refused(knees)
    assert order["instruments"] == [{"instrument": EQ, "version": "1.0"}]


@pytest.mark.parametrize(
    ("first", "last", "is_valid"),
    [(0, 0, True), (-9, 0, True), (0, 9, True), (1, 9, False), (-9, -1, False)],
)
def test_an_agreement_is_valid_on_its_first_day_and_on_its_last(
    database: Database, settings: Settings, first: int, last: int, *, is_valid: bool
) -> None:
    agreed = agree(database, first=first, last=last)
    with database.read() as session:
        found = agreements.valid(session, "hips", EQ, agreements.today(settings))
        assert (found == agreed) is is_valid
        assert agreements.valid(session, "knees", EQ, agreements.today(settings)) is None
        assert agreements.valid(session, "hips", "odi", agreements.today(settings)) is None


def test_of_a_batch_only_the_lines_that_lack_it_are_refused(
    hips: Party, database: Database
) -> None:
    make_official(database)
    agree(database)
    asked = [{"instruments": [EQ]}, {"instruments": ["odi"]}]
    lines = "\n".join(json.dumps(hips.order_body(**one)) for one in asked)
    answer = hips.post(ORDERS, content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201, 422]


def test_under_an_agreement_that_is_ended_nothing_more_is_ordered_and_what_was_stays(
    hips: Party, database: Database, client: TestClient
) -> None:
    make_official(database, "nb")
    make_official(database, "en")
    agreed = agree(database)
    order = hips.order(instruments=[EQ], external_id="x1")
    with database.write() as session:
        agreements.end(session, agreed.id, "staff:kari@example.org")
        agreements.end(session, agreed.id, "staff:ola@example.org")
    with database.read() as session:
        assert agreements.get(session, agreed.id).ended_by == "staff:kari@example.org"
        acts = [(one.who, one.what, one.record) for one in session.exec(select(AuditEvent))]
    assert ("staff:kari@example.org", "agreement.ended", f"{EQ}/{agreed.id}") in acts
    assert not [one for one in acts if one[0] == "staff:ola@example.org"]
    assert "no agreement" in refused(hips)
    again = hips.order_body(instruments=[EQ], external_id="x1")
    assert hips.post(ORDERS, json=again).json()["id"] == order["id"]
    client.get(path_of(order["link"]))
    assert "Made up: " in client.get("/form/").text
    change = client.patch(f"{ORDERS}/{order['id']}", json={"language": "en"}, headers=hips.headers)
    assert refusal(change, 422) == ["language"]


def test_the_language_of_an_order_is_changed_under_the_agreement_of_that_day(
    hips: Party, database: Database
) -> None:
    make_official(database, "nb")
    make_official(database, "en")
    old = agree(database)
    order = hips.order(instruments=[EQ])
    with database.write() as session:
        agreements.end(session, old.id, "tests' administrator")
    new = agree(database)
    path = f"{ORDERS}/{order['id']}"
    assert hips.http.patch(path, json={"language": "en"}, headers=hips.headers).status_code == 200
    with database.read() as session:
        kept = orders.get(session, "hips", UUID(order["id"])).instruments[0]
    assert kept["agreement"] == str(new.id)


def test_what_is_answered_elsewhere_needs_no_agreement_with_us(hips: Party) -> None:
    answers = [{"mo": 1, "sc": 1, "ua": 1, "pd": 1, "ad": 1, "vas": 90}]
    scored = hips.post(f"/api/v1/score/{EQ}", json={"answers": answers})
    assert scored.status_code == 200, scored.text


@pytest.mark.parametrize("licence", ["free", "attribution", "licensed", "unconfirmed"])
def test_only_words_that_are_fit_are_sent(licence: str) -> None:
    document = read(SMALL / "mean-all.json")
    instrument = shape(
        Instrument, document | {"licence": document["licence"] | {"status": licence}}
    )
    assert is_fit(instrument, "official")
    assert is_fit(instrument, "unreviewed") is (licence != "licensed")
    assert not is_fit(instrument, "placeholder")


ROW = {
    "instrument": EQ,
    "holder": "EuroQol",
    "reference": "17",
    "valid_from": "2026-01-01",
    "valid_to": "2026-12-31",
    "registries": ["hips"],
}


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"instrument": "sf-36"}, ["instrument"]),
        ({"instrument": "a\0"}, ["instrument"]),
        ({"holder": " "}, ["holder"]),
        ({"holder": "a" * 201}, ["holder"]),
        ({"reference": "a\nb"}, ["reference"]),
        ({"valid_from": "1.1.2026"}, ["valid_from"]),
        ({"valid_from": "1999-12-31"}, ["valid_from"]),
        ({"valid_to": "2025-12-31"}, ["valid_to"]),
        ({"valid_to": "2026-02-30", "valid_from": ""}, ["valid_from", "valid_to"]),
        ({"registries": []}, ["registry"]),
        ({"registries": ["hips", "spine"]}, ["registry"]),
        ({"file": SentFile("a.pdf", b"PK\x03\x04")}, ["file"]),
        ({"file": SentFile("a.txt", b"")}, ["file"]),
        ({"file": SentFile("a.txt", b"a\xff")}, ["file"]),
        ({"file": SentFile("a.pdf", b"%PDF-" + b" " * 5_000_000)}, ["file"]),
        ({"holder": "", "registries": []}, ["holder", "registry"]),
    ],
)
def test_everything_that_is_wrong_with_an_agreement_is_named_and_nothing_is_kept(
    database: Database, wrong: dict[str, Any], fields: list[str]
) -> None:
    new: Any = agreements.New(**(ROW | wrong))
    with nothing_stored(database), database.write() as session, pytest.raises(Refused) as caught:
        agreements.add(session, new, "tests")
    assert [one.field for one in caught.value.errors] == fields


@pytest.mark.parametrize(
    ("sent", "name", "kind"),
    [
        (PDF, "avtale.pdf", "application/pdf"),
        (SentFile("..\\..\\x/å.exe", b"\x89PNG\r\n\x1a\n"), "å.png", "image/png"),
        (SentFile('<script>".html', b"\xff\xd8\xff"), "script.jpg", "image/jpeg"),
        (SentFile("...", b"Avtale\r\n"), "agreement.txt", "text/plain"),
    ],
)
def test_a_file_is_what_it_holds_whatever_it_is_called(
    database: Database, sent: SentFile, name: str, kind: str
) -> None:
    agreed = agree(database, file=sent)
    with database.read() as session:
        kept = agreements.file_of(session, agreed.id)
    assert (kept.name, kept.media_type, kept.content) == (name, kind, sent.content)


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE agreement SET valid_to = '2099-01-01'",
        "DELETE FROM agreement",
        "UPDATE agreement_registry SET registry_id = 'knees'",
        "DELETE FROM agreement_registry",
        "UPDATE agreement_file SET name = 'other.pdf'",
        "DELETE FROM agreement_file",
    ],
)
def test_an_agreement_is_never_changed_nor_removed(database: Database, act: str) -> None:
    agree(database, file=PDF)
    with pytest.raises(DBAPIError, match="never changes"), database.write() as session:
        session.connection().execute(text(act))


def test_agreements_that_are_not_there_are_not_found(database: Database) -> None:
    agreed = agree(database)
    with database.read() as session:
        with pytest.raises(NotFound):
            agreements.file_of(session, agreed.id)
        with pytest.raises(NotFound):
            agreements.get(session, uuid4())


DAY = date(2026, 11, 25)
PERIODS = some.lists(
    some.tuples(some.integers(-20, 20), some.integers(0, 9)).map(
        lambda one: (DAY + timedelta(one[0]), DAY + timedelta(one[0] + one[1]))
    ),
    max_size=6,
)


@given(PERIODS)
def test_a_licence_lasts_until_the_first_day_that_no_agreement_covers(
    periods: list[tuple[date, date]],
) -> None:
    until = agreements.covered_until(periods, DAY)
    day = DAY
    while any(first <= day <= last for first, last in periods):
        day += timedelta(days=1)
    assert until == day - timedelta(days=1)


def due(database: Database, settings: Settings) -> list[Reminder]:
    with database.read() as session:
        found = reminders.reminders(session, settings)
        assert found == reminders.reminders(session, settings, EQ)
        assert reminders.reminders(session, settings, "odi") == []
    return found


def test_one_is_reminded_of_an_agreement_that_runs_out_unless_another_goes_on(
    database: Database, settings: Settings
) -> None:
    agree(database, "hips", "knees", last=60)
    agree(database, "knees", first=61, last=200)
    agree(database, "hips", first=62, last=200)
    assert due(database, settings) == [
        Reminder(EQ, "hips", agreements.today(settings) + timedelta(days=60), 0)
    ]
    agree(database, "hips", first=0, last=61)
    assert due(database, settings) == []


def test_one_is_reminded_of_an_agreement_that_has_run_out_as_long_as_orders_are_open(
    hips: Party, database: Database, settings: Settings
) -> None:
    make_official(database)
    agreed = agree(database, "hips", "knees")
    sent = [hips.order(instruments=[EQ, "rand-36"])["id"] for _ in range(3)]
    ended_before(database, agreed, 5)
    assert due(database, settings) == [
        Reminder(EQ, "hips", agreements.today(settings) - timedelta(days=6), 3)
    ]
    hips.post(f"{ORDERS}/{sent[0]}/cancel")
    with database.write() as session:
        other = orders.get(session, "hips", UUID(sent[1]))
        other.opens, other.closes = now() - timedelta(days=2), now() - timedelta(days=1)
        session.add(other)
    assert [one.open_orders for one in due(database, settings)] == [1]
    agree(database, first=3, last=9)
    assert [one.open_orders for one in due(database, settings)] == [1]
